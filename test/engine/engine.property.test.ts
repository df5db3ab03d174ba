import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Ingress } from '../../src/core/domain/cluster.ts';
import type { AwsErrorKind } from '../../src/core/domain/outcome.ts';
import { ingress, rule, service, servicePort } from '../support/builders.ts';
import { node, World } from './support/world.ts';

type Step =
  | {
      readonly kind: 'put';
      readonly name: string;
      readonly paths: readonly string[];
      readonly backend: string;
      readonly group: boolean;
    }
  | { readonly kind: 'delete'; readonly name: string }
  | { readonly kind: 'node'; readonly name: string; readonly present: boolean }
  | {
      readonly kind: 'fault';
      readonly call: string;
      readonly error: AwsErrorKind;
      readonly afterDoing: boolean;
    }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'restart' };

const names = ['one', 'two'];
const writeCalls = [
  'createSecurityGroup',
  'authorizeIngress',
  'createLoadBalancer',
  'createTargetGroup',
  'registerTargets',
  'deregisterTargets',
  'createListener',
  'createRule',
  'modifyRule',
  'deleteRule',
  'deleteTargetGroup',
  'deleteLoadBalancer',
  'deleteSecurityGroup',
  'setRulePriorities',
];
const reads = ['inventory', 'observeGroup', 'observeTargets', 'observeNetwork', 'facts'];
const passing: readonly AwsErrorKind[] = ['throttled', 'unavailable', 'unknownOutcome', 'inUse', 'conflict'];
const lasting: readonly AwsErrorKind[] = ['denied', 'quotaExceeded', 'invalid'];

const stepWith = (errors: readonly AwsErrorKind[]): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('put' as const),
        name: fc.constantFrom(...names),
        paths: fc.subarray(['/', '/a', '/b'], { minLength: 1 }),
        backend: fc.constantFrom('front:80', 'back:80'),
        group: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('delete' as const), name: fc.constantFrom(...names) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('node' as const),
        name: fc.constantFrom('a', 'b', 'c'),
        present: fc.boolean(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('fault' as const),
        call: fc.constantFrom(...writeCalls, ...reads),
        error: fc.constantFrom(...errors),
        afterDoing: fc.boolean(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        ms: fc.constantFrom(10, 150, 3000, 60_000),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  );

function wanted({ name, paths, backend, group }: Extract<Step, { kind: 'put' }>): Ingress {
  return ingress(`web/${name}`, {
    annotations: group ? { 'group.name': 'shop' } : {},
    rules: [rule(`${name}.example.com`, Object.fromEntries(paths.map((path) => [path, backend])))],
  });
}

async function take(world: World, what: Step): Promise<void> {
  switch (what.kind) {
    case 'put': {
      const next = wanted(what);
      const { finalizers, deletionTimestamp } = world.cluster.has(`web/${what.name}`)
        ? world.cluster.ingress(`web/${what.name}`).meta
        : { finalizers: [], deletionTimestamp: undefined };
      // What is being deleted cannot be brought back.
      if (deletionTimestamp === undefined) world.cluster.put({ ...next, meta: { ...next.meta, finalizers } });
      return;
    }
    case 'delete':
      if (world.cluster.has(`web/${what.name}`)) world.cluster.delete(`web/${what.name}`);
      return;
    case 'node':
      if (what.present) world.cluster.put(node(what.name));
      else world.cluster.take('Node', what.name);
      return;
    case 'fault': {
      // A refusal means that nothing was done; only a lost answer may come after the deed.
      const isLost = what.error === 'unknownOutcome' || what.error === 'unavailable';
      world.aws.faults.set(what.call, {
        kind: what.error,
        times: 1,
        ...(what.afterDoing && isLost ? { afterDoing: true } : {}),
      });
      return;
    }
    case 'wait':
      return world.rest(what.ms);
    case 'restart':
      return world.restart();
  }
}

const byText = (one: unknown, other: unknown): number =>
  JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;

/** What matters of AWS and the cluster, without ids. */
function summary(world: World): unknown {
  const { loadBalancers, targetGroups, securityGroups } = world.aws.state;
  const nameOf = (arn: string): string => targetGroups.find((group) => group.arn === arn)?.name ?? 'lost';
  return {
    loadBalancers: loadBalancers
      .flatMap(({ name, listeners }) =>
        listeners.map(({ port, rules }) => [
          name,
          port,
          rules.map(({ conditions, actions }) => [
            conditions,
            actions.flatMap((action) =>
              action.kind === 'forward'
                ? action.targetGroups.map(({ targetGroup }) => nameOf(targetGroup))
                : [],
            ),
          ]),
        ]),
      )
      .toSorted(byText),
    targets: targetGroups
      .map(({ name, arn }) => [
        name,
        (world.aws.targets.get(arn) ?? [])
          .filter(({ state }) => state !== 'draining')
          .map(({ id, port }) => `${id}:${port}`)
          .toSorted(),
      ])
      .toSorted(byText),
    securityGroups: securityGroups
      .map(({ name, ingress: rules }) => [
        name,
        rules.map(({ fromPort, toPort }) => `${fromPort}-${toPort}`).toSorted(),
      ])
      .toSorted(byText),
    finalizers: names
      .filter((name) => world.cluster.has(`web/${name}`))
      .map((name) => [name, world.cluster.ingress(`web/${name}`).meta.finalizers]),
  };
}

function newWorld(auditIntervalMs: number): World {
  const world = new World({}, auditIntervalMs);
  // One node always stays: what a cluster had that lost all of them is kept, so it depends on the past.
  world.cluster.put(service('web/back', { ports: [servicePort({ nodePort: 30081 })] }), node('z'));
  return world;
}

async function endsAsIfNothingFailed(steps: readonly Step[], auditIntervalMs: number): Promise<void> {
  const world = newWorld(auditIntervalMs);
  await world.start();
  for (const each of steps) await take(world, each);
  world.aws.faults.clear();
  await world.rest(1_200_000);
  assert.deepEqual(
    world.lines.filter(({ level }) => level === 'error'),
    [],
  );
  const fresh = newWorld(auditIntervalMs);
  const { ingresses, nodes } = world.cluster.snapshot();
  for (const name of ['a', 'b']) fresh.cluster.take('Node', name);
  fresh.cluster.put(...nodes.values());
  for (const each of ingresses.values()) {
    fresh.cluster.put({ ...each, status: [], meta: { ...each.meta, finalizers: [] } });
  }
  await fresh.start();
  await fresh.rest(10_000);
  assert.deepEqual(summary(world), summary(fresh));
  await world.engine.stop(0);
  await fresh.engine.stop(0);
}

const numRuns = Number(process.env['ENGINE_RUNS'] ?? 60);

test('whatever fails on the way, AWS ends as if nothing had', async () => {
  const steps = fc.array(stepWith([...passing, ...lasting]), { minLength: 1, maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(steps, (each) => endsAsIfNothingFailed(each, 300_000)),
    { numRuns },
  );
});

test('failures that pass are got over without an audit, which would hide what the memory gets wrong', async () => {
  const steps = fc.array(stepWith(passing), { minLength: 1, maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(steps, (each) => endsAsIfNothingFailed(each, 360_000_000)),
    { numRuns },
  );
});
