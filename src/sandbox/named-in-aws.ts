// What manifests name of an AWS account by id, ARN or name, so that the local one can have it.

import { parseList } from '../core/annotations/values.ts';
import { fullKey } from '../core/annotations/table.ts';
import type { ClusterObject, Ingress, IngressClassParams } from '../core/domain/cluster.ts';
import type { NamedThing } from '../simulator/aws/stand-ins.ts';
import { hostsOf } from './hosts.ts';

/** Everything that an annotation of an Ingress, IngressClassParams or a TargetGroupBinding names; what cannot be read is left to the controller. */
export function namedInAws(objects: readonly ClusterObject[]): readonly NamedThing[] {
  const things = objects.flatMap((object): readonly NamedThing[] => {
    if (object.kind === 'Ingress') return ofIngress(object);
    if (object.kind === 'IngressClassParams') return ofParams(object);
    if (object.kind !== 'TargetGroupBinding') return [];
    const { targetGroupArn, targetGroupName, targetType } = object;
    const name = targetGroupArn ?? targetGroupName;
    return name === undefined ? [] : [{ kind: 'target group', name, ...(targetType && { targetType }) }];
  });
  // Where several name the same thing, one of them may say more of it.
  const all = Map.groupBy(things, ({ kind, name }) => `${kind} ${name}`).values();
  return [...all].flatMap(([first, ...more]) => first && Object.assign({}, first, ...more)).filter(isWhole);
}

/** A placeholder that nobody filled in is a mistake to be told, not a thing to be made. */
const isWhole = ({ name }: NamedThing): boolean => !/[\s<>${}]/.test(name) && name !== 'none';

const lists = {
  'certificate-arn': 'certificate',
  'security-groups': 'security group',
  'frontend-nlb-security-groups': 'security group',
  subnets: 'subnet',
  'frontend-nlb-subnets': 'subnet',
  'wafv2-acl-arn': 'web ACL',
  'wafv2-acl-name': 'web ACL',
  'frontend-nlb-eip-allocations': 'elastic address',
  'security-group-prefix-lists': 'prefix list',
} as const;

function ofIngress(ingress: Ingress): readonly NamedThing[] {
  const { annotations } = ingress.meta;
  const hosts = hostsOf([ingress]);
  const listed = Object.entries(lists).flatMap(([key, kind]) => {
    const entries = parseList(annotations[fullKey(key)] ?? '');
    return entries.ok
      ? entries.value.map((name) => ({ kind, name, ...(kind === 'certificate' && { hosts }) }))
      : [];
  });
  const stores = fieldsNamed(annotations[fullKey('mutual-authentication')], ['truststore']);
  const actions = Object.entries(annotations).flatMap(([key, value]) =>
    key.startsWith(fullKey('actions.')) ? fieldsNamed(value, ['targetgrouparn', 'targetgroupname']) : [],
  );
  return [
    ...listed,
    ...stores.map((name): NamedThing => ({ kind: 'trust store', name })),
    ...actions.map((name): NamedThing => ({ kind: 'target group', name })),
  ];
}

function ofParams(params: IngressClassParams): readonly NamedThing[] {
  const acls = [params.wafv2AclArn, params.wafv2AclName].filter((acl) => acl !== undefined);
  return [
    ...(params.certificateArns ?? []).map((name): NamedThing => ({ kind: 'certificate', name })),
    ...(params.subnetIds ?? []).map((name): NamedThing => ({ kind: 'subnet', name })),
    ...(params.prefixListIds ?? []).map((name): NamedThing => ({ kind: 'prefix list', name })),
    ...acls.map((name): NamedThing => ({ kind: 'web ACL', name })),
  ];
}

/** The texts of the fields of these names (in any case, as Go reads them), however deep; none of what is not JSON. */
function fieldsNamed(json: string | undefined, names: readonly string[]): readonly string[] {
  const found: string[] = [];
  try {
    JSON.parse(json ?? 'null', (key, value: unknown) => {
      if (typeof value === 'string' && value !== '' && names.includes(key.toLowerCase())) found.push(value);
      return value;
    });
  } catch {
    return [];
  }
  return found;
}
