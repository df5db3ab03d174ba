import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../src/core/domain/cluster.ts';
import type { TargetGroupArn } from '../../src/core/domain/ids.ts';
import type { ObservedTarget, TargetHealthState } from '../../src/core/domain/target.ts';
import { ingress, meta, rule, targetGroupBinding } from '../support/builders.ts';
import { coreConfig } from '../support/core-config.ts';
import { World } from './support/world.ts';
import { endpoint as readyEndpoint, frontSlice } from './support/slices.ts';

const gate = 'target-health.elbv2.k8s.aws/k8s-web-front-df081f6d18';

const pod = (n: number, gates: readonly string[] = [gate]): Pod => ({
  kind: 'Pod',
  meta: meta('Pod', `web/front-${n}`, { uid: `uid-${n}` }),
  ips: [`10.0.0.${n}`],
  nodeName: 'a',
  phase: 'Running',
  conditions: [{ type: 'ContainersReady', status: 'True', reason: '', message: '' }],
  readinessGates: gates,
  containerPorts: [],
});

const endpoint = (n: number, ready: boolean) => readyEndpoint(n, { ready, serving: ready });

const site = (path = '/') =>
  ingress('web/site', {
    annotations: { 'target-type': 'ip' },
    rules: [rule('app.example.com', { [path]: 'front:80' })],
  });

class Gates {
  readonly world: World;

  constructor(world = new World()) {
    this.world = world;
  }

  async start(...pods: readonly Pod[]): Promise<void> {
    const endpoints = pods.map((_each, index) => endpoint(index + 1, false));
    this.world.cluster.put(site(), frontSlice(...endpoints), ...pods);
    await this.world.start();
  }

  gate(n = 1, wanted = gate): string {
    const found = this.world.cluster.snapshot().pods.get(`web/front-${n}` as never);
    const { status, reason } = found?.conditions.find(({ type }) => type === wanted) ?? {};
    return [status, reason].filter(Boolean).join(' ');
  }

  /** Looks at target health since the last time this was asked. */
  looks(): number {
    return this.world.aws.taken().filter((call) => call === 'observeTargets').length;
  }

  become(state: TargetHealthState): void {
    for (const [arn, targets] of this.world.aws.targets) {
      const seen = targets.map((target): ObservedTarget => ({ ...target, state, reason: '' }));
      this.world.aws.targets.set(arn, seen);
    }
  }
}

test('TGB-21: a pod that only waits for its gate is registered, and the gate opens when the target is healthy', async () => {
  const gates = new Gates();
  await gates.start(pod(1));
  assert.deepEqual(
    [...gates.world.aws.targets.values()].flat().map(({ id }) => id),
    ['10.0.0.1'],
  );
  assert.equal(gates.gate(), 'False Elb.RegistrationInProgress');
  gates.become('healthy');
  await gates.world.rest(10_000);
  assert.equal(gates.gate(), 'True');
  const { body } = await gates.world.metrics.render();
  assert.match(body, /awslbc_readiness_gate_ready_seconds_count\{[^}]*name="k8s-web-front-[^}]*\} 1/);
  gates.looks();
  await gates.world.rest(200_000);
  assert.equal(gates.looks(), 0);
});

test('pods of one target group share their looks, which become rarer; without gates there is none', async () => {
  const gates = new Gates();
  await gates.start(...Array.from({ length: 50 }, (_none, index) => pod(index + 1)));
  gates.looks();
  await gates.world.rest(240_000);
  const shared = gates.looks();
  assert.ok(shared > 4 && shared < 12, `${shared} looks in 4 minutes`);

  const without = new Gates();
  await without.start(pod(1, []));
  without.looks();
  await without.world.rest(240_000);
  assert.equal(without.looks(), 0);
});

test('Ask 17.1: pods spread over several target groups have the gate of the first one, and each opens by its own target', async () => {
  const gates = new Gates(new World({ maxTargetsPerTargetGroup: 10 }));
  const { meta: before, ...spec } = site();
  const annotations = { ...before.annotations, 'albatross.dev/target-overflow': 'split' };
  const count = 20;
  const pods = Array.from({ length: count }, (_none, index) => pod(index + 1));
  const endpoints = pods.map((_each, index) => endpoint(index + 1, false));
  gates.world.cluster.put({ ...spec, meta: { ...before, annotations } }, frontSlice(...endpoints), ...pods);
  await gates.world.start();
  assert.equal(gates.world.aws.targets.size, 3);
  const all = () => new Set(pods.map((_each, index) => gates.gate(index + 1)));
  assert.deepEqual([...all()], ['False Elb.RegistrationInProgress']);
  const [[first, targets] = []] = gates.world.aws.targets;
  assert.ok(first !== undefined && targets !== undefined);
  gates.world.aws.targets.set(
    first,
    targets.map((target): ObservedTarget => ({ ...target, state: 'healthy', reason: '' })),
  );
  await gates.world.rest(10_000);
  const open = pods.filter((_each, index) => gates.gate(index + 1) === 'True').length;
  assert.equal(open, targets.length);
  gates.become('healthy');
  await gates.world.rest(60_000);
  assert.deepEqual([...all()], ['True']);
  gates.looks();
  await gates.world.rest(200_000);
  assert.equal(gates.looks(), 0);
});

test('Ask 17.1, Trap 20: no back-off of the group holds a gate back', async () => {
  const gates = new Gates();
  await gates.start(pod(1));
  gates.world.aws.faults.set('createRule', { kind: 'denied' });
  gates.world.cluster.put(site('/other'));
  await gates.world.rest(600_000);
  gates.world.cluster.put(pod(2), frontSlice(endpoint(1, true), endpoint(2, false)));
  await gates.world.rest(2000);
  assert.equal(gates.gate(2), 'False Elb.RegistrationInProgress');
  gates.become('healthy');
  await gates.world.rest(10_000);
  assert.equal(gates.gate(2), 'True');
});

test('Trap 20: when AWS or Kubernetes refused for long, the gate opens within a quarter of a minute after that', async () => {
  const gates = new Gates();
  await gates.start(pod(1));
  gates.world.aws.faults.set('observeTargets', { kind: 'denied' });
  gates.world.cluster.refuses = new Error('no');
  gates.become('healthy');
  await gates.world.rest(1_200_000);
  gates.world.aws.faults.clear();
  gates.world.cluster.refuses = undefined;
  await gates.world.rest(16_000);
  assert.equal(gates.gate(), 'True');
});

test('Trap 22: a pod that has the address of one before it waits for a look of its own, however healthy that was', async () => {
  const gates = new Gates();
  await gates.start(pod(1));
  gates.become('healthy');
  await gates.world.rest(10_000);
  assert.equal(gates.gate(), 'True');
  gates.looks();
  const next = { ...pod(1), meta: meta('Pod', 'web/front-2', { uid: 'uid-2' }) };
  const taken = { ...endpoint(1, false), pod: { namespace: 'web', name: 'front-2', uid: 'uid-2' } };
  gates.world.cluster.take('Pod', 'web/front-1');
  gates.world.cluster.put(next, frontSlice(taken));
  await gates.world.rest(500);
  assert.equal(gates.looks(), 0);
  assert.equal(gates.gate(2), 'False Elb.RegistrationInProgress');
  await gates.world.rest(10_000);
  assert.equal(gates.gate(2), 'True');
  assert.ok(gates.looks() > 0);
});

test('Ask 17.2: the gate of a target group that goes away opens', async () => {
  const gates = new Gates();
  await gates.start(pod(1));
  gates.world.cluster.delete('web/site');
  await gates.world.rest(30_000);
  assert.equal(gates.world.aws.targets.size > 0 && gates.world.cluster.has('web/site'), false);
  assert.equal(gates.gate(), 'True');
});

test('a restart finds out about gates that wait, and asks once when all is healthy', async () => {
  const gates = new Gates();
  await gates.start(pod(1));
  gates.become('healthy');
  await gates.world.engine.stop(0);
  await gates.world.restart();
  assert.equal(gates.gate(), 'True');
});

const theirArn = 'arn:aws:elasticloadbalancing:us-west-2:1:targetgroup/theirs/1' as TargetGroupArn;
const theirGate = 'target-health.elbv2.k8s.aws/mine';
const role = { arn: 'arn:aws:iam::2:role/theirs', externalId: 'e' };

async function withBinding(): Promise<Gates> {
  const gates = new Gates();
  const { aws, cluster } = gates.world;
  aws.theirs.push({
    arn: theirArn,
    name: 'theirs',
    targetType: 'ip',
    protocol: 'HTTP',
    ipAddressType: 'ipv4',
    vpcId: coreConfig().vpcId,
  });
  const binding = targetGroupBinding('web/mine', { targetGroupArn: theirArn, role });
  cluster.put(binding, frontSlice(endpoint(1, false)), pod(1, [theirGate]));
  await gates.world.start();
  return gates;
}

test('TGB-21: the gate of a binding opens when its target is healthy, looked at as the role of the binding', async () => {
  const gates = await withBinding();
  assert.equal(gates.gate(1, theirGate), 'False Elb.RegistrationInProgress');
  gates.become('healthy');
  gates.world.aws.roles.clear();
  await gates.world.rest(10_000);
  assert.equal(gates.gate(1, theirGate), 'True');
  assert.deepEqual([...gates.world.aws.roles], [role.arn]);
});

test('TGB-21: the gates of a binding that is deleted open, after a restart in between too', async () => {
  for (const restarts of [false, true]) {
    const gates = await withBinding();
    const { engine, cluster } = gates.world;
    if (restarts) await engine.stop(0);
    cluster.delete('web/mine', 'TargetGroupBinding');
    await (restarts ? gates.world.restart() : gates.world.rest());
    assert.equal(cluster.binding('web/mine'), undefined);
    assert.equal(gates.gate(1, theirGate), 'True');
    assert.deepEqual(
      gates.world.lines.filter(({ level }) => level === 'error'),
      [],
    );
  }
});
