// Things of an account that somebody names without having made them, so that manifests of another account can be tried.

import { createHash } from 'node:crypto';
import { selfSigned } from './acm/self-signed.ts';
import { newSecurityGroup } from './ec2/security-groups.ts';
import { createTargetGroup } from './elbv2/target-groups.ts';
import { wish } from './ids.ts';
import type { CallContext } from './operation.ts';
import { arn } from './state.ts';
import { setTags, tagsOf } from './tags.ts';

export type NamedThing = {
  readonly kind:
    | 'certificate'
    | 'security group'
    | 'subnet'
    | 'trust store'
    | 'target group'
    | 'web ACL'
    | 'elastic address'
    | 'prefix list';
  /** Id, ARN, or where AWS has one the name. */
  readonly name: string;
  /** Of a certificate: its hosts. */
  readonly hosts?: readonly string[];
  /** Of a target group. */
  readonly targetType?: string;
};

/** Makes what does not exist yet, in one VPC and its region; answers what it made. */
export function standIn(
  wanted: readonly NamedThing[],
  vpcId: string,
  context: CallContext,
): readonly NamedThing[] {
  return wanted.filter((thing) => makers[thing.kind](thing, { ...context, vpcId }));
}

type Place = CallContext & { readonly vpcId: string };

/** True: it was made. */
const makers: Readonly<Record<NamedThing['kind'], (thing: NamedThing, place: Place) => boolean>> = {
  certificate: ({ name, hosts = [] }, { state, now }) => {
    if (state.certificates.has(name)) return false;
    const names = hosts.length > 0 ? hosts : ['stand-in.example'];
    state.certificates.set(name, {
      arn: name,
      domainName: names[0] ?? '',
      names,
      type: 'IMPORTED',
      status: 'ISSUED',
      createdAt: now,
      keyAlgorithm: 'EC_prime256v1',
      chainPem: undefined,
      ...selfSigned(names, now),
    });
    return true;
  },
  'security group': ({ name }, place) => {
    const { state, vpcId } = place;
    const groups = [...state.securityGroups.keys()];
    if (state.securityGroups.has(name) || groups.some((id) => isNamed(id, name, place))) return false;
    if (/^sg-[0-9a-z]+$/.test(name)) wish(state.ids, 'sg', name);
    const group = newSecurityGroup({ name: `stand-in-${name}`, description: 'stand-in', vpcId }, place);
    setTags(place, group.id, new Map([['Name', name]]));
    return true;
  },
  subnet: ({ name }, place) => {
    const { state, vpcId } = place;
    const subnets = [...state.subnets.keys()];
    if (state.subnets.has(name) || subnets.some((id) => isNamed(id, name, place))) return false;
    const made = subnets.filter((id) => tagsOf(state, id).has(standInTag)).length;
    const id = name.startsWith('subnet-') ? name : `subnet-${hash(name)}`;
    // A load balancer has one subnet in a zone, so neighbours in a list stand in different ones.
    const letter = 'abcdef'[made % 6] ?? 'a';
    state.subnets.set(id, {
      id,
      vpcId,
      zone: `${state.region}${letter}`,
      zoneId: `${state.region.replace(/^([a-z]+)-([a-z])[a-z]*-(\d+)$/, '$1$2$3')}-az${'abcdef'.indexOf(letter) + 1}`,
      cidr: `10.0.${192 + (made % 64)}.0/24`,
      ipv6Cidr: `2600:1f14:aaaa:bb${(16 + (made % 200)).toString(16)}::/64`,
      outpostArn: undefined,
    });
    setTags(
      place,
      id,
      new Map([
        ['Name', name],
        [standInTag, ''],
      ]),
    );
    for (const table of state.routeTables.values()) {
      const isPublic = table.routes.some(({ gatewayId }) => gatewayId.startsWith('igw-'));
      if (isPublic) table.associations.set(`rtbassoc-${hash(name)}`, id);
    }
    return true;
  },
  'trust store': ({ name }, { state, now }) => {
    const isArn = name.startsWith('arn:');
    if ([...state.trustStores.values()].some((one) => (isArn ? one.arn : one.name) === name)) return false;
    const id = isArn ? name : arn(state, 'elasticloadbalancing', `truststore/${name}/${hash(name)}`);
    const shortName = isArn ? (name.split('/')[1] ?? name) : name;
    state.trustStores.set(id, { arn: id, name: shortName, createdAt: now, caCertificates: 1 });
    return true;
  },
  'target group': ({ name, targetType = 'instance' }, place) => {
    const { state, vpcId } = place;
    const isArn = name.startsWith('arn:');
    const groups = [...state.targetGroups.values()];
    if (groups.some((one) => (isArn ? one.arn : one.name) === name)) return false;
    const short = isArn ? (name.split('/')[1] ?? '') : name;
    const input = { Name: short, TargetType: targetType, Protocol: 'HTTP', Port: 80, VpcId: vpcId };
    const [made] =
      createTargetGroup(input as Parameters<typeof createTargetGroup>[0], place).TargetGroups ?? [];
    const group = state.targetGroups.get(made?.TargetGroupArn ?? '');
    if (isArn && group !== undefined) {
      state.targetGroups.delete(group.arn);
      state.targetGroups.set(name, { ...group, arn: name });
    }
    return true;
  },
  'web ACL': ({ name }, { state }) => {
    const isArn = name.startsWith('arn:');
    if ([...state.webAcls.values()].some((one) => (isArn ? one.arn : one.name) === name)) return false;
    const id = hash(name);
    const [, , aclName = name, ownId = id] = isArn
      ? (name.split(':').at(-1) ?? '').split('/')
      : ['', '', name];
    const acl = { id: ownId, name: aclName, scope: 'REGIONAL' };
    const aclArn = isArn ? name : arn(state, 'wafv2', `regional/webacl/${name}/${id}`);
    state.webAcls.set(aclArn, { arn: aclArn, ...acl });
    return true;
  },
  'elastic address': ({ name }, { state }) => {
    if (state.addresses.has(name)) return false;
    state.addresses.set(name, { allocationId: name, publicIp: `203.0.113.${state.addresses.size + 1}` });
    return true;
  },
  'prefix list': ({ name }, { state }) => {
    if (state.prefixLists.has(name)) return false;
    state.prefixLists.set(name, { id: name, name, maxEntries: 1, cidrs: ['198.51.100.0/24'] });
    return true;
  },
};

const standInTag = 'stand-in';

const isNamed = (id: string, name: string, { state }: Place): boolean =>
  tagsOf(state, id).get('Name') === name;

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
