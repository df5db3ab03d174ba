// What somebody else changed, told from what was edited: over arbitrary groups, every kind of change by hand, every mode.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DesiredGroup } from '../../../src/core/domain/desired-group.ts';
import {
  type DriftField,
  type DriftMode,
  type Settled,
  driftFields,
} from '../../../src/core/domain/drift.ts';
import type { SubnetId } from '../../../src/core/domain/ids.ts';
import {
  emptyObservedGroup,
  type ObservedGroup,
  type ObservedListener,
  type ObservedLoadBalancer,
  type ObservedRule,
} from '../../../src/core/domain/observed-group.ts';
import { warmUpHost } from '../../../src/core/domain/warm-up-host.ts';
import { settledAfter } from '../../../src/core/plan/drift/drift.ts';
import { planWithDrift } from '../../../src/core/plan/drift/plan.ts';
import { desiredGroups as groups, emptyGroup, groupModel } from '../../support/arbitrary-group.ts';
import { coreConfig } from '../../support/core-config.ts';
import { carriedOut } from '../../support/carried-out.ts';

const config = coreConfig();
const input = (desired: DesiredGroup, observed: ObservedGroup) => ({
  desired,
  observed,
  config,
  previous: undefined,
  complete: true,
  quotas: [],
  knownIds: new Map(),
});

function whole(desired: DesiredGroup, observed: ObservedGroup, settled: Settled, otherwise: DriftMode) {
  const resting = new Map<string, never>();
  return planWithDrift(input(desired, observed), { modes: { otherwise, fields: {} }, settled, resting });
}

/** Without the note of what was applied. */
function plan(...given: Parameters<typeof whole>) {
  const { drift, operations } = whole(...given);
  return { drift, operations: operations.filter(({ id }) => !id.endsWith(' applied')) };
}

/** The group as it is when a plan from nothing was carried out, and what is settled then. */
function built(desired: DesiredGroup): {
  readonly observed: ObservedGroup;
  readonly settled: ReadonlyMap<string, string>;
} {
  const empty = emptyObservedGroup(desired.key);
  const observed = carriedOut(empty, plan(desired, empty, new Map(), 'repair').operations);
  return { observed, settled: settledAfter(input(desired, observed), new Map()).settled };
}

type Hand = {
  readonly field: DriftField;
  /** Undefined: there is nothing of the kind to change. */
  readonly change: (observed: ObservedGroup, desired: DesiredGroup) => ObservedGroup | undefined;
};

const onBalancer =
  (change: (balancer: ObservedLoadBalancer) => ObservedLoadBalancer | undefined): Hand['change'] =>
  (observed) => {
    const [balancer] = observed.loadBalancers;
    const changed = balancer && change(balancer);
    return changed && { ...observed, loadBalancers: [changed] };
  };
const onListener = (change: (listener: ObservedListener) => ObservedListener | undefined): Hand['change'] =>
  onBalancer((balancer) => {
    const [listener, ...others] = balancer.listeners;
    const changed = listener && change(listener);
    return changed && { ...balancer, listeners: [changed, ...others] };
  });
const onRules = (
  change: (rules: readonly ObservedRule[]) => readonly ObservedRule[] | undefined,
): Hand['change'] =>
  onListener((listener) => {
    const rules = change(listener.rules);
    return rules && { ...listener, rules: rules.toSorted((a, b) => a.priority - b.priority) };
  });
const teapot = [
  { kind: 'fixed-response', statusCode: '418', contentType: 'text/plain', messageBody: undefined },
] as const;
const elsewhere = [{ kind: 'path-pattern', values: ['/by-hand'], regexValues: [] }] as const;

const hands: readonly Hand[] = [
  {
    field: 'loadBalancer.subnets',
    change: onBalancer((one) => ({ ...one, subnets: ['subnet-1', 'subnet-9'] as SubnetId[] })),
  },
  {
    field: 'loadBalancer.ipAddressType',
    change: onBalancer((one) => ({ ...one, ipAddressType: 'dualstack' })),
  },
  { field: 'loadBalancer.ipamPool', change: onBalancer((one) => ({ ...one, ipamPoolId: 'ipam-pool-9' })) },
  {
    field: 'loadBalancer.securityGroups',
    change: onBalancer((one) => ({ ...one, securityGroups: one.securityGroups.slice(1) })),
  },
  {
    field: 'loadBalancer.attributes',
    change: onBalancer((one) =>
      one.attributes?.['idle_timeout.timeout_seconds'] === undefined
        ? undefined
        : { ...one, attributes: { ...one.attributes, 'idle_timeout.timeout_seconds': '1' } },
    ),
  },
  {
    field: 'loadBalancer.webAcl',
    change: (observed, { loadBalancer }) =>
      loadBalancer?.webAclArn === undefined
        ? undefined
        : onBalancer((one) => ({ ...one, webAclArn: 'arn:by-hand' }))(observed, emptyGroup),
  },
  {
    field: 'loadBalancer.tags',
    change: onBalancer((one) => ({ ...one, tags: { ...one.tags, 'ingress.k8s.aws/resource': 'else' } })),
  },
  {
    field: 'listener.exists',
    change: onBalancer((one) => ({ ...one, listeners: one.listeners.slice(1) })),
  },
  { field: 'listener.defaultActions', change: onListener((one) => ({ ...one, defaultActions: teapot })) },
  {
    field: 'listener.tags',
    change: onListener((one) =>
      one.tags['team'] === undefined ? undefined : { ...one, tags: { ...one.tags, team: 'else' } },
    ),
  },
  {
    field: 'rule.actions',
    change: onRules(([first, ...rest]) => first && [{ ...first, actions: teapot }, ...rest]),
  },
  { field: 'rule.exists', change: onRules(([first, ...rest]) => first && rest) },
  {
    field: 'rule.exists',
    change: onRules(
      ([first, ...rest]) =>
        first && [
          first,
          ...rest,
          { ...first, arn: `${first.arn}-copy` as ObservedRule['arn'], priority: 900, conditions: elsewhere },
        ],
    ),
  },
  {
    field: 'rule.priorities',
    change: onRules(
      ([first, second, ...rest]) =>
        first &&
        second && [{ ...first, priority: second.priority }, { ...second, priority: first.priority }, ...rest],
    ),
  },
  {
    field: 'rule.tags',
    change: onRules(([first, ...rest]) =>
      first?.tags['team'] === undefined
        ? undefined
        : [{ ...first, tags: { ...first.tags, team: 'else' } }, ...rest],
    ),
  },
  {
    field: 'targetGroup.healthCheck',
    change: (observed) => {
      const [first, ...rest] = observed.targetGroups;
      const healthCheck = first && { ...first.healthCheck, path: '/by-hand' };
      return healthCheck && { ...observed, targetGroups: [{ ...first, healthCheck }, ...rest] };
    },
  },
  {
    field: 'targetGroup.tags',
    change: (observed) => {
      const [first, ...rest] = observed.targetGroups;
      const tags = first && { ...first.tags, 'ingress.k8s.aws/resource': 'else' };
      return tags && { ...observed, targetGroups: [{ ...first, tags }, ...rest] };
    },
  },
  {
    field: 'securityGroup.ingress',
    change: (observed) => {
      const [first] = observed.securityGroups;
      return first && { ...observed, securityGroups: [{ ...first, ingress: first.ingress.slice(1) }] };
    },
  },
];

/** With the members that the tags of the rules name. */
const desiredGroups = groups.map((group): DesiredGroup => {
  const members = groupModel(['web', 'api']).held;
  return { ...group, model: { ...group.model, members } };
});

/** Two groups with the same listeners, so that one is an edit of the other. */
const edits = fc
  .tuple(desiredGroups, desiredGroups)
  .filter(
    ([before, after]) =>
      before.loadBalancer?.listeners.length === after.loadBalancer?.listeners.length &&
      before.loadBalancer?.listeners.every(
        ({ port }, at) => port === after.loadBalancer?.listeners[at]?.port,
      ) === true,
  );

test('what agrees is settled and no drift, whatever it is', () => {
  fc.assert(
    fc.property(desiredGroups, (desired) => {
      const { observed, settled } = built(desired);
      const { drift, operations } = plan(desired, observed, settled, 'repair');
      assert.deepEqual([drift, operations], [[], []]);
    }),
  );
});

for (const { field, change } of hands) {
  test(`Ask 12.6: ${field}: found, named and put back by operations with the reason drift`, () => {
    let met = 0;
    fc.assert(
      fc.property(desiredGroups, (desired) => {
        const { observed, settled } = built(desired);
        const changed = change(observed, desired);
        if (changed === undefined) return;
        met += 1;
        const repair = plan(desired, changed, settled, 'repair');
        assert.ok(
          repair.drift?.some((one) => one.field === field),
          JSON.stringify(repair.drift),
        );
        assert.ok(repair.operations.length > 0);
        for (const { because, id } of repair.operations)
          assert.match(because.reason, /^(drift|transition)$/, id);
        const after = carriedOut(changed, repair.operations);
        assert.deepEqual(plan(desired, after, settled, 'repair').drift, []);
      }),
      { numRuns: 25 },
    );
    assert.ok(met > 0);
  });

  test(`Ask 12.2: ${field}: left alone when it is only to be told, and whatever is edited is carried out all the same`, () => {
    let met = 0;
    fc.assert(
      fc.property(edits, ([before, after]) => {
        const { observed, settled } = built(before);
        const changed = change(observed, before);
        if (changed === undefined) return;
        met += 1;
        const told = plan(before, changed, settled, 'report');
        assert.deepEqual(told.operations, []);
        assert.ok(told.drift?.some((one) => one.field === field));
        // The edit: afterwards AWS differs from what is wanted by nothing but what was changed by hand.
        const edit = plan(after, changed, settled, 'report');
        for (const { because } of edit.operations) assert.notEqual(because.reason, 'drift');
        const done = carriedOut(changed, edit.operations);
        const next = settledAfter(input(after, done), settled).settled;
        const rest = plan(after, done, next, 'report');
        assert.deepEqual(rest.operations, []);
        for (const { wanted, found } of rest.drift ?? []) assert.notEqual(wanted, found);
        // Nothing is left that an edit asked for: without what was done by hand, nothing is missing.
        const undone = plan(after, done, next, 'repair');
        assert.ok(
          (rest.drift ?? []).length > 0 || undone.operations.length === 0,
          JSON.stringify(undone.operations),
        );
        const clean = carriedOut(done, undone.operations);
        assert.deepEqual(plan(after, clean, new Map(), 'repair').operations, []);
      }),
      { numRuns: 25 },
    );
    assert.ok(met > 0);
  });
}

test("Ask 12.2: a warm-up that came to no end is nobody's change, and its rule goes in every mode", () => {
  let met = 0;
  fc.assert(
    fc.property(desiredGroups, (desired) => {
      const { observed, settled } = built(desired);
      const parked = onRules(([first, ...rest]) => {
        const arn = `${first?.arn}-warm-up` as ObservedRule['arn'];
        const conditions = [{ kind: 'host-header', values: [warmUpHost], regexValues: [] }] as const;
        return first && [first, ...rest, { ...first, arn, priority: 50_000, conditions }];
      })(observed, desired);
      if (parked === undefined) return;
      met += 1;
      const { drift, operations } = plan(desired, parked, settled, 'report');
      assert.deepEqual([drift, operations.map(({ kind }) => kind)], [[], ['deleteRule']]);
    }),
    { numRuns: 25 },
  );
  assert.ok(met > 0);
});

/** As it is when the controller has left things alone in it for a while. */
function marked(desired: DesiredGroup): ObservedGroup {
  const { observed, settled } = built(desired);
  const done = carriedOut(observed, whole(desired, observed, settled, 'report').operations);
  assert.deepEqual(whole(desired, done, settled, 'report').operations, []);
  return done;
}

test('Ask 12.2: after a restart what was left alone is left alone still, and whatever was edited meanwhile is carried out', () => {
  let met = 0;
  fc.assert(
    fc.property(edits, fc.constantFrom(...hands), ([before, after], { field, change }) => {
      const changed = change(marked(before), before);
      if (changed === undefined) return;
      met += 1;
      const same = plan(before, changed, new Map(), 'report');
      assert.deepEqual(same.operations, []);
      assert.ok(same.drift?.some((one) => one.field === field));
      const next = settledAfter(input(before, changed), new Map()).settled;
      assert.deepEqual(plan(before, changed, next, 'report').operations, []);
      // Somebody edited it while no controller ran: what is drift and what is not cannot be told.
      if (JSON.stringify(after) === JSON.stringify(before)) return;
      const { operations } = whole(after, changed, new Map(), 'report');
      const done = carriedOut(changed, operations);
      assert.deepEqual(plan(after, done, new Map(), 'repair').operations, []);
    }),
    { numRuns: 60 },
  );
  assert.ok(met > 10);
});

test('without that note nothing is known to be drift after a restart: every difference is put right', () => {
  fc.assert(
    fc.property(desiredGroups, fc.constantFrom(...hands), (desired, { change }) => {
      const changed = change(built(desired).observed, desired);
      if (changed === undefined) return;
      const { drift, operations } = plan(desired, changed, new Map(), 'report');
      assert.deepEqual(drift, []);
      assert.deepEqual(plan(desired, carriedOut(changed, operations), new Map(), 'repair').operations, []);
    }),
    { numRuns: 60 },
  );
});

test('every field of the list has its change by hand, or is only there with what these groups do not have', () => {
  const tried = new Set<string>(hands.map(({ field }) => field));
  assert.deepEqual(
    driftFields.filter((field) => !tried.has(field)),
    [
      'loadBalancer.capacity',
      'loadBalancer.shieldProtection',
      'listener.protocol',
      'listener.sslPolicy',
      'listener.certificates',
      'listener.mutualAuthentication',
      'listener.attributes',
      'targetGroup.attributes',
      // Other loops have these (test/core/targets/by-hand.test.ts, test/engine/by-hand.test.ts).
      'targetGroup.targets',
      'securityGroup.tags',
      'targetSecurityGroup.ingress',
    ],
  );
});
