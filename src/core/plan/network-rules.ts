import type { Known, SecurityGroupRule } from '../domain/desired-group.ts';
import { type OperationId, type SecurityGroupId, operationId, resourceId } from '../domain/ids.ts';
import { sharedRuleDescription } from '../domain/network.ts';
import type { ObservedSecurityGroupRule } from '../domain/observed-group.ts';
import type { Operation, OperationOf } from '../domain/operation.ts';
import { missing, unwanted } from './because.ts';
import { sourceKey } from './network-openings.ts';

type Input = {
  readonly id: SecurityGroupId;
  readonly wanted: readonly SecurityGroupRule[];
  /** What has to be open for a while yet, whichever rule it is that holds it. */
  readonly passing: readonly SecurityGroupRule[];
  readonly found: readonly ObservedSecurityGroupRule[];
  /** Sources that we speak for; rules with our mark from another one may be another controller's. */
  readonly sources: ReadonlySet<string> | 'every';
  readonly revoke: (source: SecurityGroupRule['source']) => Revoke;
  /** What a source must wait for that does not exist yet. */
  readonly afterCreate: readonly OperationId[];
};

/**
 * `none`: only grant. `covered`: revoke what a granted rule contains wholly, so that ranges which grow step by step do
 * not pile up while some need is unknown. `all`: revoke everything of ours that nobody wants.
 */
export type Revoke = 'none' | 'covered' | 'all';

/** Rules of ours on one node or pod group: what is missing is granted, and only then is taken away what is too much. */
export function sharedRuleOperations(input: Input): readonly Operation[] {
  const { found } = input;
  const mine = found.filter((rule) => isOurs(rule, input.sources));
  const revokeFor = ({ source }: SecurityGroupRule): Revoke => input.revoke(source);
  const lasting = input.wanted.map((rule) =>
    revokeFor(rule) === 'covered' ? widened(rule, [...mine, ...input.passing], input.wanted) : rule,
  );
  const passing = input.passing.filter((rule) => !lasting.some((other) => contains(other, rule)));
  const shut = passing.filter((rule) => !found.some((other) => contains(other, rule)));
  const targets = [...lasting, ...shut];
  // EC2 tells rules apart by everything but the description: one of somebody else's that is equal serves as well. While
  // nothing is revoked a wider rule serves, too, and the exact one is made only if it is still wanted in the end.
  const serves = (other: SecurityGroupRule, rule: SecurityGroupRule): boolean =>
    revokeFor(rule) === 'none' ? contains(other, rule) : isSame(other, rule);
  const holds = (rule: SecurityGroupRule): boolean => passing.some((other) => contains(rule, other));
  const absent = targets.filter(
    (rule) =>
      !found.some((other) => serves(other, rule)) &&
      !mine.some((other) => holds(other) && contains(other, rule)),
  );
  const surplus = mine.filter((rule) => !targets.some((other) => isSame(rule, other)) && !holds(rule));
  const goes = surplus.filter(
    (rule) =>
      revokeFor(rule) === 'all' ||
      (revokeFor(rule) === 'covered' && targets.some((other) => contains(other, rule))),
  );
  const authorize = authorization(input, absent);
  return [...authorize, ...revocation(input, goes, authorize)];
}

/**
 * The range that also holds what is there: without proof that it is unneeded nothing may shrink. Ranges that stand beside
 * each other, as those for addresses do, stay as they are.
 */
function widened(
  rule: SecurityGroupRule,
  present: readonly SecurityGroupRule[],
  wanted: readonly SecurityGroupRule[],
): SecurityGroupRule {
  const isSpan =
    rule.source.kind === 'securityGroup' &&
    wanted.filter((other) => keyOf(other) === keyOf(rule)).length === 1;
  if (!isSpan) return rule;
  const same = present.filter((other) => keyOf(other) === keyOf(rule));
  return {
    ...rule,
    fromPort: Math.min(rule.fromPort, ...same.map(({ fromPort }) => fromPort)),
    toPort: Math.max(rule.toPort, ...same.map(({ toPort }) => toPort)),
  };
}

function authorization(
  { id, afterCreate }: Input,
  rules: readonly SecurityGroupRule[],
): readonly OperationOf<'authorizeIngress'>[] {
  if (rules.length === 0) return [];
  const subject = resourceId('security-group', id);
  const needsNew = rules.some(
    ({ source }) => source.kind === 'securityGroup' && typeof source.id !== 'string',
  );
  return [
    {
      kind: 'authorizeIngress',
      id: operationId('authorizeIngress', subject),
      subject,
      because: missing(`targets must be reachable on ${rules.map(describe).join(', ')}`),
      dependsOn: needsNew ? afterCreate : [],
      securityGroup: id,
      rules,
    },
  ];
}

function revocation(
  { id }: Input,
  rules: readonly ObservedSecurityGroupRule[],
  after: readonly Operation[],
): readonly OperationOf<'revokeIngress'>[] {
  if (rules.length === 0) return [];
  const subject = resourceId('security-group', id);
  return [
    {
      kind: 'revokeIngress',
      id: operationId('revokeIngress', subject),
      subject,
      because: unwanted(`no target group needs ${rules.map(describe).join(', ')}`),
      dependsOn: after.map((operation) => operation.id),
      securityGroup: id,
      ruleIds: rules.map(({ ruleId }) => ruleId),
    },
  ];
}

function isOurs({ description, source }: SecurityGroupRule, sources: Input['sources']): boolean {
  return description === sharedRuleDescription && (sources === 'every' || sources.has(labelOf(source)));
}

function keyOf({ protocol, source }: SecurityGroupRule): string {
  return `${protocol} ${labelOf(source)}`;
}

function isSame(a: SecurityGroupRule, b: SecurityGroupRule): boolean {
  return contains(a, b) && contains(b, a);
}

/** Whether the outer rule lets in all that the inner one does. */
export function contains(outer: SecurityGroupRule, inner: SecurityGroupRule): boolean {
  return keyOf(outer) === keyOf(inner) && outer.fromPort <= inner.fromPort && outer.toPort >= inner.toPort;
}

/** For plans and events. */
export function describe({ protocol, fromPort, toPort, source }: SecurityGroupRule): string {
  return `${protocol} ${fromPort}-${toPort} from ${labelOf(source)}`;
}

/** The same for equal sources. */
export function labelOf(source: SecurityGroupRule['source']): string {
  if (source.kind === 'securityGroup') return sourceKey(source.id satisfies Known<SecurityGroupId>);
  return source.kind === 'prefixList' ? source.id : source.cidr;
}
