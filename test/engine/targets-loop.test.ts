import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointSlice } from '../../src/core/domain/cluster.ts';
import type { ClusterObject } from '../../src/core/domain/cluster.ts';
import type { SecurityGroupId } from '../../src/core/domain/ids.ts';
import { ingress, meta, rule, service, servicePort } from '../support/builders.ts';
import { type Binding, Memory } from '../../src/engine/memory.ts';
import { policies } from '../../src/core/domain/config.ts';
import { targetGroupsFor } from '../../src/engine/target-groups-for.ts';
import { node, running, site, World, writes } from './support/world.ts';
import { endpoint, frontSlice, namedSlice } from './support/slices.ts';

test('the targets of a held member follow the cluster, also after a restart', async () => {
  const world = await running(site());
  const { meta, ...spec } = world.cluster.ingress('web/site');
  const annotations = { ...meta.annotations, 'alb.ingress.kubernetes.io/scheme': 'outwards' };
  world.cluster.put({ ...spec, meta: { ...meta, annotations } });
  await world.restart();
  world.cluster.put(node('c'));
  world.cluster.take('Node', 'a');
  await world.rest();
  assert.deepEqual(
    [...world.aws.targets.values()].flat().map(({ id, state }) => `${id} ${state}`),
    ['i-a draining', 'i-b initial', 'i-c initial'],
  );
});

const withAnnotations = (world: World, more: Record<string, string>): void => {
  const { meta, ...spec } = world.cluster.ingress('web/site');
  const prefixed = Object.entries(more).map(([key, value]) => [`alb.ingress.kubernetes.io/${key}`, value]);
  world.cluster.put({
    ...spec,
    meta: { ...meta, annotations: { ...meta.annotations, ...Object.fromEntries(prefixed) } },
  });
};

test('ANN-41: node labels that a held member gave in the edit that it is held for take no node out after a restart', async () => {
  const world = await running(site());
  withAnnotations(world, { scheme: 'outwards', 'target-node-labels': 'pool=other' });
  await world.restart();
  world.cluster.put(node('c'));
  world.cluster.take('Node', 'a');
  await world.rest();
  assert.deepEqual(
    [...world.aws.targets.values()].flat().map(({ id, state }) => `${id} ${state}`),
    ['i-a draining', 'i-b initial'],
    'a node that is gone goes, one that only the new labels leave out stays',
  );
  withAnnotations(world, { scheme: 'internal' });
  await world.rest();
  assert.deepEqual(
    [...world.aws.targets.values()].flat().map(({ id, state }) => `${id} ${state}`),
    ['i-a draining', 'i-b draining'],
    'once the member is good the labels count',
  );
});

/** A target group that another cluster has registered a node in, too. */
async function sharing() {
  const annotations = { 'multi-cluster-target-group': 'true' };
  const { rules } = site();
  const world = await running(ingress('web/site', { annotations, rules }));
  const [arn] = world.aws.targets.keys();
  assert.ok(arn !== undefined);
  const [ours] = world.aws.targets.get(arn) ?? [];
  assert.ok(ours !== undefined);
  world.aws.targets.set(arn, [...(world.aws.targets.get(arn) ?? []), { ...ours, id: 'i-theirs' }]);
  const states = () =>
    world.aws.targets.get(arn)?.map(({ id, state }) => `${id} ${state === 'draining' ? 'drains' : 'stays'}`);
  return { world, states };
}

test('ANN-42: a member that is held, and no longer says that clusters share its target group, takes no other cluster’s targets out', async () => {
  const { world, states } = await sharing();
  withAnnotations(world, { scheme: 'outwards', 'multi-cluster-target-group': 'false' });
  await world.restart();
  world.cluster.take('Node', 'a');
  await world.rest();
  assert.deepEqual(states(), ['i-a drains', 'i-b stays', 'i-theirs stays']);
});

test('Trap 12: in a target group that clusters share, the targets of another cluster stay', async () => {
  const { world, states } = await sharing();
  await world.rest(600_000);
  world.cluster.take('Node', 'a');
  await world.rest();
  assert.deepEqual(states(), ['i-a drains', 'i-b stays', 'i-theirs stays']);
});

test('a target that had to wait for whole lists is deregistered once they are', async () => {
  const world = await running(site());
  world.cluster.complete = new Set([
    'Ingress',
    'IngressClass',
    'IngressClassParams',
    'EndpointSlice',
    'Node',
  ]);
  world.cluster.take('Node', 'a');
  await world.rest();
  assert.deepEqual(world.aws.taken(), []);
  world.cluster.complete = undefined;
  await world.rest(30_000);
  assert.deepEqual(world.aws.taken(), ['deregisterTargets']);
});

const slice = (port: string, number = 8080): EndpointSlice => ({
  kind: 'EndpointSlice',
  meta: meta('EndpointSlice', 'web/front-1'),
  serviceName: 'front',
  addressType: 'IPv4',
  ports: [{ name: port, port: number, protocol: 'TCP' }],
  endpoints: [
    {
      addresses: ['10.0.0.9'],
      ready: true,
      serving: true,
      terminating: false,
      nodeName: 'a',
      zone: undefined,
      pod: { namespace: 'web', name: 'front-0', uid: 'p' },
    },
  ],
});

test('the targets of a renamed Service port stay while its slices have the old name', async () => {
  const world = new World();
  world.cluster.put(slice(''), ingress('web/site', { annotations: { 'target-type': 'ip' } }));
  await world.start();
  world.aws.taken();
  world.cluster.put(service('web/front', { ports: [servicePort({ name: 'http' })] }));
  await world.rest();
  assert.ok(!world.aws.taken().includes('deregisterTargets'));
  world.cluster.put(slice('http'));
  await world.rest();
  assert.deepEqual(world.aws.taken(), []);
});

test('a Service gets another targetPort: the old target group keeps its targets until traffic has left it', async () => {
  const world = new World();
  world.cluster.put(slice(''), ingress('web/site', { annotations: { 'target-type': 'ip' } }));
  await world.start();
  const { promise, resolve } = Promise.withResolvers<void>();
  world.aws.gate = promise;
  const targetPort = { kind: 'number', number: 9090 } as const;
  world.cluster.put(service('web/front', { ports: [servicePort({ targetPort })] }));
  await world.rest();
  world.aws.gate = Promise.resolve();
  world.cluster.put(slice('', 9090));
  await world.rest();
  const [old] = [...world.aws.targets.values()];
  assert.deepEqual(
    old?.map(({ port, state }) => `${port} ${state}`),
    ['8080 initial', '9090 initial'],
  );
  resolve();
  await world.rest(60_000);
  const { targetGroups } = world.aws.state;
  assert.deepEqual(
    targetGroups.map(({ port }) => port),
    [9090],
  );
});

test('what was opened for new targets during a long plan stays open when that ends', async () => {
  const world = new World();
  const own = { id: 'sg-of-i-c' as SecurityGroupId, name: 'of c', description: '', tags: {}, ingress: [] };
  world.aws.state = { ...world.aws.state, securityGroups: [...world.aws.state.securityGroups, own] };
  world.cluster.put(site());
  await world.start();
  const { promise, resolve } = Promise.withResolvers<void>();
  world.aws.gate = promise;
  world.cluster.put({ ...world.cluster.ingress('web/site'), rules: site('/other').rules });
  await world.rest();
  world.aws.gate = Promise.resolve();
  world.cluster.put(node('c'));
  await world.rest();
  const opened = () => world.aws.state.securityGroups.find(({ id }) => id === own.id)?.ingress.length;
  assert.equal(opened(), 1);
  resolve();
  await world.rest(60_000);
  assert.equal(opened(), 1);
});

test('a node that goes is deregistered without a plan of the group, and one that comes is registered', async () => {
  const world = await running(site());
  world.cluster.take('Node', 'a');
  await world.rest();
  assert.deepEqual(world.aws.taken(), ['deregisterTargets']);
  world.cluster.put(node('c'));
  await world.rest();
  assert.deepEqual(writes(world.aws.taken()), ['registerTargets']);
});

for (const [what, everyMs] of [
  ['within a second', 90],
  ['over some seconds', 900],
] as const)
  test(`Ask 8.3: 10 nodes that join 300 ${what} cost one RegisterTargets for each of 40 target groups`, async () => {
    const world = new World();
    for (let i = 0; i < 40; i += 1)
      world.cluster.put(ingress(`web/site-${i}`, { rules: [rule('app.example.com', { '/': 'front:80' })] }));
    world.cluster.put(...Array.from({ length: 298 }, (_none, i) => node(`n${i}`)));
    await world.start();
    await world.rest(60_000);
    assert.deepEqual([world.aws.targets.size, [...world.aws.targets.values()][0]?.length], [40, 300]);
    world.aws.taken();
    for (let i = 0; i < 10; i += 1) {
      world.cluster.put(node(`new-${i}`));
      await world.rest(everyMs);
    }
    await world.rest(60_000);
    assert.deepEqual(
      world.aws.taken().filter((call) => call.endsWith('Targets')),
      Array.from({ length: 40 }, () => 'registerTargets'),
    );
    assert.ok([...world.aws.targets.values()].every((targets) => targets.length === 310));
  });

test('Ask 16.1: targets are registered while a plan of their group is held up', async () => {
  const world = await running(site());
  const { promise, resolve } = Promise.withResolvers<void>();
  world.aws.gate = promise;
  world.cluster.put({ ...world.cluster.ingress('web/site'), rules: site('/other').rules });
  await world.rest();
  world.aws.gate = Promise.resolve();
  world.cluster.put(node('c'));
  await world.rest();
  assert.ok(world.aws.taken().includes('registerTargets'));
  resolve();
  await world.rest();
});

test('bad input: an instance that AWS does not know, or does not take, is told on the Ingress and tried again, and the others stand', async () => {
  const world = await running(site());
  world.aws.refusedTargets.add('i-c');
  world.cluster.put(node('c'), node('d'));
  await world.rest(1000);
  const ids = () => [...world.aws.targets.values()].flat().map(({ id }) => id);
  assert.deepEqual(ids(), ['i-a', 'i-b', 'i-d']);
  assert.deepEqual(world.cluster.told(), ['web/site: TargetUnusable']);
  world.aws.refusedTargets.clear();
  await world.rest();
  assert.deepEqual(ids(), ['i-a', 'i-b', 'i-d', 'i-c']);
});

test('a report of a kubelet that changes nothing concerns no target group', () => {
  const before = node('a');
  const memory = new Memory();
  memory.bind({
    intent: { targetType: 'instance', service: {} },
    name: 'k8s-web-front',
  } as unknown as Binding);
  const namesFor = (after: ClusterObject) =>
    targetGroupsFor({ kind: 'Node', before, after }, memory, policies.none);
  assert.deepEqual(namesFor({ ...before, meta: { ...before.meta, resourceVersion: '99' } }), []);
  assert.deepEqual(namesFor(node('a', 'Unknown')), ['k8s-web-front']);
});

test('Trap 11: all nodes at once not ready: none is deregistered, their rules stay, and it is told once', async () => {
  const world = await running(site());
  const rules = () => world.aws.state.securityGroups.flatMap(({ ingress: lines }) => lines).length;
  const before = rules();
  world.cluster.put(node('a', 'False'), node('b', 'False'));
  await world.rest(900_000);
  assert.deepEqual(writes(world.aws.taken()), []);
  assert.equal(rules(), before);
  assert.deepEqual(world.cluster.told(), ['web/site: TargetsKept']);
  await world.restart();
  await world.rest(900_000);
  assert.deepEqual(writes(world.aws.taken()), []);
  assert.equal(rules(), before);
  world.cluster.put(node('a'));
  await world.rest();
  assert.deepEqual(writes(world.aws.taken()), ['deregisterTargets']);
});

test('Trap 11: all pods at once not ready: those that are registered stay, and one that terminates goes', async () => {
  const world = new World();
  world.cluster.put(frontSlice(endpoint(1), endpoint(2)));
  world.cluster.put(ingress('web/site', { annotations: { 'target-type': 'ip' } }));
  await world.start();
  world.aws.taken();
  const unready = { ready: false, serving: false };
  world.cluster.put(frontSlice(endpoint(1, unready), endpoint(2, unready), endpoint(3, unready)));
  await world.rest(900_000);
  assert.deepEqual(writes(world.aws.taken()), []);
  world.cluster.put(frontSlice(endpoint(1, unready), endpoint(2, { ...unready, terminating: true })));
  await world.rest();
  assert.deepEqual(
    [...world.aws.targets.values()].flat().map(({ id, state }) => `${id} ${state}`),
    ['10.0.0.1 initial', '10.0.0.2 draining'],
  );
});

test('OPS-01: --targetgroupbinding-max-exponential-backoff-delay is the longest wait between two tries', async () => {
  const tries = async (targetBackOffMs: number): Promise<number> => {
    const world = await running(site());
    world.targetBackOffMs = targetBackOffMs;
    await world.restart();
    world.aws.taken();
    world.aws.faults.set('registerTargets', { kind: 'unavailable', times: Infinity });
    world.cluster.put(node('c'));
    await world.rest(120_000);
    return world.aws.taken().filter((call) => call === 'registerTargets').length;
  };
  const [often, seldom] = [await tries(5000), await tries(60_000)];
  assert.ok(often >= 20, String(often));
  assert.ok(seldom <= 12, String(seldom));
});

test('Trap 26: the way to a target that drains stays open until its node is gone', async () => {
  const world = new World();
  const own = { id: 'sg-of-i-b' as SecurityGroupId, name: 'of b', description: '', tags: {}, ingress: [] };
  world.aws.state = { ...world.aws.state, securityGroups: [...world.aws.state.securityGroups, own] };
  world.cluster.put(site(), node('c'));
  await world.start();
  const opened = () => world.aws.state.securityGroups.find(({ id }) => id === own.id)?.ingress.length;
  assert.equal(opened(), 1);
  const taint = { key: 'ToBeDeletedByClusterAutoscaler', value: '', effect: 'NoSchedule' };
  world.cluster.put({ ...node('b'), taints: [taint] });
  await world.rest(600_000);
  const states = () => [...world.aws.targets.values()].flat().map(({ id, state }) => `${id} ${state}`);
  assert.deepEqual(states(), ['i-a initial', 'i-b draining', 'i-c initial']);
  assert.equal(opened(), 1);
  world.cluster.take('Node', 'b');
  await world.rest(10_000);
  assert.equal(opened(), 0);
});

test('TGB-17: what changes no target costs no call, however often it comes; what AWS lost is found by the audit', async () => {
  const world = new World();
  world.cluster.put(namedSlice('web/front-1', endpoint(1), endpoint(2)));
  world.cluster.put(ingress('web/site', { annotations: { 'target-type': 'ip' } }));
  await world.start();
  world.aws.taken();
  // Another order, another zone, a second slice that repeats one, a pod that is not ready, a port that nobody has, a label.
  world.cluster.put(namedSlice('web/front-1', endpoint(2), endpoint(1)));
  await world.rest(500);
  world.cluster.put(namedSlice('web/front-1', endpoint(1, { zone: 'us-west-2a' }), endpoint(2)));
  await world.rest(500);
  world.cluster.put(namedSlice('web/front-2', endpoint(2), endpoint(3, { ready: false, serving: false })));
  await world.rest(500);
  const [port] = namedSlice('').ports;
  world.cluster.put({
    ...namedSlice('web/front-3', endpoint(4)),
    ports: port === undefined ? [] : [{ ...port, name: 'x' }],
  });
  await world.rest(500);
  world.cluster.put(
    service('web/front', { meta: { ...meta('Service', 'web/front'), labels: { team: 'web' } } }),
  );
  await world.rest(500);
  assert.deepEqual(world.aws.taken(), []);
  // ALBC comes back within 45 minutes although its checkpoint says that nothing changed; here the audit does.
  for (const [arn, targets] of world.aws.targets) world.aws.targets.set(arn, targets.slice(1));
  await world.rest(700_000);
  assert.deepEqual(writes(world.aws.taken()), ['registerTargets']);
});
