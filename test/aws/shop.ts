import type { Attributes, OperationKind, OperationOf } from '../../src/core/domain/operation.ts';
import { groupKey, operationId, resourceId } from '../../src/core/domain/ids.ts';
import type {
  ListenerArn,
  LoadBalancerArn,
  SecurityGroupId,
  SubnetId,
  TargetGroupArn,
} from '../../src/core/domain/ids.ts';
import type { Action } from '../../src/core/domain/rule.ts';
import { clusterName, type LocalAws, lookNothing } from './local-aws.ts';
import { healthCheck } from '../core/desired/models.ts';

export const key = groupKey('shop');

/** Ownership tags of the group `shop`. */
export const tagsOf = (resource: string): Record<string, string> => ({
  'elbv2.k8s.aws/cluster': clusterName,
  'ingress.k8s.aws/stack': key,
  'ingress.k8s.aws/resource': resource,
});

type Fields<Kind extends OperationKind> = Omit<
  OperationOf<Kind>,
  'kind' | 'id' | 'subject' | 'because' | 'dependsOn'
>;

/** An operation of a plan, on the subject `thing/<name>`. */
export function operation<Kind extends OperationKind>(
  kind: Kind,
  fields: Fields<Kind>,
  name = 'it',
): OperationOf<Kind> {
  const subject = resourceId('thing', name);
  const because = { reason: 'missing', text: 'a test wants it' } as const;
  return {
    kind,
    id: operationId(kind, subject),
    subject,
    because,
    dependsOn: [],
    ...fields,
  } as unknown as OperationOf<Kind>;
}

/** Carries out one operation that refers to nothing. */
export function apply<Kind extends OperationKind>(
  { aws, settled, signal }: LocalAws,
  kind: Kind,
  fields: Fields<Kind>,
): Promise<Attributes> {
  const handle = aws.handlers[kind] as (
    operation: OperationOf<Kind>,
    look: typeof lookNothing,
    options: { readonly signal: AbortSignal },
  ) => Promise<Attributes>;
  return settled(handle(operation(kind, fields), lookNothing, { signal }));
}

export const targetGroupSpec = (name: string): OperationOf<'createTargetGroup'>['spec'] => ({
  id: resourceId('target-group', name),
  name,
  targetType: 'ip',
  port: 80,
  protocol: 'HTTP',
  protocolVersion: 'HTTP1',
  ipAddressType: 'ipv4',
  targetControlPort: undefined,
  healthCheck,
  attributes: {},
  tags: tagsOf(name),
});

export const loadBalancerSpec = (
  local: LocalAws,
  name: string,
): OperationOf<'createLoadBalancer'>['spec'] => ({
  id: resourceId('load-balancer', name),
  name,
  scheme: 'internet-facing',
  ipAddressType: 'ipv4',
  subnets: [local.id('subnet/public-a') as SubnetId, local.id('subnet/public-b') as SubnetId],
  securityGroups: [local.id('sg/nodes') as SecurityGroupId],
  attributes: {},
  customerOwnedIpv4Pool: undefined,
  ipamPoolId: undefined,
  capacityUnits: undefined,
  webAclArn: undefined,
  classicWebAclId: undefined,
  shieldProtection: undefined,
  tags: tagsOf('LoadBalancer'),
});

export const notFound: Action<TargetGroupArn> = {
  kind: 'fixed-response',
  statusCode: '404',
  contentType: 'text/plain',
  messageBody: undefined,
};

export type Shop = {
  readonly loadBalancer: LoadBalancerArn;
  readonly listener: ListenerArn;
  readonly targetGroups: readonly TargetGroupArn[];
};

/** A load balancer with a listener on 443 (certificate `app.example.com`) and two target groups, made by the handlers. */
export async function openShop(
  local: LocalAws,
  names: readonly string[] = ['k8s-shop-web', 'k8s-shop-api'],
): Promise<Shop> {
  const targetGroups: TargetGroupArn[] = [];
  for (const name of names) {
    const { arn } = await apply(local, 'createTargetGroup', { spec: targetGroupSpec(name) });
    targetGroups.push(arn as TargetGroupArn);
  }
  const created = await apply(local, 'createLoadBalancer', { spec: loadBalancerSpec(local, 'k8s-shop') });
  const loadBalancer = created.arn as LoadBalancerArn;
  const { arn } = await apply(local, 'createListener', {
    loadBalancer,
    spec: {
      port: 443,
      protocol: 'HTTPS',
      sslPolicy: 'ELBSecurityPolicy-2016-08',
      defaultActions: [notFound],
      certificateArn: local.id('cert/app.example.com'),
      mutualAuthentication: undefined,
    },
    tags: tagsOf('443'),
  });
  return { loadBalancer, listener: arn as ListenerArn, targetGroups };
}

export const shopWorld = {
  certificates: [['app.example.com'], ['other.example.com']],
  knobs: { quotas: { 'reserved-capacity-units-per-region': 1000 } },
} as const;
