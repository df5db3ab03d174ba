import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies } from '../../src/core/domain/config.ts';
import { planAnnotation } from '../../src/core/domain/plan.ts';
import { ingress, rule, service, servicePort } from '../support/builders.ts';
import { coreConfig } from '../support/core-config.ts';
import { running, site, World, writes } from './support/world.ts';

const group = { 'group.name': 'shop' };

test('an Ingress becomes a load balancer with targets, status, finalizer and one event', async () => {
  const world = new World();
  world.cluster.put(site());
  await world.start();
  const { state, targets } = world.aws;
  assert.equal(state.loadBalancers[0]?.listeners[0]?.rules.length, 1);
  assert.deepEqual(
    [...targets.values()].flat().map(({ id, port }) => `${id}:${port}`),
    ['i-a:30080', 'i-b:30080'],
  );
  const { meta, status } = world.cluster.ingress('web/site');
  assert.deepEqual(meta.finalizers, ['albatross.dev/resources']);
  assert.deepEqual(
    status.map(({ hostname, ports }) => [hostname, ports]),
    [[state.loadBalancers[0]?.dnsName.toLowerCase(), [80]]],
  );
  assert.deepEqual(world.cluster.told(), ['web/site: SuccessfullyReconciled']);
  assert.deepEqual(
    world.lines.filter(({ level }) => level === 'error'),
    [],
  );
});

test('nodes and pods are opened before the load balancer exists', async () => {
  const world = new World();
  world.cluster.put(site());
  await world.start();
  const calls = world.aws.taken();
  assert.ok(calls.indexOf('authorizeIngress') < calls.indexOf('createLoadBalancer'), calls.join(' '));
  assert.equal(world.aws.state.securityGroups.find(({ id }) => id === 'sg-nodes')?.ingress.length, 1);
});

test('the finalizer is there before the first write, and without it nothing is written', async () => {
  const world = new World();
  world.cluster.refuses = new Error('forbidden');
  world.cluster.put(site());
  await world.start();
  assert.deepEqual(writes(world.aws.taken()), []);
  world.cluster.refuses = undefined;
  await world.rest(60_000);
  assert.equal(world.aws.state.loadBalancers.length, 1);
});

test('a change that means nothing, and one that changes nothing, cost no call', async () => {
  const world = await running(site());
  const present = world.cluster.ingress('web/site');
  world.cluster.put({ ...present, meta: { ...present.meta, labels: { team: 'a' }, resourceVersion: '9' } });
  world.cluster.put({
    ...present,
    meta: {
      ...present.meta,
      annotations: { ...present.meta.annotations, 'alb.ingress.kubernetes.io/scheme': 'internal' },
    },
  });
  world.cluster.put(service('web/front', { annotations: { 'healthcheck-path': '/' } }));
  await world.rest();
  assert.deepEqual(world.aws.taken(), []);
});

test('one more path is one call', async () => {
  const world = await running(site());
  const present = world.cluster.ingress('web/site');
  world.cluster.put({
    ...present,
    rules: [rule('app.example.com', { '/': 'front:80', '/more': 'front:80' })],
  });
  await world.rest();
  assert.deepEqual(writes(world.aws.taken()).filter((call) => call === 'createRule').length, 1);
  assert.deepEqual(world.cluster.told(), ['web/site: SuccessfullyReconciled']);
});

test('a burst of edits is one plan', async () => {
  const world = await running(site());
  for (const path of ['/a', '/b', '/c']) {
    world.cluster.put({ ...world.cluster.ingress('web/site'), rules: site(path).rules });
    await world.clock.advance(20);
  }
  await world.rest();
  assert.equal(
    world.lines.filter(({ fields }) => fields.operation === 'modifyRule' || fields.operation === 'createRule')
      .length,
    2,
  );
});

test('a refused operation is told, does not stop what does not depend on it, and is tried again', async () => {
  const world = new World();
  world.aws.faults.set('createRule', { kind: 'throttled', times: 1 });
  world.cluster.put(
    site(),
    ingress('web/other', { rules: [rule('other.example.com', { '/': 'front:80' })] }),
  );
  await world.start();
  await world.rest(10_000);
  assert.equal(world.aws.state.loadBalancers.length, 2);
  const listeners = world.aws.state.loadBalancers.flatMap((each) => each.listeners);
  assert.deepEqual(
    listeners.map(({ rules }) => rules.length),
    [1, 1],
  );
  assert.ok(world.cluster.told().some((line) => line.endsWith('FailedDeployModel')));
});

test('a write without an answer is looked at before the next one, and not made twice', async () => {
  const world = new World();
  world.aws.faults.set('createListener', { kind: 'unknownOutcome', times: 1, afterDoing: true });
  world.cluster.put(site());
  await world.start();
  await world.rest(10_000);
  const calls = world.aws.taken();
  assert.equal(calls.filter((call) => call === 'createListener').length, 1);
  assert.ok(calls.indexOf('observeGroup') > calls.indexOf('createListener'));
  assert.equal(world.aws.state.loadBalancers[0]?.listeners[0]?.rules.length, 1);
});

test('a quota or a missing permission is tried again after a minute at the soonest', async () => {
  const world = new World();
  world.aws.faults.set('createLoadBalancer', { kind: 'quotaExceeded', times: 1 });
  world.cluster.put(site());
  await world.start();
  await world.rest(50_000);
  assert.equal(world.aws.state.loadBalancers.length, 0);
  await world.rest(15_000);
  assert.equal(world.aws.state.loadBalancers.length, 1);
});

test('an invalid request waits for a change', async () => {
  const world = new World();
  world.aws.faults.set('createLoadBalancer', { kind: 'invalid', times: 1 });
  world.cluster.put(site());
  await world.start();
  await world.rest(60_000);
  assert.equal(world.aws.state.loadBalancers.length, 0);
  world.cluster.put({ ...world.cluster.ingress('web/site'), rules: site('/new').rules });
  await world.rest();
  assert.equal(world.aws.state.loadBalancers.length, 1);
});

test('Ask 15.4, trap 27: a restart reads and writes nothing', async () => {
  const world = await running(site());
  await world.restart();
  const calls = world.aws.taken();
  assert.deepEqual(writes(calls), []);
  assert.equal(calls.filter((call) => call === 'inventory').length, 1);
  assert.equal(calls.filter((call) => call === 'observeTargets').length, 1);
});

test('a restart in the middle of a first plan goes on where it was', async () => {
  const world = new World();
  world.aws.faults.set('createListener', { kind: 'denied' });
  world.cluster.put(site());
  await world.start();
  world.aws.faults.clear();
  await world.restart();
  assert.equal(world.aws.state.loadBalancers.length, 1);
  assert.equal(world.aws.state.targetGroups.length, 1);
  assert.equal(world.aws.state.loadBalancers[0]?.listeners[0]?.rules.length, 1);
});

test('Ask 6.2: deleting the last Ingress takes everything away, then lets it go', async () => {
  const world = await running(site());
  world.cluster.delete('web/site');
  await world.rest(10_000);
  const { loadBalancers, targetGroups, securityGroups } = world.aws.state;
  assert.deepEqual([loadBalancers.length, targetGroups.length], [0, 0]);
  assert.deepEqual(
    securityGroups.map(({ name, ingress: rules }) => [name, rules.length]),
    [['nodes', 0]],
  );
  assert.equal(world.cluster.has('web/site'), false);
});

test('Ask 4.1, trap 1: a load balancer whose Ingress vanished unseen stays, and so do the ways to its targets', async () => {
  const world = await running(site());
  await world.engine.stop(0);
  world.cluster.take('Ingress', 'web/site');
  await world.restart();
  await world.rest(400_000);
  assert.deepEqual(writes(world.aws.taken()), []);
});

test('Ask 6.5, Ask 6.6: while something of a member cannot be deleted, it keeps its finalizer, and the rest goes', async () => {
  const world = await running(site());
  world.aws.faults.set('deleteTargetGroup', { kind: 'inUse' });
  world.cluster.delete('web/site');
  await world.rest(10_000);
  assert.equal(world.cluster.has('web/site'), true);
  const { loadBalancers, targetGroups } = world.aws.state;
  assert.deepEqual([loadBalancers.length, targetGroups.length], [0, 1]);
  world.aws.faults.clear();
  await world.rest(60_000);
  assert.equal(world.cluster.has('web/site'), false);
});

test('a member that leaves its group is let go when its own things are gone, and its neighbour stays', async () => {
  const world = new World();
  const back = service('web/back', { ports: [servicePort({ nodePort: 30081 })] });
  world.cluster.put(
    back,
    ingress('web/one', { annotations: group, rules: [rule('one.example.com', { '/': 'front:80' })] }),
    ingress('web/two', { annotations: group, rules: [rule('two.example.com', { '/': 'back:80' })] }),
  );
  await world.start();
  world.cluster.delete('web/two');
  await world.rest(10_000);
  assert.equal(world.cluster.has('web/two'), false);
  assert.equal(world.aws.state.targetGroups.length, 1);
  assert.deepEqual(world.cluster.ingress('web/one').meta.finalizers, ['group.albatross.dev/shop']);
});

test('Ask 4.1, trap 1: nothing is deleted while the lists are not whole, and it is once they are', async () => {
  const world = await running(site());
  world.cluster.complete = new Set(['IngressClass', 'Service', 'Node', 'IngressClassParams']);
  world.cluster.delete('web/site');
  await world.rest();
  assert.equal(world.aws.state.loadBalancers.length, 1);
  world.cluster.complete = undefined;
  await world.rest(60_000);
  assert.equal(world.aws.state.loadBalancers.length, 0);
  assert.equal(world.cluster.has('web/site'), false);
});

test('a change made in AWS is found within five minutes, put back, and told', async () => {
  const world = await running(site());
  const change = (healthCheckPath: string) => {
    world.aws.state = {
      ...world.aws.state,
      targetGroups: world.aws.state.targetGroups.map((each) => ({
        ...each,
        healthCheck: { ...each.healthCheck, path: healthCheckPath },
      })),
    };
  };
  change('/changed');
  await world.rest(600_000);
  assert.equal(world.aws.state.targetGroups[0]?.healthCheck.path, '/');
  const event = world.cluster.events.find(({ reason }) => reason === 'DriftRepaired');
  assert.match(event?.message ?? '', /changed in AWS by somebody else: put back .* from \/changed to \//);
});

test('Ask 12.1: 200 groups are all read again within five minutes, each once, with one list of the account', async () => {
  const world = new World();
  const names = Array.from({ length: 200 }, (_, index) => `web/site-${index}`);
  for (const name of names)
    world.cluster.put(ingress(name, { rules: [rule('app.example.com', { '/': 'front:80' })] }));
  await world.start();
  await world.rest(60_000);
  // A whole round, from the middle of one to the middle of the next.
  await world.rest(450_000);
  world.aws.taken();
  await world.rest(300_000);
  const calls = world.aws.taken();
  assert.equal(calls.filter((call) => call === 'observeGroup').length, 200);
  assert.equal(calls.filter((call) => call === 'inventory').length, 1);
  assert.deepEqual(writes(calls), []);
});

test('a target that somebody took out is registered again by the audit', async () => {
  const world = await running(site());
  for (const arn of world.aws.targets.keys()) world.aws.targets.set(arn, []);
  await world.rest(600_000);
  assert.equal([...world.aws.targets.values()].flat().length, 2);
});

test('an audit that finds nothing writes nothing and tells nothing', async () => {
  const world = await running(site());
  await world.rest(900_000);
  const calls = world.aws.taken();
  assert.deepEqual(writes(calls), []);
  assert.ok(calls.filter((call) => call === 'observeGroup').length >= 2);
  assert.deepEqual(world.cluster.told(), []);
});

test('after an audit, too, a change that changes nothing costs no call', async () => {
  const world = await running(site());
  await world.rest(400_000);
  world.aws.taken();
  const { meta, ...spec } = world.cluster.ingress('web/site');
  const annotations = { ...meta.annotations, 'alb.ingress.kubernetes.io/scheme': 'internal' };
  world.cluster.put({ ...spec, meta: { ...meta, annotations } });
  await world.rest();
  assert.deepEqual(world.aws.taken(), []);
});

test('after a bug in the middle of a plan AWS is read again before the next write', async () => {
  const world = await running(site());
  world.aws.bugIn = 'setRulePriorities';
  const paths = { '/': 'front:80', '/a': 'front:80', '/b': 'front:80' };
  world.cluster.put({ ...world.cluster.ingress('web/site'), rules: [rule('app.example.com', paths)] });
  await world.rest(60_000);
  const calls = world.aws.taken();
  assert.ok(calls.includes('observeGroup'), calls.join(' '));
  assert.equal(world.aws.state.loadBalancers[0]?.listeners[0]?.rules.length, 3);
});

test('AWS that cannot be read is told once, and work goes on when it can', async () => {
  const world = new World();
  world.aws.faults.set('inventory', { kind: 'denied', times: 3 });
  world.cluster.put(site());
  await world.start();
  await world.rest(100_000);
  assert.deepEqual(world.cluster.told(), ['web/site: FailedDeployModel']);
  await world.rest(60_000);
  assert.equal(world.aws.state.loadBalancers.length, 1);
});

test('Ask 2.1: a member with a mistake is told and its neighbour goes on', async () => {
  const world = new World();
  world.cluster.put(
    ingress('web/good', { annotations: group, rules: [rule('good.example.com', { '/': 'front:80' })] }),
    ingress('web/bad', {
      annotations: { ...group, 'target-type': 'lambda' },
      rules: [rule('bad.example.com', { '/': 'front:80' })],
    }),
  );
  await world.start();
  assert.equal(world.aws.state.loadBalancers[0]?.listeners[0]?.rules.length, 1);
  assert.deepEqual(world.cluster.told().toSorted(), [
    'web/bad: FailedBuildModel',
    'web/good: SuccessfullyReconciled',
  ]);
});

test('with the preset of ALBC a mistake holds the group, and every prompted run is an event', async () => {
  const world = new World({ policy: { ...policies.albc, controllers: ['albatross.dev/alb'] } });
  world.cluster.put(site());
  await world.start();
  world.cluster.told();
  const present = world.cluster.ingress('web/site');
  world.cluster.put({
    ...present,
    meta: { ...present.meta, annotations: { 'alb.ingress.kubernetes.io/target-type': 'lambda' } },
  });
  await world.rest();
  assert.deepEqual(world.cluster.told(), ['web/site: FailedBuildModel']);
  world.cluster.put({
    ...present,
    meta: { ...present.meta, annotations: { 'alb.ingress.kubernetes.io/target-type': 'instance' } },
  });
  await world.rest();
  assert.deepEqual(world.cluster.told(), ['web/site: SuccessfullyReconciled']);
  assert.deepEqual(present.meta.finalizers, ['ingress.k8s.aws/resources']);
});

test('stopping waits for what is being written and begins nothing new', async () => {
  const world = new World();
  const { promise, resolve } = Promise.withResolvers<void>();
  world.aws.gate = promise;
  world.cluster.put(site());
  world.engine.start();
  await world.rest(1000);
  let stopped = false;
  const stop = world.engine.stop(60_000).then(() => {
    stopped = true;
  });
  await world.clock.advance(1000);
  assert.equal(stopped, false);
  resolve();
  await world.clock.advance(1000);
  await stop;
  world.cluster.put(ingress('web/late'));
  await world.rest();
  assert.equal(world.cluster.ingress('web/late').meta.finalizers.length, 0);
});

test('ANN-05: the plan is annotated before the work, and the annotation prompts nothing', async () => {
  const { featureGates } = coreConfig();
  const world = new World({ featureGates: { ...featureGates, IngressPlanAnnotation: true } });
  world.cluster.put(site());
  await world.start();
  const text = world.cluster.ingress('web/site').meta.annotations[planAnnotation] ?? '';
  assert.match(text, /"AWS::ElasticLoadBalancingV2::LoadBalancer"/);
  world.aws.taken();
  world.cluster.told();
  await world.rest();
  assert.deepEqual(world.aws.taken(), []);
  assert.deepEqual(world.cluster.told(), []);
});

test('ANN-05: annotating the plan of a member that AWS turned down does not ask AWS again', async () => {
  const { featureGates } = coreConfig();
  const world = new World({ featureGates: { ...featureGates, IngressPlanAnnotation: true } });
  world.aws.faults.set('createRule', { kind: 'invalid', times: Infinity });
  world.cluster.put(site());
  await world.start();
  await world.rest(60_000);
  const tries = world.aws.taken().filter((call) => call === 'createRule');
  assert.equal(tries.length, 1);
});
