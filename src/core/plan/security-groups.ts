import { canonical, isEqual } from '../../lib/canonical.ts';
import type { DesiredSecurityGroup, SecurityGroupRule } from '../domain/desired-group.ts';
import { type OperationId, operationId } from '../domain/ids.ts';
import type { ObservedSecurityGroup, ObservedSecurityGroupRule } from '../domain/observed-group.ts';
import type { Operation } from '../domain/operation.ts';
import { limitOf } from '../domain/quotas.ts';
import { differs, missing } from './because.ts';
import type { PlanContext } from './context.ts';
import { isHolding } from './kept.ts';
import { tagChange } from './tags.ts';

/**
 * The group's own (managed) security groups: made, opened and tagged. A revoke comes after the authorise that replaces
 * it (trap 7), unless the security group is full, where it has to come first. Rules that somebody else added stay.
 */
export function securityGroupOperations(context: PlanContext): readonly Operation[] {
  return context.desired.securityGroups.flatMap((wanted) => {
    const found = context.observed.securityGroups.find((group) => group.name === wanted.name);
    return found === undefined ? create(wanted) : change(wanted, found, context);
  });
}

function create(wanted: DesiredSecurityGroup): readonly Operation[] {
  const id = operationId('createSecurityGroup', wanted.id);
  const because = missing(`security group ${wanted.name} of the load balancer`);
  const { name, description, tags } = wanted;
  return [
    { kind: 'createSecurityGroup', id, subject: wanted.id, because, dependsOn: [], name, description, tags },
    ...(wanted.ingress.length === 0
      ? []
      : [
          {
            kind: 'authorizeIngress',
            id: authorizeId(wanted),
            subject: wanted.id,
            because: missing('rules for clients'),
            dependsOn: [id],
            securityGroup: { ref: wanted.id, attribute: 'id' },
            rules: wanted.ingress,
          } as const,
        ]),
  ];
}

/** The operation after which the clients of a listener are let in, if the plan has it. */
export function authorizeId(group: Pick<DesiredSecurityGroup, 'id'>): OperationId {
  return operationId('authorizeIngress', group.id);
}

function change(
  wanted: DesiredSecurityGroup,
  found: ObservedSecurityGroup,
  context: PlanContext,
): readonly Operation[] {
  const before = context.previous?.securityGroups.find((group) => group.id === wanted.id);
  const subject = wanted.id;
  const tags = tagChange(wanted.tags, found.tags, { config: context.config, previous: before?.tags });
  const retag: readonly Operation[] =
    tags === undefined
      ? []
      : [
          {
            kind: 'setSecurityGroupTags',
            id: operationId('setSecurityGroupTags', subject),
            subject,
            because: differs(tags.changes, isEqual(before?.tags, wanted.tags)),
            dependsOn: [],
            securityGroup: found.id,
            add: tags.add,
            remove: tags.remove,
          },
        ];
  const isSame = isEqual(before?.ingress, wanted.ingress);
  const limit = limitOf('rules-per-security-group', context.quotas);
  const unwanted = context.complete && !isHolding(context) ? unwantedRules(wanted, found, context) : [];
  return [...retag, ...ingressOperations(wanted, found, { unwanted, isSame, limit })];
}

/** Rules of ours that nobody wants any more. */
function unwantedRules(
  wanted: DesiredSecurityGroup,
  found: ObservedSecurityGroup,
  context: PlanContext,
): readonly ObservedSecurityGroupRule[] {
  return found.ingress.filter((rule) => !hasRule(wanted.ingress, rule) && isOurs(rule, wanted, context));
}

/** Rules that somebody else added to a security group of ours; none under `foreign: remove`. */
export function foreignRules(
  wanted: DesiredSecurityGroup,
  found: ObservedSecurityGroup,
  context: PlanContext,
): readonly string[] {
  return found.ingress
    .filter((rule) => !hasRule(wanted.ingress, rule) && !isOurs(rule, wanted, context))
    .map(describeRule);
}

/** Ours by its description, or because it was wanted when a plan was last applied (rules of ALBC have no description). */
function isOurs(
  rule: SecurityGroupRule,
  { id }: DesiredSecurityGroup,
  { config: { policy }, previous }: PlanContext,
): boolean {
  if (policy.foreign === 'remove') return true;
  if (policy.clientRuleDescription !== '' && rule.description === policy.clientRuleDescription) return true;
  const before = previous?.securityGroups.find((group) => group.id === id);
  return hasRule(before?.ingress ?? [], rule);
}

const hasRule = (rules: readonly SecurityGroupRule[], rule: SecurityGroupRule): boolean =>
  rules.some((other) => ruleKey(other) === ruleKey(rule));

function ingressOperations(
  { id: subject, ingress }: DesiredSecurityGroup,
  found: ObservedSecurityGroup,
  {
    unwanted: surplus,
    isSame,
    limit,
  }: {
    readonly unwanted: readonly ObservedSecurityGroupRule[];
    readonly isSame: boolean;
    readonly limit: number;
  },
): readonly Operation[] {
  const absent = ingress.filter((rule) => !hasRule(found.ingress, rule));
  const isFull = found.ingress.length + absent.length > limit;
  const authorize = authorizeId({ id: subject });
  const revoke = operationId('revokeIngress', subject);
  const operations: Operation[] = [];
  if (absent.length > 0) {
    const changes = absent.map((rule) => ({ field: 'ingress', from: '', to: describeRule(rule) }));
    const dependsOn = isFull && surplus.length > 0 ? [revoke] : [];
    const because = differs(changes, isSame);
    operations.push({
      kind: 'authorizeIngress',
      id: authorize,
      subject,
      because,
      dependsOn,
      securityGroup: found.id,
      rules: absent,
    });
  }
  if (surplus.length > 0) {
    const changes = surplus.map((rule) => ({ field: 'ingress', from: describeRule(rule), to: '' }));
    const dependsOn = !isFull && absent.length > 0 ? [authorize] : [];
    const ruleIds = surplus.map((rule) => rule.ruleId);
    operations.push({
      kind: 'revokeIngress',
      id: revoke,
      subject,
      because: differs(changes, isSame),
      dependsOn,
      securityGroup: found.id,
      ruleIds,
    });
  }
  return operations;
}

/** Identity of a rule in EC2: everything but the description (a second one with the same is InvalidPermission.Duplicate). */
export function ruleKey({ protocol, fromPort, toPort, source }: SecurityGroupRule): string {
  return canonical({ protocol, fromPort, toPort, source });
}

/** For plans; the same for equal rules. */
export function describeRule({ protocol, fromPort, toPort, source }: SecurityGroupRule): string {
  const from =
    'cidr' in source ? source.cidr : source.kind === 'prefixList' ? source.id : canonical(source.id);
  return `${protocol} ${fromPort === toPort ? fromPort : `${fromPort}-${toPort}`} from ${from}`;
}
