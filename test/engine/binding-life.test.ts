// The life of a binding: whatever ends the process on the way, the next one goes on, and no wanted target leaves.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointSlice, Pod, TargetGroupBinding } from '../../src/core/domain/cluster.ts';
import type { TargetGroupFact } from '../../src/core/domain/facts.ts';
import type { TargetGroupArn, VpcId } from '../../src/core/domain/ids.ts';
import { meta, targetGroupBinding } from '../support/builders.ts';
import { coreConfig } from '../support/core-config.ts';
import { node, World, writes } from './support/world.ts';

const arn = 'arn:aws:elasticloadbalancing:us-west-2:1:targetgroup/theirs/1' as TargetGroupArn;

const slice = (ids: readonly number[], overrides: Partial<EndpointSlice> = {}): EndpointSlice => ({
  kind: 'EndpointSlice',
  meta: meta('EndpointSlice', 'web/front-1'),
  serviceName: 'front',
  addressType: 'IPv4',
  ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  endpoints: ids.map((n) => ({
    addresses: [n > 99 ? `192.168.0.${n - 100}` : `10.0.0.${n}`],
    ready: true,
    serving: true,
    terminating: false,
    nodeName: 'a',
    zone: undefined,
    pod: { namespace: 'web', name: `front-${n}`, uid: `uid-${n}` },
  })),
  ...overrides,
});

const networking = (port: number): TargetGroupBinding['networking'] => [
  {
    from: [{ kind: 'ipBlock', cidr: '10.7.0.0/16' }],
    ports: [{ protocol: 'tcp', port: { kind: 'number', number: port } }],
  },
];

function world(config: ConstructorParameters<typeof World>[0] = {}): World {
  const made = new World(config);
  const vpcId = coreConfig().vpcId;
  const fact = { name: 'theirs', targetType: 'ip', protocol: 'HTTP', ipAddressType: 'ipv4', vpcId } as const;
  made.aws.theirs.push({ arn, ...fact });
  return made;
}

const registered = ({ aws }: World): readonly string[] =>
  (aws.targets.get(arn) ?? []).filter(({ state }) => state !== 'draining').map(({ id }) => id);

const open = ({ aws }: World): readonly number[] =>
  (aws.state.securityGroups.find(({ id }) => id === 'sg-nodes')?.ingress ?? []).map(
    ({ fromPort }) => fromPort,
  );

/** Every change of a binding's life, and what is right after it. */
const life: readonly {
  readonly change: (world: World) => void;
  readonly targets: readonly string[];
  readonly ports: readonly number[];
}[] = [
  {
    change: ({ cluster }) =>
      cluster.put(
        slice([1, 2]),
        targetGroupBinding('web/mine', { targetGroupArn: arn, networking: networking(8080) }),
      ),
    targets: ['10.0.0.1', '10.0.0.2'],
    ports: [8080],
  },
  {
    change: ({ cluster }) => cluster.put(slice([2, 3])),
    targets: ['10.0.0.2', '10.0.0.3'],
    ports: [8080],
  },
  {
    change: ({ cluster }) => {
      const before = cluster.binding('web/mine');
      assert.ok(before);
      cluster.put({ ...before, networking: networking(9090) });
    },
    targets: ['10.0.0.2', '10.0.0.3'],
    ports: [9090],
  },
  { change: ({ cluster }) => cluster.delete('web/mine', 'TargetGroupBinding'), targets: [], ports: [] },
];

/** Goes through the life; the process ends after `calls` calls to AWS, and another one goes on. Returns how many there were. */
async function livesWithEndAfter(calls: number): Promise<number> {
  const one = world();
  await one.start();
  let count = 0;
  let left = calls;
  for (const { change, targets, ports } of life) {
    const before = registered(one);
    const stays = before.filter((id) => targets.includes(id));
    change(one);
    const { promise, resolve } = Promise.withResolvers<void>();
    one.aws.onCall = () => {
      count += 1;
      left -= 1;
      assert.ok(
        stays.every((id) => registered(one).includes(id)),
        'no wanted target leaves',
      );
      if (left === 0) resolve();
    };
    void promise.then(() => one.engine.stop(0));
    await one.rest();
    if (left <= 0) {
      left = Number.POSITIVE_INFINITY;
      await one.restart();
    }
    assert.deepEqual(registered(one).toSorted(), targets, `after ${calls} calls`);
    assert.deepEqual(open(one), ports, `after ${calls} calls`);
  }
  assert.equal(one.cluster.binding('web/mine'), undefined);
  assert.deepEqual(
    one.lines.filter(({ level }) => level === 'error'),
    [],
  );
  return count;
}

test('TGB-05, TGB-06, TGB-16: a process that ends after any call of a binding’s life leaves nothing undone and takes out nothing wanted', async () => {
  const calls = await livesWithEndAfter(Number.POSITIVE_INFINITY);
  assert.ok(calls > 8, `${calls} calls`);
  for (let end = 1; end <= calls; end += 1) await livesWithEndAfter(end);
});

async function serving(ids: readonly number[], config: ConstructorParameters<typeof World>[0] = {}) {
  const made = world(config);
  made.cluster.put(slice(ids), targetGroupBinding('web/mine', { targetGroupArn: arn }));
  await made.start();
  made.aws.taken();
  return made;
}

test('TGB-05: while the list of bindings is read again nothing is taken out, and one that went meanwhile is let go', async () => {
  const made = await serving([1, 2]);
  made.cluster.complete = new Set(['Service', 'EndpointSlice', 'Node']);
  made.cluster.take('TargetGroupBinding', 'web/mine');
  await made.rest(60_000);
  assert.deepEqual(registered(made), ['10.0.0.1', '10.0.0.2']);
  made.cluster.put(targetGroupBinding('web/mine', { targetGroupArn: arn }));
  made.cluster.complete = undefined;
  await made.rest();
  assert.deepEqual(
    writes(made.aws.taken()).filter((call) => call !== 'targetGroup'),
    [],
  );
});

test('TGB-10: addresses outside the VPC of the target group are registered with the zone `all`, and open nothing', async () => {
  const made = world();
  made.aws.vpc = { id: coreConfig().vpcId as VpcId, cidrs: ['10.0.0.0/16'], ipv6Cidrs: [] };
  const words = { targetGroupArn: arn, networking: networking(8080) };
  made.cluster.put(slice([1, 101]), targetGroupBinding('web/mine', words));
  await made.start();
  const zones = (made.aws.targets.get(arn) ?? []).map(({ id, availabilityZone }) => [id, availabilityZone]);
  assert.deepEqual(zones, [
    ['10.0.0.1', undefined],
    ['192.168.0.1', 'all'],
  ]);
  assert.deepEqual(made.aws.asked, ['10.0.0.1']);
});

test('TGB-17: an endpoint change that changes no target costs no call', async () => {
  const made = await serving([1, 2]);
  made.cluster.put(
    slice([2, 1], { meta: meta('EndpointSlice', 'web/front-1', { labels: { seen: 'again' } }) }),
  );
  await made.rest(60_000);
  assert.deepEqual(made.aws.taken(), []);
});

test('TGB-22: slices, Services and pods reach a binding with pod addresses at once', async () => {
  const made = await serving([1]);
  made.cluster.put(slice([1, 2]));
  await made.rest(200);
  assert.deepEqual(registered(made), ['10.0.0.1', '10.0.0.2']);
  // One that waits for its gate alone is let in when its containers are ready.
  const gated = (containersReady: 'True' | 'False'): Pod => ({
    kind: 'Pod',
    meta: meta('Pod', 'web/front-3', { uid: 'uid-3' }),
    ips: ['10.0.0.3'],
    nodeName: 'a',
    phase: 'Running',
    conditions: [{ type: 'ContainersReady', status: containersReady, reason: '', message: '' }],
    readinessGates: ['target-health.elbv2.k8s.aws/mine'],
    containerPorts: [],
  });
  const { endpoints, ...rest } = slice([1, 2, 3]);
  const waiting = endpoints.map((endpoint, index) => ({ ...endpoint, ready: index < 2 }));
  made.cluster.put(gated('False'), { ...rest, endpoints: waiting });
  await made.rest(200);
  assert.deepEqual(registered(made), ['10.0.0.1', '10.0.0.2']);
  made.cluster.put(gated('True'));
  await made.rest(200);
  assert.deepEqual(registered(made), ['10.0.0.1', '10.0.0.2', '10.0.0.3']);
  made.cluster.take('Service', 'web/front');
  await made.rest(1000);
  assert.deepEqual(registered(made), ['10.0.0.1', '10.0.0.2', '10.0.0.3']);
});

test('TGB-22: nodes reach a binding with node ports within a second', async () => {
  const made = world({});
  made.aws.theirs.splice(0, 1, { ...made.aws.theirs[0], targetType: 'instance' } as TargetGroupFact);
  made.cluster.put(targetGroupBinding('web/mine', { targetGroupArn: arn }));
  await made.start();
  assert.deepEqual(registered(made), ['i-a', 'i-b']);
  made.cluster.put(node('c'));
  await made.rest(1100);
  made.cluster.take('Node', 'a');
  await made.rest(200);
  assert.deepEqual(registered(made), ['i-b', 'i-c']);
});

test('TGB-15: --max-targets-per-target-group caps what is added, and what is registered stays', async () => {
  const made = await serving([1, 2], { maxTargetsPerTargetGroup: 2 });
  made.cluster.put(slice([1, 2, 3]));
  await made.rest();
  assert.deepEqual(registered(made), ['10.0.0.1', '10.0.0.2']);
  assert.ok(made.cluster.told().includes('web/mine: QuotaExceeded'));
});
