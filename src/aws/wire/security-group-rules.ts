// Ingress rules of security groups: the domain's form and AWS's, in both directions.
//
// EC2 identifies a rule by its protocol, ports and source (authorising the same again is InvalidPermission.Duplicate), so these
// make the `ruleId` here. That spares a DescribeSecurityGroupRules beside every DescribeSecurityGroups, and a revoke needs
// no answer of an authorise.

import type { IpPermission } from '@aws-sdk/client-ec2';
import type { SecurityGroupRule } from '../../core/domain/desired-group.ts';
import type { SecurityGroupId } from '../../core/domain/ids.ts';
import { InvariantError } from '../../core/domain/invariant-error.ts';
import type { ObservedSecurityGroupRule } from '../../core/domain/observed-group.ts';
import { never } from '../../lib/never.ts';

/** A rule whose source, if it is a security group, is known by its id. */
export type ResolvedRule = Omit<SecurityGroupRule, 'source'> & {
  readonly source: Exclude<SecurityGroupRule['source'], { kind: 'securityGroup' }> | ResolvedGroupSource;
};
type ResolvedGroupSource = { readonly kind: 'securityGroup'; readonly id: SecurityGroupId };

/** One permission for each rule, described. */
export function wirePermission(rule: ResolvedRule): IpPermission {
  // EC2 wants no description rather than an empty one.
  const described = rule.description === '' ? {} : { Description: rule.description };
  const permission = { IpProtocol: rule.protocol, FromPort: rule.fromPort, ToPort: rule.toPort };
  const { source } = rule;
  switch (source.kind) {
    case 'ipv4':
      return { ...permission, IpRanges: [{ CidrIp: source.cidr, ...described }] };
    case 'ipv6':
      return { ...permission, Ipv6Ranges: [{ CidrIpv6: source.cidr, ...described }] };
    case 'prefixList':
      return { ...permission, PrefixListIds: [{ PrefixListId: source.id, ...described }] };
    case 'securityGroup':
      return { ...permission, UserIdGroupPairs: [{ GroupId: source.id, ...described }] };
    default:
      return never(source);
  }
}

/** `tcp/80_80/ipv4/0.0.0.0/0`. */
export function ruleIdOf({ protocol, fromPort, toPort, source }: ResolvedRule): string {
  const from = source.kind === 'ipv4' || source.kind === 'ipv6' ? source.cidr : source.id;
  return `${protocol}/${fromPort}_${toPort}/${source.kind}/${from}`;
}

/** The permission that a `ruleId` stands for, without description, which a revoke does not need. */
export function permissionOfRuleId(ruleId: string): IpPermission {
  const [, protocol = '', fromPort, toPort, kind = '', from = ''] =
    /^([^/]+)\/(-?\d+)_(-?\d+)\/(ipv4|ipv6|prefixList|securityGroup)\/(.+)$/.exec(ruleId) ?? [];
  if (from === '') throw new InvariantError(`not the id of a security group rule: ${ruleId}`);
  const ports = { fromPort: Number(fromPort), toPort: Number(toPort) };
  return wirePermission({ protocol, ...ports, source: sourceOf(kind, from), description: '' });
}

function sourceOf(kind: string, from: string): ResolvedRule['source'] {
  if (kind === 'ipv4' || kind === 'ipv6') return { kind, cidr: from };
  return kind === 'prefixList' ? { kind, id: from } : { kind: 'securityGroup', id: from as SecurityGroupId };
}

/** EC2 groups the sources of equal protocol and ports; here each source is a rule. In order of `ruleId`. */
export function observedRules(
  permissions: readonly IpPermission[] = [],
): readonly ObservedSecurityGroupRule[] {
  const rules = permissions.flatMap(rulesOfPermission);
  return rules
    .map((rule) => ({ ...rule, ruleId: ruleIdOf(rule) }))
    .toSorted((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
}

function rulesOfPermission(permission: IpPermission): readonly ResolvedRule[] {
  // "All traffic" (`-1`) has no ports.
  const { IpProtocol: protocol = '-1', FromPort: fromPort = -1, ToPort: toPort = -1 } = permission;
  const { IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] } = permission;
  const rule = (source: ResolvedRule['source'], description = ''): ResolvedRule => ({
    protocol,
    fromPort,
    toPort,
    source,
    description,
  });
  return [
    ...IpRanges.map((range) => rule({ kind: 'ipv4', cidr: range.CidrIp ?? '' }, range.Description)),
    ...Ipv6Ranges.map((range) => rule({ kind: 'ipv6', cidr: range.CidrIpv6 ?? '' }, range.Description)),
    ...PrefixListIds.map((list) =>
      rule({ kind: 'prefixList', id: list.PrefixListId ?? '' }, list.Description),
    ),
    ...UserIdGroupPairs.map((pair) =>
      rule({ kind: 'securityGroup', id: (pair.GroupId ?? '') as SecurityGroupId }, pair.Description),
    ),
  ];
}
