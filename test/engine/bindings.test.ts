import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TargetGroupBinding } from '../../src/core/domain/cluster.ts';
import { policies } from '../../src/core/domain/config.ts';
import type { TargetGroupFact } from '../../src/core/domain/facts.ts';
import type { SecurityGroupId, TargetGroupArn } from '../../src/core/domain/ids.ts';
import type { ObservedTarget } from '../../src/core/domain/target.ts';
import { ingress, meta, rule, service, servicePort, targetGroupBinding } from '../support/builders.ts';
import { coreConfig } from '../support/core-config.ts';
import { running, site, World, writes } from './support/world.ts';

const theirs = (overrides: Partial<TargetGroupFact> = {}): TargetGroupFact => ({
  arn: 'arn:aws:elasticloadbalancing:us-west-2:1:targetgroup/theirs/1' as TargetGroupArn,
  name: 'theirs',
  targetType: 'instance',
  protocol: 'HTTP',
  ipAddressType: 'ipv4',
  vpcId: coreConfig().vpcId,
  ...overrides,
});

const binding = (id: string, overrides: Partial<TargetGroupBinding> = {}): TargetGroupBinding =>
  targetGroupBinding(id, { targetGroupArn: theirs().arn, ...overrides });

async function serving(...bindings: readonly TargetGroupBinding[]): Promise<World> {
  return served(new World(), bindings);
}

async function served(world: World, bindings: readonly TargetGroupBinding[]): Promise<World> {
  world.aws.theirs.push(theirs());
  world.cluster.put(...bindings);
  await world.start();
  return world;
}

const registered = ({ aws }: World): readonly string[] =>
  (aws.targets.get(theirs().arn) ?? [])
    .filter(({ state }) => state !== 'draining')
    .map(({ id, port }) => `${id}:${port}`);

const errors = ({ lines }: World) => lines.filter(({ level }) => level === 'error');

test('TGB-05: a target group of somebody else is filled, with finalizer, status and one event', async () => {
  const world = await serving(binding('web/mine'));
  assert.deepEqual(registered(world), ['i-a:30080', 'i-b:30080']);
  const found = world.cluster.binding('web/mine');
  assert.deepEqual(found?.meta.finalizers, ['elbv2.k8s.aws/resources']);
  assert.equal(found.observedGeneration, found.meta.generation);
  assert.deepEqual(world.cluster.told(), ['web/mine: SuccessfullyReconciled']);
  assert.deepEqual(writes(world.aws.taken()), ['targetGroup', 'registerTargets']);
  assert.deepEqual(errors(world), []);
});

test('TGB-16: its targets go before the finalizer does, and the target group stays', async () => {
  const world = await serving(binding('web/mine'));
  world.aws.faults.set('deregisterTargets', { kind: 'throttled', times: 1 });
  world.cluster.delete('web/mine', 'TargetGroupBinding');
  await world.rest(500);
  assert.ok(world.cluster.binding('web/mine'), 'while AWS refuses, the finalizer stays');
  await world.rest(60_000);
  assert.deepEqual(registered(world), []);
  assert.equal(world.cluster.binding('web/mine'), undefined);
  assert.deepEqual(errors(world), []);
});

test('TGB-16: a restart in the middle of a deletion goes on with it', async () => {
  const world = await serving(binding('web/mine'));
  await world.engine.stop(0);
  world.cluster.delete('web/mine', 'TargetGroupBinding');
  await world.restart();
  assert.deepEqual(registered(world), []);
  assert.equal(world.cluster.binding('web/mine'), undefined);
});

test('TGB-14, trap 2: a Service that is gone or cannot be read keeps its targets; with the preset of ALBC one that is gone does not', async () => {
  const world = await serving(binding('web/mine'));
  world.cluster.told();
  world.cluster.complete = new Set(['Node', 'EndpointSlice', 'TargetGroupBinding']);
  world.cluster.take('Service', 'web/front');
  await world.rest();
  assert.deepEqual(registered(world), ['i-a:30080', 'i-b:30080']);
  world.cluster.complete = undefined;
  await world.rest(60_000);
  assert.deepEqual(registered(world), ['i-a:30080', 'i-b:30080']);
  assert.deepEqual(world.cluster.told(), ['web/mine: BackendNotFound']);
  const albc = await served(new World({ policy: policies.albc }), [binding('web/mine')]);
  albc.cluster.take('Service', 'web/front');
  await albc.rest();
  assert.deepEqual(registered(albc), []);
});

test('TGB-14: a port that is gone keeps its targets, and with the preset of ALBC it does not', async () => {
  const world = await serving(binding('web/mine'));
  world.cluster.put(service('web/front', { ports: [servicePort({ port: 81 })] }));
  await world.rest();
  assert.deepEqual(registered(world), ['i-a:30080', 'i-b:30080']);
  assert.ok(world.cluster.told().includes('web/mine: BackendNotFound'));
  const albc = await served(new World({ policy: policies.albc }), [binding('web/mine')]);
  albc.cluster.put(service('web/front', { ports: [servicePort({ port: 81 })] }));
  await albc.rest();
  assert.deepEqual(registered(albc), []);
  assert.ok(
    albc.cluster.events.some(
      ({ message }) => message === 'backend not found: unable to find port 80 on service web/front',
    ),
  );
});

test('TGB-04, bad input: of two Services that claim one target group the older binding fills it, and both are told', async () => {
  const younger = binding('web/a-younger', {
    meta: { ...meta('TargetGroupBinding', 'web/a-younger'), creationTimestamp: '2026-02-01T00:00:00Z' },
    service: { name: 'other', port: { kind: 'number', number: 80 } },
  });
  const world = new World();
  world.aws.theirs.push(theirs());
  world.cluster.put(
    service('web/other', { ports: [servicePort({ nodePort: 31_000 })] }),
    younger,
    binding('web/mine', {
      meta: { ...meta('TargetGroupBinding', 'web/mine'), creationTimestamp: '2026-01-01T00:00:00Z' },
    }),
  );
  await world.start();
  assert.deepEqual(registered(world), ['i-a:30080', 'i-b:30080']);
  const told = world.cluster.told();
  assert.ok(told.includes('web/a-younger: FailedReconcile'), told.join());
  assert.ok(told.includes('web/mine: TargetGroupTaken'), told.join());
  world.cluster.delete('web/a-younger', 'TargetGroupBinding');
  await world.rest();
  assert.deepEqual(registered(world), ['i-a:30080', 'i-b:30080'], 'who never filled it takes nothing out');
});

test('bad input: each is told on the binding, and nothing is written', async () => {
  const bad: readonly (readonly [Partial<TargetGroupFact>, Partial<TargetGroupBinding>, RegExp])[] = [
    [{ targetType: 'lambda' }, {}, /type lambda; instance and ip can be bound/],
    [{}, { targetType: 'ip' }, /spec\.targetType ip, and target group theirs has instance/],
    [{ vpcId: 'vpc-other' }, {}, /of VPC vpc-other, and the nodes are in/],
    [
      { targetType: 'ip' },
      { nodeSelector: { matchLabels: {}, matchExpressions: [] } },
      /has spec\.nodeSelector/,
    ],
    [{}, { role: { arn: 'arn:aws:iam::2:role/r', externalId: undefined } }, /assumes a role/],
    [{}, { targetGroupArn: 'arn:gone' }, /names target group arn:gone, which does not exist/],
    [{}, { targetGroupArn: undefined }, /neither spec\.targetGroupARN nor spec\.targetGroupName/],
  ];
  for (const [fact, words, message] of bad) {
    const world = new World();
    world.aws.theirs.push(theirs(fact));
    world.cluster.put(binding('web/mine', words));
    await world.start();
    const [event] = world.cluster.events;
    assert.match(event?.message ?? 'nothing', message);
    assert.equal(event?.reason, 'FailedReconcile');
    assert.deepEqual(world.aws.targets.size, 0);
  }
});

test('TGB-06, NET-12: networking opens the nodes, and a binding that is gone closes them', async () => {
  const peer = { kind: 'securityGroup', id: 'sg-theirs' as SecurityGroupId } as const;
  const networking: TargetGroupBinding['networking'] = [
    {
      from: [peer, { kind: 'ipBlock', cidr: '10.7.0.0/16' }],
      ports: [{ protocol: 'tcp', port: { kind: 'number', number: 30_080 } }],
    },
  ];
  const world = await serving(binding('web/mine', { networking }));
  const rules = () =>
    (world.aws.state.securityGroups.find(({ id }) => id === 'sg-nodes')?.ingress ?? []).map(
      ({ protocol, fromPort, toPort, source }) =>
        `${protocol} ${fromPort}-${toPort} ${'cidr' in source ? source.cidr : String(source.id)}`,
    );
  assert.deepEqual(rules().toSorted(), ['tcp 30080-30080 10.7.0.0/16', 'tcp 30080-30080 sg-theirs']);
  world.cluster.delete('web/mine', 'TargetGroupBinding');
  await world.rest();
  assert.deepEqual(rules(), []);
});

test('TGB-18: own targets are listed before they are registered, and after a restart no others go', async () => {
  const world = new World();
  world.aws.theirs.push(theirs());
  const other = {
    id: 'i-other',
    port: 1,
    availabilityZone: undefined,
    state: 'healthy',
    reason: '',
    description: '',
  } as const;
  world.aws.targets.set(theirs().arn, [other]);
  world.cluster.put(binding('web/mine', { multiCluster: true }));
  await world.start();
  assert.deepEqual([...(world.cluster.lists.get('web/mine') ?? [])].toSorted(), ['i-a 30080', 'i-b 30080']);
  await world.engine.stop(0);
  world.cluster.take('Node', 'b');
  await world.restart();
  assert.deepEqual(registered(world), ['i-other:1', 'i-a:30080']);
  assert.deepEqual([...(world.cluster.lists.get('web/mine') ?? [])], ['i-a 30080']);
  world.cluster.delete('web/mine', 'TargetGroupBinding');
  await world.rest();
  assert.deepEqual(registered(world), ['i-other:1']);
  assert.equal(world.cluster.lists.has('web/mine'), false);
});

test('what ALBC keeps for its own use is left alone', async () => {
  const labels = { 'service.k8s.aws/stack-name': 'x', 'service.k8s.aws/stack-namespace': 'web' };
  const world = await serving(
    binding('web/mine', { meta: meta('TargetGroupBinding', 'web/mine', { labels }) }),
  );
  assert.deepEqual(registered(world), []);
  assert.deepEqual(world.cluster.binding('web/mine')?.meta.finalizers, []);
});

test('a binding changes nothing for the Ingresses beside it', async () => {
  const world = await running(site());
  world.aws.theirs.push(theirs());
  world.cluster.put(binding('web/mine'));
  await world.rest();
  assert.deepEqual(writes(world.aws.taken()), ['targetGroup', 'registerTargets']);
});

test('what ALBC kept for an Ingress goes when its group is served, and no target with it', async () => {
  const world = await running(site());
  const [group] = world.aws.state.targetGroups;
  assert.ok(group);
  const labels = { 'ingress.k8s.aws/stack-namespace': 'web', 'ingress.k8s.aws/stack-name': 'site' };
  const finalizers = ['elbv2.k8s.aws/resources'];
  const kept = meta('TargetGroupBinding', `web/${group.name}`, { labels, finalizers });
  world.cluster.put(binding(`web/${group.name}`, { meta: kept, targetGroupArn: group.arn }));
  await world.rest();
  assert.equal(world.cluster.binding(`web/${group.name}`), undefined);
  assert.deepEqual(writes(world.aws.taken()), []);
});

const albcs = (name: string) => ({
  labels: { 'ingress.k8s.aws/stack-namespace': 'web', 'ingress.k8s.aws/stack-name': 'site' },
  finalizers: ['elbv2.k8s.aws/resources'],
  name,
});

test('what ALBC kept for an Ingress that was deleted while no controller ran goes with its group, and no other', async () => {
  const world = await running(site());
  const [group] = world.aws.state.targetGroups;
  assert.ok(group);
  await world.engine.stop(0);
  const kept = meta('TargetGroupBinding', `web/${group.name}`, albcs(group.name));
  const elsewhere = meta('TargetGroupBinding', 'web/theirs', albcs('theirs'));
  world.aws.theirs.push(theirs());
  world.cluster.put(
    binding(`web/${group.name}`, { meta: kept, targetGroupArn: group.arn }),
    binding('web/theirs', { meta: elsewhere }),
  );
  world.cluster.delete('web/site');
  await world.restart();
  assert.ok(world.cluster.has('web/site'), 'AWS may not list yet what was made last');
  await world.rest(30_000);
  assert.equal(world.cluster.has('web/site'), false);
  assert.equal(world.cluster.binding(`web/${group.name}`), undefined);
  assert.ok(world.cluster.binding('web/theirs'), 'its target group is there: somebody uses it');
});

test('TGB-18: the list of an Ingress’s own targets goes with its target group, after a restart too', async () => {
  for (const restarts of [false, true]) {
    const annotations = { 'multi-cluster-target-group': 'true' };
    const world = await running(
      ingress('web/site', { annotations, rules: [rule('app.example.com', { '/': 'front:80' })] }),
    );
    assert.deepEqual(
      [...world.cluster.lists.values()].map(({ size }) => size),
      [2],
    );
    if (restarts) await world.engine.stop(0);
    world.cluster.delete('web/site');
    await (restarts ? world.restart() : world.rest());
    await world.rest(30_000);
    assert.equal(world.cluster.has('web/site'), false);
    assert.deepEqual([...world.cluster.lists.keys()], []);
  }
});

const checkpoint = { 'elbv2.k8s.aws/checkpoint': 'a/b', 'elbv2.k8s.aws/checkpoint-timestamp': '1' };

test('a binding that ALBC serves is left to it, also when its mark comes later; the preset takes it over', async () => {
  const marked = meta('TargetGroupBinding', 'web/mine', { annotations: checkpoint });
  const beside = await serving(binding('web/mine', { meta: marked }));
  assert.deepEqual(beside.cluster.told(), ['web/mine: BindingOfAlbc']);
  assert.deepEqual(beside.cluster.binding('web/mine')?.meta.finalizers, []);
  assert.deepEqual(writes(beside.aws.taken()), []);

  const later = await serving(binding('web/mine'));
  assert.deepEqual(registered(later), ['i-a:30080', 'i-b:30080']);
  const before = later.cluster.binding('web/mine');
  assert.ok(before);
  later.cluster.put({ ...before, meta: { ...before.meta, annotations: checkpoint } });
  await later.rest();
  later.aws.taken();
  later.cluster.take('Node', 'b');
  later.cluster.delete('web/mine', 'TargetGroupBinding');
  await later.rest();
  assert.deepEqual(writes(later.aws.taken()), [], 'nothing is taken out that ALBC put in');
  assert.deepEqual(later.cluster.binding('web/mine')?.meta.finalizers, ['elbv2.k8s.aws/resources']);

  const preset = new World({ policy: policies.albc });
  preset.aws.theirs.push(theirs());
  preset.cluster.put(binding('web/mine', { meta: marked, targetType: 'instance' }));
  await preset.start();
  assert.deepEqual(registered(preset), ['i-a:30080', 'i-b:30080']);
  assert.deepEqual(preset.cluster.binding('web/mine')?.meta.annotations, {});
});

test('Trap 12: beside ALBC nothing is taken out of the target group of a new binding that may be ALBC’s, until that had its time', async () => {
  const world = new World();
  world.aws.theirs.push(theirs());
  const theirTarget: ObservedTarget = {
    id: 'i-theirs',
    port: 30_080,
    availabilityZone: undefined,
    state: 'healthy',
    reason: '',
    description: '',
  };
  world.aws.targets.set(theirs().arn, [theirTarget]);
  const marked = meta('TargetGroupBinding', 'web/other', { annotations: checkpoint });
  world.cluster.put(binding('web/mine'), binding('web/other', { meta: marked, targetGroupArn: 'arn:other' }));
  await world.start();
  assert.deepEqual(registered(world), ['i-theirs:30080', 'i-a:30080', 'i-b:30080']);
  // Nobody has marked it.
  await world.rest(600_000);
  assert.deepEqual(registered(world), ['i-a:30080', 'i-b:30080']);
});

test('a binding that ALBC serves wins over an older one without its mark', async () => {
  const old = { ...meta('TargetGroupBinding', 'web/old'), creationTimestamp: '2020-01-01T00:00:00Z' };
  const marked = meta('TargetGroupBinding', 'web/mine', { annotations: checkpoint });
  const world = await serving(binding('web/old', { meta: old }), binding('web/mine', { meta: marked }));
  assert.deepEqual(registered(world), []);
  assert.ok(world.cluster.told().includes('web/old: FailedReconcile'));
});

const opens = (cidr: string, port: string | number): TargetGroupBinding['networking'] => [
  {
    from: [{ kind: 'ipBlock', cidr }],
    ports: [
      {
        protocol: 'tcp',
        port: typeof port === 'string' ? { kind: 'name', name: port } : { kind: 'number', number: port },
      },
    ],
  },
];

const openTo = ({ aws }: World): readonly string[] =>
  (aws.state.securityGroups.find(({ id }) => id === 'sg-nodes')?.ingress ?? [])
    .map(({ fromPort, source }) => `${fromPort} ${'cidr' in source ? source.cidr : 'group'}`)
    .toSorted();

test('TGB-06: a port that nobody can resolve holds back the rules of its own peers, and no others', async () => {
  const world = new World();
  const other = theirs({ arn: 'arn:other' as TargetGroupArn, name: 'other' });
  world.aws.theirs.push(theirs(), other);
  world.cluster.put(
    binding('web/mine', { networking: opens('10.7.0.0/16', 30_080) }),
    binding('web/two', { targetGroupArn: other.arn, networking: opens('10.8.0.0/16', 30_080) }),
  );
  await world.start();
  assert.deepEqual(openTo(world), ['30080 10.7.0.0/16', '30080 10.8.0.0/16']);
  const mine = world.cluster.binding('web/mine');
  assert.ok(mine);
  world.cluster.put({ ...mine, networking: opens('10.7.0.0/16', 'http') });
  world.cluster.delete('web/two', 'TargetGroupBinding');
  await world.rest();
  assert.deepEqual(openTo(world), ['30080 10.7.0.0/16']);
  world.cluster.put({ ...mine, networking: opens('10.7.0.0/16', 30_081) });
  await world.rest();
  assert.deepEqual(openTo(world), ['30081 10.7.0.0/16']);
});

test('TGB-16: rules are closed before the finalizer goes, though the binding was deleted while no controller ran', async () => {
  const world = await serving(binding('web/mine', { networking: opens('10.7.0.0/16', 30_080) }));
  await world.engine.stop(0);
  world.cluster.delete('web/mine', 'TargetGroupBinding');
  await world.restart();
  assert.equal(world.cluster.binding('web/mine'), undefined);
  assert.deepEqual(openTo(world), []);
});

test('TGB-16: a cleanup that AWS refuses is told in an event and in the status', async () => {
  const world = await serving(binding('web/mine'));
  world.aws.faults.set('deregisterTargets', { kind: 'denied' });
  world.cluster.delete('web/mine', 'TargetGroupBinding');
  await world.rest();
  assert.ok(world.cluster.told().includes('web/mine: FailedCleanup'));
  assert.deepEqual(world.cluster.failedCleanups, ['web/mine: deregisterTargets was refused (denied)']);
});
