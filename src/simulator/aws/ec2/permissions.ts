import type { IpPermission } from '@aws-sdk/client-ec2';
import ipaddr from 'ipaddr.js';
import { SimulatedError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import type { RuleSource, SecurityGroupRule } from '../state.ts';

/** A permission with one source: what EC2 stores as one security group rule. */
export type SingleRule = Pick<
  SecurityGroupRule,
  'protocol' | 'fromPort' | 'toPort' | 'source' | 'description'
>;

/** Takes permissions apart into rules, after checking ports and sources. */
export function singleRules(
  permissions: readonly IpPermission[] | undefined,
  context: CallContext,
): readonly SingleRule[] {
  if (permissions === undefined || permissions.length === 0) {
    throw new SimulatedError('MissingParameter', 'The request must contain the parameter IpPermissions');
  }
  return permissions.flatMap((permission) => {
    const ports = portsOf(permission);
    const sources = sourcesOf(permission, context);
    if (sources.length === 0)
      throw new SimulatedError('InvalidParameterValue', 'A permission must name a source');
    return sources.map(({ source, description }) => ({ ...ports, source, description }));
  });
}

const numbers: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp', '1': 'icmp', '58': 'icmpv6' };

function portsOf({
  IpProtocol = '-1',
  FromPort,
  ToPort,
}: IpPermission): Pick<SingleRule, 'protocol' | 'fromPort' | 'toPort'> {
  const protocol = numbers[IpProtocol] ?? IpProtocol;
  if (protocol === '-1') return { protocol, fromPort: -1, toPort: -1 };
  const fromPort = FromPort ?? -1;
  const toPort = ToPort ?? -1;
  const ports = protocol === 'tcp' || protocol === 'udp';
  if (ports && (fromPort < 0 || toPort > 65_535 || fromPort > toPort)) {
    throw new SimulatedError(
      'InvalidParameterValue',
      `Invalid value '${fromPort}-${toPort}' for a port range`,
    );
  }
  return { protocol, fromPort, toPort };
}

type Source = { readonly source: RuleSource; readonly description: string | undefined };

function sourcesOf(permission: IpPermission, context: CallContext): readonly Source[] {
  const { state } = context;
  return [
    ...(permission.IpRanges ?? []).map(({ CidrIp = '', Description }) => ({
      source: { kind: 'ipv4' as const, cidr: canonical(CidrIp, 'ipv4') },
      description: checkDescription(Description),
    })),
    ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6 = '', Description }) => ({
      source: { kind: 'ipv6' as const, cidr: canonical(CidrIpv6, 'ipv6') },
      description: checkDescription(Description),
    })),
    ...(permission.UserIdGroupPairs ?? []).map(({ GroupId: groupId = '', Description }) => {
      if (!state.securityGroups.has(groupId))
        throw new SimulatedError('InvalidGroup.NotFound', `The security group '${groupId}' does not exist`);
      return { source: { kind: 'group' as const, groupId }, description: checkDescription(Description) };
    }),
    ...(permission.PrefixListIds ?? []).map(({ PrefixListId: prefixListId = '', Description }) => ({
      source: { kind: 'prefix-list' as const, prefixListId },
      description: checkDescription(Description),
    })),
  ];
}

function checkDescription(description: string | undefined): string | undefined {
  if (description === undefined || /^[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]{0,255}$/.test(description))
    return description;
  throw new SimulatedError('InvalidParameterValue', `Invalid rule description '${description}'`);
}

/** EC2 keeps the network address only: 10.0.0.7/24 becomes 10.0.0.0/24. */
function canonical(cidr: string, kind: 'ipv4' | 'ipv6'): string {
  if (!ipaddr.isValidCIDR(cidr))
    throw new SimulatedError('InvalidParameterValue', `CIDR block ${cidr} is malformed`);
  const [address, length] = ipaddr.parseCIDR(cidr);
  if (address.kind() !== kind)
    throw new SimulatedError('InvalidParameterValue', `CIDR block ${cidr} is malformed`);
  const network =
    kind === 'ipv4' ? ipaddr.IPv4.networkAddressFromCIDR(cidr) : ipaddr.IPv6.networkAddressFromCIDR(cidr);
  return `${network.toString()}/${length}`;
}

export function sourceText(source: RuleSource): string {
  switch (source.kind) {
    case 'ipv4':
    case 'ipv6':
      return source.cidr;
    case 'group':
      return source.groupId;
    case 'prefix-list':
      return source.prefixListId;
  }
}

/** What makes two rules of one group the same rule: everything but the description. */
export const ruleKey = (rule: Omit<SingleRule, 'description'>): string =>
  `${rule.protocol} ${rule.fromPort} ${rule.toPort} ${rule.source.kind} ${sourceText(rule.source)}`;

/** Rules of the same protocol and ports come back as one permission. */
export function renderPermissions(rules: readonly SecurityGroupRule[], account: string): IpPermission[] {
  const groups = Map.groupBy(rules, (rule) => `${rule.protocol} ${rule.fromPort} ${rule.toPort}`);
  return [...groups.values()].map((same) => renderPermission(same, account));
}

function renderPermission(rules: readonly SecurityGroupRule[], account: string): IpPermission {
  const { protocol = '-1', fromPort = -1, toPort = -1 } = rules[0] ?? {};
  const permission = {
    IpProtocol: protocol,
    ...(protocol === '-1' ? {} : { FromPort: fromPort, ToPort: toPort }),
    UserIdGroupPairs: [] as NonNullable<IpPermission['UserIdGroupPairs']>,
    IpRanges: [] as NonNullable<IpPermission['IpRanges']>,
    Ipv6Ranges: [] as NonNullable<IpPermission['Ipv6Ranges']>,
    PrefixListIds: [] as NonNullable<IpPermission['PrefixListIds']>,
  };
  for (const { source, description: Description } of rules) {
    const about = Description === undefined ? {} : { Description };
    if (source.kind === 'ipv4') permission.IpRanges.push({ CidrIp: source.cidr, ...about });
    if (source.kind === 'ipv6') permission.Ipv6Ranges.push({ CidrIpv6: source.cidr, ...about });
    if (source.kind === 'group')
      permission.UserIdGroupPairs.push({ GroupId: source.groupId, UserId: account, ...about });
    if (source.kind === 'prefix-list')
      permission.PrefixListIds.push({ PrefixListId: source.prefixListId, ...about });
  }
  return permission;
}
