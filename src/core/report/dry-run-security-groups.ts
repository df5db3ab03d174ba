import type { DesiredSecurityGroup, SecurityGroupRule } from '../domain/desired-group.ts';
import { groupId, type PlanInput, userTags } from './dry-run-references.ts';

/** A security group as the dry-run plan shows it. */
export function securityGroup(wanted: DesiredSecurityGroup, given: PlanInput): object {
  const { name: groupName, description, tags } = wanted;
  return {
    groupName,
    description,
    tags: userTags(tags),
    ingress: wanted.ingress.map((rule) => permission(rule, given)),
  };
}

function permission(rule: SecurityGroupRule, given: PlanInput): object {
  const { protocol: ipProtocol, fromPort, toPort, source } = rule;
  const description = rule.description || undefined;
  const ports = { ipProtocol, fromPort, toPort };
  switch (source.kind) {
    case 'ipv4':
      return { ...ports, ipRanges: [{ cidrIP: source.cidr, description }] };
    case 'ipv6':
      return { ...ports, ipv6Ranges: [{ cidrIPv6: source.cidr, description }] };
    case 'prefixList':
      return { ...ports, prefixLists: [{ listID: source.id }] };
    case 'securityGroup':
      return { ...ports, userIDGroupPairs: [{ groupID: groupId(source.id, given), description }] };
  }
}
