// Branded identifiers: a raw string never crosses two folders, so an ARN cannot be passed where a name is meant.

declare const brand: unique symbol;
type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** `namespace/name` of a Kubernetes object; only the name for cluster-scoped ones. */
export type NamespacedName = Brand<string, 'NamespacedName'>;
/** Identity of a group: the group's name, or `namespace/name` of the one Ingress of an implicit group. */
export type GroupKey = Brand<string, 'GroupKey'>;
/** Our own name of an AWS resource inside a plan, such as `target-group/k8s-shop-web-0123456789`. */
export type ResourceId = Brand<string, 'ResourceId'>;
/** Identity of an operation inside one plan: its kind and its subject. */
export type OperationId = Brand<string, 'OperationId'>;
export type LoadBalancerArn = Brand<string, 'LoadBalancerArn'>;
export type ListenerArn = Brand<string, 'ListenerArn'>;
export type RuleArn = Brand<string, 'RuleArn'>;
export type TargetGroupArn = Brand<string, 'TargetGroupArn'>;
export type CertificateArn = Brand<string, 'CertificateArn'>;
export type SecurityGroupId = Brand<string, 'SecurityGroupId'>;
export type SubnetId = Brand<string, 'SubnetId'>;
export type VpcId = Brand<string, 'VpcId'>;

/** Joins namespace and name; a cluster-scoped object has the namespace ''. */
export function namespacedName(namespace: string, name: string): NamespacedName {
  return (namespace === '' ? name : `${namespace}/${name}`) as NamespacedName;
}

/** For texts that are known to be keys; membership.ts makes them from Ingresses. */
export function groupKey(text: string): GroupKey {
  return text as GroupKey;
}

/** Names a resource inside a plan, whether or not AWS has it. */
export function resourceId(kind: string, ...path: readonly string[]): ResourceId {
  return [kind, ...path].join('/') as ResourceId;
}

/** Unique in a plan; `detail` where one kind of operation is done twice to a subject. */
export function operationId(kind: string, subject: ResourceId, detail?: string): OperationId {
  return `${kind} ${subject}${detail === undefined ? '' : ` ${detail}`}` as OperationId;
}
