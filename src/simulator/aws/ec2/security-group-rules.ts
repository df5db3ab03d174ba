import type {
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  IpPermission,
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult,
  SecurityGroupRule as SdkRule,
} from '@aws-sdk/client-ec2';
import { SimulatedError } from '../errors.ts';
import { ec2Id } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import type { SecurityGroup, SecurityGroupRule } from '../state.ts';
import { setTags, visibleTags } from '../tags.ts';
import { applyFilters } from './filters.ts';
import { ec2Page } from './paging.ts';
import { ruleKey, singleRules } from './permissions.ts';
import { findSecurityGroup } from './security-groups.ts';
import { newTags } from './tag-operations.ts';

type Request = AuthorizeSecurityGroupIngressRequest;

/** The old form names a single permission by fields of the request itself. */
function permissionsOf(input: Request): IpPermission[] | undefined {
  if (input.IpPermissions !== undefined || input.IpProtocol === undefined) return input.IpPermissions;
  return [
    {
      IpProtocol: input.IpProtocol,
      FromPort: input.FromPort,
      ToPort: input.ToPort,
      ...(input.CidrIp === undefined ? {} : { IpRanges: [{ CidrIp: input.CidrIp }] }),
    },
  ];
}

/** Adds rules, all or none. A rule that is there already is an error, whatever its description. */
const authorize = (
  egress: boolean,
  input: Request,
  context: CallContext,
): AuthorizeSecurityGroupIngressResult => {
  const { state } = context;
  const group = findSecurityGroup(input.GroupId, context);
  const wanted = singleRules(permissionsOf(input), context);
  const taken = new Set(rulesOf(group, egress).map(ruleKey));
  for (const rule of wanted) {
    const key = ruleKey(rule);
    if (taken.has(key)) {
      throw new SimulatedError(
        'InvalidPermission.Duplicate',
        `the specified rule "peer: ${key}" already exists`,
      );
    }
    taken.add(key);
  }
  const added = wanted.map(
    (rule): SecurityGroupRule => ({ id: ec2Id(state.ids, 'sgr'), groupId: group.id, egress, ...rule }),
  );
  const tags = newTags('security-group-rule', input.TagSpecifications, context);
  checkLimit([...rulesOf(group, egress), ...added], context);
  for (const rule of added) {
    group.rules.set(rule.id, rule);
    setTags(context, rule.id, tags);
  }
  return { Return: true, SecurityGroupRules: added.map((rule) => render(rule, context)) };
};

type Authorize = (input: Request, context: CallContext) => AuthorizeSecurityGroupIngressResult;
export const authorizeSecurityGroupIngress: Authorize = (input, context) => authorize(false, input, context);
export const authorizeSecurityGroupEgress: Authorize = (input, context) => authorize(true, input, context);

const rulesOf = (group: SecurityGroup, egress: boolean): readonly SecurityGroupRule[] =>
  [...group.rules.values()].filter((rule) => rule.egress === egress);

/** IPv4 and IPv6 rules count apart; a group counts for both; a prefix list counts its maximum of entries. */
function checkLimit(rules: readonly SecurityGroupRule[], { state, knobs }: CallContext): void {
  const limit = knobs.quotas['rules-per-security-group'];
  const weight = ({ source }: SecurityGroupRule): number =>
    source.kind === 'prefix-list' ? (state.prefixLists.get(source.prefixListId)?.maxEntries ?? 1) : 1;
  for (const other of ['ipv4', 'ipv6']) {
    const total = rules
      .filter(({ source }) => source.kind !== other)
      .reduce((sum, rule) => sum + weight(rule), 0);
    if (total > limit)
      throw new SimulatedError(
        'RulesPerSecurityGroupLimitExceeded',
        `The maximum number of rules per security group has been reached: ${limit}`,
      );
  }
}

/** Takes rules away by id or by permission. */
const revoke = (
  egress: boolean,
  input: RevokeSecurityGroupIngressRequest,
  context: CallContext,
): RevokeSecurityGroupIngressResult => {
  const group = findSecurityGroup(input.GroupId, context);
  const ids = input.SecurityGroupRuleIds ?? [];
  const removed =
    ids.length > 0
      ? ids.map((id) => ruleById(id, group))
      : singleRules(permissionsOf(input), context).map((rule) => {
          const found = rulesOf(group, egress).find((own) => ruleKey(own) === ruleKey(rule));
          if (found === undefined)
            throw new SimulatedError(
              'InvalidPermission.NotFound',
              'The specified rule does not exist in this security group.',
            );
          return found;
        });
  for (const rule of removed) {
    group.rules.delete(rule.id);
    context.state.tags.delete(rule.id);
  }
  return { Return: true };
};

type Revoke = (
  input: RevokeSecurityGroupIngressRequest,
  context: CallContext,
) => RevokeSecurityGroupIngressResult;
export const revokeSecurityGroupIngress: Revoke = (input, context) => revoke(false, input, context);
export const revokeSecurityGroupEgress: Revoke = (input, context) => revoke(true, input, context);

function ruleById(id: string, group: SecurityGroup): SecurityGroupRule {
  const rule = group.rules.get(id);
  if (rule === undefined)
    throw new SimulatedError(
      'InvalidSecurityGroupRuleId.NotFound',
      `The security group rule ID '${id}' does not exist`,
    );
  return rule;
}

export function describeSecurityGroupRules(
  input: DescribeSecurityGroupRulesRequest,
  context: CallContext,
): DescribeSecurityGroupRulesResult {
  const { state } = context;
  const all = [...state.securityGroups.values()].flatMap((group) => [...group.rules.values()]);
  const ids = input.SecurityGroupRuleIds ?? [];
  const chosen = ids.length === 0 ? all : all.filter(({ id }) => ids.includes(id));
  if (ids.length > chosen.length)
    throw new SimulatedError(
      'InvalidSecurityGroupRuleId.NotFound',
      'A security group rule ID does not exist',
    );
  const found = applyFilters(chosen, input.Filters, {
    state,
    values: { 'group-id': ({ groupId }) => [groupId], 'security-group-rule-id': ({ id }) => [id] },
  });
  const { items, NextToken } = ec2Page(found, input, context);
  return { SecurityGroupRules: items.map((rule) => render(rule, context)), NextToken };
}

function render(rule: SecurityGroupRule, context: CallContext): SdkRule {
  const { source } = rule;
  return {
    SecurityGroupRuleId: rule.id,
    GroupId: rule.groupId,
    GroupOwnerId: context.state.account,
    IsEgress: rule.egress,
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    CidrIpv4: source.kind === 'ipv4' ? source.cidr : undefined,
    CidrIpv6: source.kind === 'ipv6' ? source.cidr : undefined,
    PrefixListId: source.kind === 'prefix-list' ? source.prefixListId : undefined,
    ReferencedGroupInfo:
      source.kind === 'group' ? { GroupId: source.groupId, UserId: context.state.account } : undefined,
    Description: rule.description,
    Tags: visibleTags(context, rule.id),
  };
}
