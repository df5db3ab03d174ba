import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PriorityRange } from '../../../src/core/domain/priorities.ts';
import type { ExistingRule, RuleStep, RuleTransition, WantedRule } from '../../../src/core/plan/rule-step.ts';
import { ruleTransition } from '../../../src/core/plan/rule-transition.ts';

// Small rules: a path pattern and the name of a backend. Three requests tell all patterns apart.
type Rule = { readonly pattern: string; readonly backend: string };
type Listener = Map<number, Rule & { fixed?: boolean }>;

const patterns = ['/a', '/b', '/?', '/*'];
const requests = ['/a', '/b', '/c', '/long'];
const matches = (pattern: string, path: string) =>
  pattern === '/*' || (pattern === '/?' ? path.length === 2 : pattern === path);

function answer(rules: Listener, path: string): string {
  const first = [...rules].toSorted(([a], [b]) => a - b).find(([, rule]) => matches(rule.pattern, path));
  return first?.[1].backend ?? 'default';
}

const asWanted = (rule: Rule): WantedRule => ({
  key: `${rule.pattern} ${rule.backend}`,
  conditionsKey: rule.pattern,
  conditions: [{ kind: 'path-pattern', values: [rule.pattern], regexValues: [] }],
});

/** Every list of up to `length` rules with distinct patterns. */
function* lists(length: number, backends: readonly string[]): Generator<readonly Rule[]> {
  yield [];
  if (length === 0) return;
  for (const list of lists(length - 1, backends)) {
    if (list.length !== length - 1) continue;
    for (const pattern of patterns) {
      if (list.some((rule) => rule.pattern === pattern)) continue;
      for (const backend of backends) yield [...list, { pattern, backend }];
    }
  }
}
function allLists(length: number, backends: readonly string[]): (readonly Rule[])[] {
  const found = new Map<string, readonly Rule[]>();
  for (let n = 0; n <= length; n += 1)
    for (const list of lists(n, backends)) found.set(JSON.stringify(list), list);
  return [...found.values()];
}

/** Takes one step as AWS would: refuses a used priority, and more rules than the quota. */
function take(
  rules: Listener,
  step: RuleStep,
  context: { wanted: readonly Rule[]; at: Map<number, number>; made: Map<number, number>; quota: number },
) {
  const { wanted, at, made, quota } = context;
  switch (step.kind) {
    case 'create':
      assert.ok(!rules.has(step.priority), `PriorityInUse ${step.priority}`);
      assert.ok(step.priority >= 1 && step.priority <= 50_000);
      rules.set(step.priority, wanted[step.wanted] as Rule);
      made.set(step.wanted, step.priority);
      assert.ok(rules.size <= quota, 'TooManyRules');
      return;
    case 'modify':
      rules.set(at.get(step.existing) as number, wanted[step.wanted] as Rule);
      return;
    case 'setPriorities': {
      const moved = step.priorities.map((setting) => {
        const from = setting.kind === 'existing' ? at.get(setting.existing) : made.get(setting.wanted);
        const rule = rules.get(from as number) as Rule;
        rules.delete(from as number);
        return { setting, rule };
      });
      for (const { setting, rule } of moved) {
        assert.ok(!rules.has(setting.priority), `PriorityInUse ${setting.priority}`);
        rules.set(setting.priority, rule);
        if (setting.kind === 'existing') at.set(setting.existing, setting.priority);
        else made.set(setting.wanted, setting.priority);
      }
      return;
    }
    case 'delete':
      rules.delete(at.get(step.existing) as number);
      return;
    case 'default':
      return;
  }
}

type Case = {
  old: readonly Rule[];
  wanted: readonly Rule[];
  numbers?: readonly number[];
  priorities: 'stable' | 'compact';
  quota: number;
  fixedAt?: number;
  reserved?: readonly PriorityRange[];
};

function walk(
  given: Case,
  check: (rules: Listener, step: RuleStep) => void,
): { rules: Listener; transition: RuleTransition; counts: Record<string, number> } {
  const rules: Listener = new Map();
  const existing: ExistingRule[] = [];
  if (given.fixedAt !== undefined) {
    rules.set(given.fixedAt, { pattern: '/never', backend: 'foreign', fixed: true });
    existing.push({
      ...asWanted({ pattern: '/never', backend: 'foreign' }),
      priority: given.fixedAt,
      fixed: true,
    });
  }
  for (const [i, rule] of given.old.entries()) {
    let priority = given.numbers?.[i] ?? i + 1;
    if (given.fixedAt !== undefined && priority >= given.fixedAt) priority += 1;
    rules.set(priority, rule);
    existing.push({ ...asWanted(rule), priority, fixed: false });
  }
  const transition = ruleTransition({
    wanted: given.wanted.map(asWanted),
    existing,
    priorities: given.priorities,
    headroom: given.quota - rules.size,
    ...(given.reserved && { reserved: given.reserved }),
  });
  const at = new Map(existing.map((rule, index) => [index, rule.priority]));
  const made = new Map<number, number>();
  const counts: Record<string, number> = {};
  for (const step of transition.steps) {
    counts[step.kind] = (counts[step.kind] ?? 0) + 1;
    take(rules, step, { wanted: given.wanted, at, made, quota: given.quota });
    check(rules, step);
  }
  const ours = [...rules].filter(([, rule]) => !rule.fixed).toSorted(([a], [b]) => a - b);
  assert.deepEqual(
    ours.map(([, rule]) => rule),
    given.wanted,
    JSON.stringify(given),
  );
  assert.deepEqual(
    ours.map(([priority]) => priority),
    transition.priorities,
  );
  for (const { first, last } of given.reserved ?? [])
    for (const [priority] of ours) assert.ok(priority < first || priority > last, JSON.stringify(given));
  if (given.fixedAt !== undefined) assert.equal(rules.get(given.fixedAt)?.backend, 'foreign');
  return { rules, transition, counts };
}

function neverAThird(given: Case): void {
  const old: Listener = new Map(given.old.map((rule, i) => [i + 1, rule]));
  const wanted: Listener = new Map(given.wanted.map((rule, i) => [i + 1, rule]));
  walk(given, (rules, step) => {
    for (const path of requests) {
      const now = answer(rules, path);
      const allowed = [answer(old, path), answer(wanted, path)];
      assert.ok(
        allowed.includes(now),
        `${path} → ${now}, not one of ${allowed} after ${JSON.stringify(step)} in ${JSON.stringify(given)}`,
      );
    }
  });
}

test('Ask 15.3, ask 15.5, P9, trap 9: with room for new rules, every pair of rule lists changes without any request reaching a third backend', () => {
  const all = allLists(3, ['x', 'y']);
  let pairs = 0;
  for (const old of all) {
    for (const wanted of all) {
      neverAThird({ old, wanted, priorities: 'stable', quota: 100 });
      neverAThird({ old, wanted, priorities: 'compact', quota: 100 });
      pairs += 1;
    }
  }
  assert.ok(pairs > 10_000);
});

test('P9 holds beside a foreign rule and with priorities that have gaps or end at the last one AWS has', () => {
  const all = allLists(3, ['x']);
  for (const old of all) {
    for (const wanted of all) {
      neverAThird({ old, wanted, priorities: 'stable', quota: 100, fixedAt: 2 });
      neverAThird({ old, wanted, priorities: 'stable', quota: 100, numbers: [10, 20, 30] });
      neverAThird({ old, wanted, priorities: 'stable', quota: 100, numbers: [49_998, 49_999, 50_000] });
    }
  }
});

test('RUL-10, Trap 10: at the quota every list of the same or a smaller size is reached, and the quota is never exceeded', () => {
  for (const old of allLists(3, ['x', 'y'])) {
    for (const wanted of allLists(3, ['x', 'z'])) {
      if (wanted.length > old.length) continue;
      walk({ old, wanted, priorities: 'stable', quota: old.length }, () => undefined);
      walk({ old, wanted, priorities: 'compact', quota: old.length }, () => undefined);
    }
  }
});

test('Ask 5.3, P9: no rule of ours is left or put where priorities are reserved for others, and those that are there move out', () => {
  const all = allLists(3, ['x']);
  const reserved = [
    { first: 1, last: 2 },
    { first: 5, last: 5 },
  ];
  const end = [{ first: 49_999, last: 50_000 }];
  for (const old of all) {
    for (const wanted of all) {
      neverAThird({ old, wanted, priorities: 'stable', quota: 100, reserved });
      neverAThird({ old, wanted, priorities: 'compact', quota: 100, reserved });
      neverAThird({ old, wanted, priorities: 'stable', quota: 100, reserved, fixedAt: 2 });
      neverAThird({
        old,
        wanted,
        priorities: 'stable',
        quota: 100,
        reserved: end,
        numbers: [49_997, 49_998, 49_999],
      });
    }
  }
});

/** Returns whether both lists had room side by side; only then is a rule never rewritten under a request's feet. */
function walkAtQuota(
  old: readonly Rule[],
  wanted: readonly Rule[],
  { quota, foreign }: { readonly quota: number; readonly foreign: number },
): boolean {
  if (Math.max(old.length, wanted.length) + foreign > quota) return false;
  const given: Case = {
    old,
    wanted,
    priorities: 'stable',
    quota,
    ...(foreign === 1 ? { fixedAt: 2 } : {}),
  };
  const isRoomy = old.length + wanted.length + foreign <= quota;
  if (isRoomy) neverAThird(given);
  else walk(given, () => undefined);
  return isRoomy;
}

// All rules of a list have one backend, which makes 5000 pairs; `RULE_LISTS=all npm test -- rule-transition` gives each
// rule its own, which makes 400,000 and takes minutes.
const isEvery = process.env['RULE_LISTS'] === 'all';
const oldLists = isEvery ? allLists(4, ['x', 'y']) : allLists(4, ['x']);
const newLists = isEvery ? oldLists : [...oldLists, ...allLists(4, ['y'])];

test('P9, RUL-10: every pair of lists of up to 4 rules, at a quota of 4 and of 5, with and without a foreign rule', () => {
  const given = [4, 5].flatMap((quota) => [0, 1].map((foreign) => ({ quota, foreign })));
  let roomy = 0;
  for (const old of oldLists)
    for (const wanted of newLists) roomy += given.filter((each) => walkAtQuota(old, wanted, each)).length;
  assert.ok(roomy > 500, `${roomy} pairs with room for both`);
});

const rule = (pattern: string, backend = 'x'): Rule => ({ pattern, backend });

test('Ask 15.4: equal lists need no call', () => {
  const { counts } = walk(
    { old: [rule('/a'), rule('/b')], wanted: [rule('/a'), rule('/b')], priorities: 'stable', quota: 9 },
    () => undefined,
  );
  assert.deepEqual(counts, { default: 1 });
});

test('Ask 15.1: a rule at the end costs one call, one in the middle two, whatever the number of rules behind it', () => {
  const end = walk(
    { old: [rule('/a')], wanted: [rule('/a'), rule('/*')], priorities: 'stable', quota: 9 },
    () => undefined,
  );
  assert.deepEqual(end.counts, { create: 1, default: 1 });
  const middle = walk(
    {
      old: [rule('/a'), rule('/?'), rule('/*')],
      wanted: [rule('/a'), rule('/b'), rule('/?'), rule('/*')],
      priorities: 'stable',
      quota: 9,
    },
    () => undefined,
  );
  assert.deepEqual(middle.counts, { setPriorities: 1, create: 1, default: 1 });
});

test('Ask 15.2, trap 9: a swap is one call that sets priorities', () => {
  const { counts } = walk(
    { old: [rule('/a'), rule('/?')], wanted: [rule('/?'), rule('/a')], priorities: 'stable', quota: 9 },
    () => undefined,
  );
  assert.deepEqual(counts, { setPriorities: 1, default: 1 });
});

test('stable priorities leave a gap where a rule went, compact ones close it', () => {
  const old = [rule('/a'), rule('/b'), rule('/*')];
  const wanted = [rule('/a'), rule('/*')];
  assert.deepEqual(
    walk({ old, wanted, priorities: 'stable', quota: 9 }, () => undefined).transition.priorities,
    [1, 3],
  );
  assert.deepEqual(
    walk({ old, wanted, priorities: 'compact', quota: 9 }, () => undefined).transition.priorities,
    [1, 2],
  );
});
