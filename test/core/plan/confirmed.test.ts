// What this process wrote against readings of AWS that are older than that.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupKey, RuleArn, TargetGroupArn } from '../../../src/core/domain/ids.ts';
import {
  emptyObservedGroup,
  type ObservedGroup,
  type ObservedTargetGroup,
} from '../../../src/core/domain/observed-group.ts';
import type { Operation } from '../../../src/core/domain/operation.ts';
import type { AwsErrorKind, Outcome } from '../../../src/core/domain/outcome.ts';
import {
  type Confirmed,
  confirmedAfter,
  confirmedSince,
  corrected,
  nothingConfirmed,
} from '../../../src/core/plan/confirmed.ts';

const key = 'shop' as GroupKey;

const withGroups = (ports: Readonly<Record<string, number>>): ObservedGroup => ({
  ...emptyObservedGroup(key),
  targetGroups: Object.entries(ports).map(
    ([arn, port]) => ({ arn, name: arn, port, attributes: undefined }) as unknown as ObservedTargetGroup,
  ),
});

const portsOf = ({ targetGroups }: ObservedGroup): Readonly<Record<string, number>> =>
  Object.fromEntries(targetGroups.map(({ arn, port }) => [arn, port]));

const operation = {
  kind: 'deleteTargetGroup',
  targetGroup: 'one' as TargetGroupArn,
} as unknown as Operation;
const done: Outcome = { kind: 'done', operation, attributes: {} };
const failed = (kind: AwsErrorKind, failing: Operation = operation): Outcome => ({
  kind: 'failed',
  operation: failing,
  refusal: { kind, code: '', action: '', message: '', requestId: undefined, retryAfterMs: undefined },
});
const look = <T extends string>(value: unknown): T => value as T;

const wrote = (
  before: ObservedGroup,
  after: ObservedGroup,
  { confirmed = nothingConfirmed, outcomes = [done] as readonly Outcome[], at = 1000 } = {},
): Confirmed => confirmedAfter(confirmed, { before, after, outcomes, look, at });

const none = emptyObservedGroup(key);

const cases: readonly {
  readonly what: string;
  readonly before: ObservedGroup;
  readonly known: ObservedGroup;
  readonly read: ObservedGroup;
  readonly seen: Readonly<Record<string, number>>;
}[] = [
  { what: 'made, not listed', before: none, known: withGroups({ one: 1 }), read: none, seen: { one: 1 } },
  {
    what: 'changed, listed as it was',
    before: withGroups({ one: 1 }),
    known: withGroups({ one: 2 }),
    read: withGroups({ one: 1 }),
    seen: { one: 2 },
  },
  {
    what: 'changed, not listed: somebody deleted what had long been there',
    before: withGroups({ one: 1 }),
    known: withGroups({ one: 2 }),
    read: none,
    seen: {},
  },
  {
    what: 'deleted, still listed',
    before: withGroups({ one: 1 }),
    known: none,
    read: withGroups({ one: 1 }),
    seen: {},
  },
  {
    what: 'left alone, changed by somebody',
    before: withGroups({ one: 1 }),
    known: withGroups({ one: 1, two: 1 }),
    read: withGroups({ one: 7 }),
    seen: { one: 7, two: 1 },
  },
];

for (const { what, before, known, read, seen } of cases)
  test(`a resource that was ${what}`, () => {
    assert.deepEqual(portsOf(corrected(read, { known, confirmed: wrote(before, known) })), seen);
  });

test('what was made and then changed is still new', () => {
  const [made, changed] = [withGroups({ one: 1 }), withGroups({ one: 2 })];
  const confirmed = wrote(made, changed, { confirmed: wrote(none, made) });
  assert.deepEqual(portsOf(corrected(none, { known: changed, confirmed })), { one: 2 });
});

test('after a while readings are believed, and at once about what is asked for by name', () => {
  const known = withGroups({ one: 1 });
  const confirmed = wrote(none, known);
  assert.equal(confirmedSince(confirmed, 999, []).size, 1);
  assert.equal(confirmedSince(confirmed, 1000, []).size, 0);
  assert.equal(confirmedSince(confirmed, 999, ['one']).size, 0);
});

test('a write that does not find a resource ends the belief in it; a wait that does not find it, or another refusal, does not', () => {
  const known = withGroups({ one: 1 });
  const confirmed = wrote(none, known);
  const after = (outcome: Outcome): number => wrote(known, known, { confirmed, outcomes: [outcome] }).size;
  assert.equal(after(failed('notFound')), 0);
  assert.equal(after(failed('throttled')), 1);
  assert.equal(after(failed('notFound', { ...operation, kind: 'awaitHealthyTargets' } as Operation)), 1);
});

test('a rule that was made stays on a listener that is listed without it, and what was not read before is taken over', () => {
  const group = (rules: readonly string[], attributes: object | undefined): ObservedGroup =>
    ({
      ...none,
      loadBalancers: [
        {
          arn: 'lb',
          name: 'lb',
          state: 'active',
          attributes,
          listeners: [
            { arn: 'listener', port: 80, rules: rules.map((arn, i) => ({ arn, priority: i + 1 })) },
          ],
        },
      ],
    }) as unknown as ObservedGroup;
  const known = group(['rule'], undefined);
  const seen = corrected(group([], { idle: '60' }), { known, confirmed: wrote(group([], undefined), known) });
  assert.deepEqual(
    seen.loadBalancers[0]?.listeners[0]?.rules.map(({ arn }) => arn),
    ['rule' as RuleArn],
  );
  assert.deepEqual(seen.loadBalancers[0]?.attributes, { idle: '60' });
});
