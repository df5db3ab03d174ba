// Whatever users change and whatever fails or ends between two calls: the network load balancer that the status names leads,
// before every single call, to a load balancer that has the rules.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ingress, rule } from '../support/builders.ts';
import { running, type World, writes } from './support/world.ts';

const site = (annotations: Readonly<Record<string, string>>) =>
  ingress('web/site', {
    rules: [rule('app.example.com', { '/': 'front:80' })],
    annotations: {
      'enable-frontend-nlb': 'true',
      'albatross.dev/allow-replacement': 'true',
      'listen-ports': '[{"HTTP": 80}, {"HTTP": 8080}]',
      ...annotations,
    },
  });

const schemes = fc.constantFrom('internal', 'internet-facing');
const edits = fc.record(
  {
    scheme: schemes,
    'frontend-nlb-scheme': schemes,
    'frontend-nlb-listener-port-mapping': fc.constantFrom('80=80', '80=8080', '80=80,81=8080'),
    'frontend-nlb-healthcheck-port': fc.constantFrom('traffic-port', '8080'),
    'backend-protocol': fc.constantFrom('HTTP', 'HTTP', 'HTTP', 'nonsense'),
    'albatross.dev/allow-replacement': fc.constantFrom('true', 'true', 'no'),
    'albatross.dev/pause': fc.constantFrom('no', 'no', 'group'),
  },
  { requiredKeys: ['frontend-nlb-listener-port-mapping'] },
);
const kinds = [
  'createLoadBalancer',
  'createTargetGroup',
  'registerLoadBalancer',
  'createListener',
  'awaitHealthyTargets',
  'modifyListener',
  'deleteListener',
  'deregisterTargets',
  'retireLoadBalancer',
  'deleteLoadBalancer',
  'deleteTargetGroup',
];
const steps = fc.array(
  fc.record({
    annotations: edits,
    fault: fc.option(fc.record({ kind: fc.constantFrom(...kinds), afterDoing: fc.boolean() })),
    ms: fc.constantFrom(500, 3000, 70_000),
    restarts: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
);

/** Where port 80 of the network load balancer in the status ends. */
function end({ aws: { state }, cluster }: World): string {
  const name = cluster.ingress('web/site').status[1]?.hostname;
  const network = state.loadBalancers.find(({ dnsName }) => dnsName.toLowerCase() === name);
  const [action] = network?.listeners.find(({ port }) => port === 80)?.defaultActions ?? [];
  const arn = action?.kind === 'forward' ? action.targetGroups[0]?.targetGroup : undefined;
  const [target] = state.targetGroups.find((group) => group.arn === arn)?.targets ?? [];
  const behind = state.loadBalancers.find((found) => found.arn === target?.id);
  const listener = behind?.listeners.find(({ port }) => port === target?.port);
  return listener?.rules.length === 1
    ? 'rules'
    : `${name}: ${arn ?? 'nothing'}, ${target?.id ?? 'no target'}`;
}

function put(world: World, annotations: Readonly<Record<string, string>>): void {
  const { meta, status } = world.cluster.ingress('web/site');
  const next = site(annotations);
  world.cluster.put({ ...next, meta: { ...next.meta, finalizers: meta.finalizers }, status });
}

async function ready(): Promise<World> {
  const world = await running(site({}));
  const loadBalancers = world.aws.state.loadBalancers.map(
    (found) => ({ ...found, state: 'active' }) as const,
  );
  world.aws.state = { ...world.aws.state, loadBalancers };
  await world.rest(30_000);
  return world;
}

test('ANN-65, ANN-66, ANN-69, NAM-12: before every call the named network load balancer leads to rules, and in the end all is as wanted', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const world = await ready();
      const wrong: string[] = [];
      world.aws.onCall = () => {
        const found = end(world);
        if (found !== 'rules') wrong.push(`before ${world.aws.calls.at(-1)}: ${found}`);
      };
      for (const { annotations, fault, ms, restarts } of all) {
        if (fault !== null)
          world.aws.faults.set(fault.kind, {
            kind: 'unknownOutcome',
            times: 1,
            ...(fault.afterDoing ? { afterDoing: true as const } : {}),
          });
        put(world, annotations);
        await world.rest(ms);
        if (restarts) await world.restart();
      }
      world.aws.faults.clear();
      put(world, { 'frontend-nlb-scheme': 'internet-facing', scheme: 'internet-facing' });
      await world.rest(900_000);
      assert.deepEqual(wrong, []);
      const { loadBalancers, targetGroups } = world.aws.state;
      assert.deepEqual(loadBalancers.map(({ type, scheme }) => `${type} ${scheme}`).toSorted(), [
        'application internet-facing',
        'network internet-facing',
      ]);
      const ports = loadBalancers.flatMap(({ type, listeners }) => (type === 'network' ? listeners : []));
      assert.deepEqual(
        ports.map(({ port }) => port),
        [80, 8080],
      );
      assert.equal(targetGroups.filter(({ targetType }) => targetType === 'alb').length, 2);
      world.aws.taken();
      await world.restart();
      assert.deepEqual(writes(world.aws.taken()), []);
    }),
    { numRuns: 25 },
  );
});
