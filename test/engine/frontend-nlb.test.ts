import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ingress, rule } from '../support/builders.ts';
import { running, type World, writes } from './support/world.ts';

const site = (annotations: Readonly<Record<string, string>>) =>
  ingress('web/site', { rules: [rule('app.example.com', { '/': 'front:80' })], annotations });
const front = site({ 'enable-frontend-nlb': 'true' });

function activate({ aws }: World): void {
  const loadBalancers = aws.state.loadBalancers.map((found) => ({ ...found, state: 'active' }) as const);
  aws.state = { ...aws.state, loadBalancers };
}

const kinds = (world: World): readonly string[] => writes(world.aws.taken());

test('ANN-65: the load balancer is registered when it is active, and then nothing is called any more', async () => {
  const world = await running(front);
  assert.ok(!kinds(world).includes('registerLoadBalancer'));
  const types = world.aws.state.loadBalancers.map(({ type }) => type);
  assert.deepEqual(types.toSorted(), ['application', 'network']);
  activate(world);
  await world.rest(30_000);
  assert.deepEqual(kinds(world), ['registerLoadBalancer']);
  await world.rest(60_000);
  assert.deepEqual(world.aws.taken(), []);
});

test('ANN-65: switched off, its target goes when nothing leads there any more, and the load balancer stays', async () => {
  const world = await running(front);
  activate(world);
  await world.rest(30_000);
  kinds(world);
  world.cluster.put(site({}));
  await world.rest();
  assert.deepEqual(kinds(world), ['deleteLoadBalancer', 'deregisterTargets', 'deleteTargetGroup']);
  assert.deepEqual(
    world.aws.state.loadBalancers.map(({ type }) => type),
    ['application'],
  );
});

test('ANN-65: a new process finds all of it as it is and writes nothing', async () => {
  const world = await running(front);
  activate(world);
  await world.rest(30_000);
  kinds(world);
  await world.restart();
  assert.deepEqual(kinds(world), []);
});

test('ANN-69: a changed mapping moves the target without a stop of the other port', async () => {
  const world = await running(front);
  activate(world);
  await world.rest(30_000);
  kinds(world);
  world.cluster.put(
    site({ 'enable-frontend-nlb': 'true', 'frontend-nlb-listener-port-mapping': '80=80,8000=80' }),
  );
  await world.rest(30_000);
  assert.deepEqual(kinds(world), ['createTargetGroup', 'registerLoadBalancer', 'createListener']);
});

for (const kind of ['deregisterTargets', 'deleteLoadBalancer', 'deleteTargetGroup']) {
  test(`ANN-65: cut off after ${kind}, a new process takes the rest away in order`, async () => {
    const world = await running(front);
    activate(world);
    await world.rest(30_000);
    world.aws.faults.set(kind, { kind: 'unknownOutcome', times: 1, afterDoing: true });
    world.cluster.put(site({}));
    await world.rest(100);
    await world.restart();
    await world.rest(60_000);
    assert.deepEqual(
      world.aws.state.loadBalancers.map(({ type }) => type),
      ['application'],
    );
    assert.ok(world.aws.state.targetGroups.every(({ targetType }) => targetType !== 'alb'));
  });
}

const broken = ingress('web/other', {
  rules: [rule('other.example.com', { '/': 'front:80' })],
  annotations: { 'group.name': 'shop', 'backend-protocol': 'nonsense' },
});
const member = (name: string, annotations: Readonly<Record<string, string>>) =>
  ingress(`web/${name}`, {
    rules: [rule(`${name}.example.com`, { '/': 'front:80' })],
    annotations: { 'group.name': 'shop', ...annotations },
  });
const isNetwork = ({ type }: { readonly type: string }): boolean => type === 'network';

const networks = ({ aws: { state } }: World) =>
  state.loadBalancers.filter(isNetwork).map(({ name, scheme }) => [name, scheme] as const);

const twoPorts = (mapping: Readonly<Record<string, string>>) =>
  site({
    'enable-frontend-nlb': 'true',
    'listen-ports': '[{"HTTP": 80}, {"HTTP": 8080}]',
    'frontend-nlb-listener-port-mapping': Object.entries(mapping)
      .map((pair) => pair.join('='))
      .join(),
  });

/** What the network load balancer is: its listeners with where they lead. */
const shape = ({ aws: { state } }: World): unknown => {
  const found = state.loadBalancers.find(isNetwork);
  return {
    name: found?.dnsName,
    scheme: found?.scheme,
    securityGroups: found?.securityGroups,
    groups: state.targetGroups.filter(({ targetType }) => targetType === 'alb'),
  };
};

async function filled(...members: readonly ReturnType<typeof member>[]): Promise<World> {
  const world = await running(...members);
  activate(world);
  await world.rest(30_000);
  kinds(world);
  return world;
}

/** Puts an Ingress as a user would: finalizers and status stay. */
function put(world: World, next: ReturnType<typeof member>): void {
  const { meta, status } = world.cluster.ingress(`${next.meta.namespace}/${next.meta.name}`);
  world.cluster.put({ ...next, meta: { ...next.meta, finalizers: meta.finalizers }, status });
}

test('ANN-66: while a member is held, a change of scheme leaves the network load balancer as it is', async () => {
  const front = { 'enable-frontend-nlb': 'true' };
  const world = await filled(member('site', front), member('other', front));
  const before = shape(world);
  put(world, broken);
  put(world, member('site', { ...front, 'frontend-nlb-scheme': 'internet-facing', ...consent }));
  await world.rest(60_000);
  assert.deepEqual(shape(world), before);
  assert.match(JSON.stringify(world.engine.problems()), /ReplacementHeld/);
});

test('ANN-69: ports, target and name that a held member asked for stay', async () => {
  const world = await filled(
    member('site', {}),
    member('other', { 'enable-frontend-nlb': 'true', 'frontend-nlb-listener-port-mapping': '9000=80' }),
  );
  const before = shape(world);
  const told = () => world.cluster.ingress('web/site').status.length;
  assert.equal(told(), 2);
  put(world, broken);
  await world.rest(60_000);
  await world.restart();
  assert.deepEqual(kinds(world), []);
  assert.deepEqual(shape(world), before);
  assert.equal(told(), 2);
});

test('ANN-80: settings that a held member gave stay, and a new port of another member is added', async () => {
  const world = await filled(
    member('site', {}),
    member('other', { 'enable-frontend-nlb': 'true', 'frontend-nlb-tags': 'layer=nlb' }),
  );
  const { tags } = world.aws.state.loadBalancers.find(isNetwork) ?? {};
  assert.equal(tags?.['layer'], 'nlb');
  put(world, broken);
  put(
    world,
    member('site', {
      'enable-frontend-nlb': 'true',
      'frontend-nlb-listener-port-mapping': '80=80,8000=80',
      'frontend-nlb-healthcheck-path': '/other',
    }),
  );
  await world.rest(60_000);
  const now = world.aws.state.loadBalancers.find(isNetwork);
  assert.deepEqual(now?.tags, tags);
  assert.deepEqual(
    now?.listeners.map(({ port }) => port).toSorted((a, b) => a - b),
    [80, 8000],
  );
  assert.match(JSON.stringify(world.engine.problems()), /FrontendNlbHeld/);
  put(world, member('other', { 'enable-frontend-nlb': 'true' }));
  await world.rest(60_000);
  assert.doesNotMatch(JSON.stringify(world.engine.problems()), /FrontendNlbHeld/);
  assert.ok(kinds(world).includes('modifyTargetGroup'));
});

const consent = { 'albatross.dev/allow-replacement': 'true' };

test('ANN-66: without consent a change of scheme is held and told, and the rest of it goes on', async () => {
  const world = await filled(front);
  const before = world.aws.state.loadBalancers.find(isNetwork);
  const next = { 'enable-frontend-nlb': 'true', 'frontend-nlb-scheme': 'internet-facing' };
  put(world, site({ ...next, 'frontend-nlb-listener-port-mapping': '80=80,8000=80' }));
  await world.rest(60_000);
  const now = world.aws.state.loadBalancers.find(isNetwork);
  assert.equal(now?.arn, before?.arn);
  assert.deepEqual(
    now?.listeners.map(({ port }) => port).toSorted((a, b) => a - b),
    [80, 8000],
  );
  assert.match(JSON.stringify(world.engine.problems()), /ReplacementHeld.*frontend-nlb-scheme/);
  kinds(world);
  await world.restart();
  assert.deepEqual(kinds(world), []);
});

test('ANN-66: with consent the new one is made, filled, awaited and named before the old one goes', async () => {
  const world = await filled(front);
  const [usual] = networks(world);
  const names = () =>
    world.aws.state.targetGroups.flatMap(({ name, targetType }) => (targetType === 'alb' ? [name] : []));
  const [first] = names();
  const next = { 'enable-frontend-nlb': 'true', 'frontend-nlb-scheme': 'internet-facing', ...consent };
  put(world, site(next));
  await world.rest(60_000);
  const steps = kinds(world);
  const made = ['createLoadBalancer', 'createTargetGroup', 'registerLoadBalancer', 'createListener'];
  assert.deepEqual(steps.slice(0, 4).toSorted(), made.toSorted());
  assert.deepEqual(steps.slice(4), [
    'awaitActiveLoadBalancer',
    'awaitHealthyTargets',
    'retireLoadBalancer',
    'deleteLoadBalancer',
    'deregisterTargets',
    'deleteTargetGroup',
  ]);
  assert.deepEqual(networks(world), [[`${usual?.[0]}2`, 'internet-facing']]);
  // The second names stay: nothing more to do, also for a process that knows nothing yet.
  await world.restart();
  assert.deepEqual(kinds(world), []);
  // And back: the first names are free again.
  put(world, site({ ...next, 'frontend-nlb-scheme': 'internal' }));
  await world.rest(60_000);
  assert.deepEqual(networks(world), [usual]);
  assert.deepEqual(names(), [first]);
});

test('ANN-66: consent that is taken back between leaves both, and the old one in the status', async () => {
  const world = await filled(front);
  const told = () => world.cluster.ingress('web/site').status[1]?.hostname;
  const old = told();
  const next = { 'enable-frontend-nlb': 'true', 'frontend-nlb-scheme': 'internet-facing' };
  world.aws.faults.set('awaitHealthyTargets', { kind: 'unavailable' });
  put(world, site({ ...next, ...consent }));
  await world.rest(5000);
  put(world, site(next));
  world.aws.faults.clear();
  await world.rest(300_000);
  assert.equal(networks(world).length, 2);
  assert.equal(told(), old);
  assert.match(JSON.stringify(world.engine.problems()), /ReplacementHeld.*frontend-nlb-scheme/);
  put(world, front);
  await world.rest(300_000);
  assert.deepEqual(
    networks(world).map(([, scheme]) => scheme),
    ['internal'],
  );
  assert.equal(told(), old);
});

test('ANN-66, trap 3: an old one that somebody protected stays, and that is told', async () => {
  const world = await filled(front);
  const loadBalancers = world.aws.state.loadBalancers.map((found) =>
    isNetwork(found) ? { ...found, attributes: { 'deletion_protection.enabled': 'true' } } : found,
  );
  world.aws.state = { ...world.aws.state, loadBalancers };
  await world.restart();
  put(world, site({ 'enable-frontend-nlb': 'true', 'frontend-nlb-scheme': 'internet-facing', ...consent }));
  await world.rest(60_000);
  assert.equal(networks(world).length, 2);
  assert.ok(!kinds(world).includes('deleteLoadBalancer'));
  assert.match(JSON.stringify(world.engine.problems()), /DeletionHeld.*deletion protection is on/);
});

test('ANN-69: a port goes over to a target group of its own, by a listener that only checks its health', async () => {
  const world = await filled(twoPorts({ '80': '80' }));
  put(world, twoPorts({ '80': '8080' }));
  await world.rest(60_000);
  assert.deepEqual(kinds(world), [
    'createTargetGroup',
    'registerLoadBalancer',
    'createListener',
    'awaitHealthyTargets',
    'modifyListener',
    'deleteListener',
    'deregisterTargets',
    'deleteTargetGroup',
  ]);
});

test('ANN-69: nothing is waited for where the load balancer is not healthy now either', async () => {
  const world = await filled(twoPorts({ '80': '80' }));
  const targetGroups = world.aws.state.targetGroups.map((group) =>
    group.targetType === 'alb'
      ? {
          ...group,
          targets: (group.targets ?? []).map((target) => ({ ...target, state: 'unhealthy' as const })),
        }
      : group,
  );
  world.aws.state = { ...world.aws.state, targetGroups };
  await world.restart();
  put(world, twoPorts({ '80': '8080' }));
  await world.rest(60_000);
  assert.deepEqual(kinds(world), [
    'createTargetGroup',
    'registerLoadBalancer',
    'modifyListener',
    'deregisterTargets',
    'deleteTargetGroup',
  ]);
});

test('ANN-66: a network load balancer whose deletion AWS refuses goes on working', async () => {
  const world = await filled(front);
  const before = shape(world);
  world.aws.faults.set('deleteLoadBalancer', { kind: 'denied', times: 1 });
  world.cluster.put(site({}));
  await world.rest(100);
  assert.deepEqual(shape(world), before);
});

for (const [name, change] of [
  ['made', undefined],
  ['given another health check port', { 'frontend-nlb-healthcheck-port': '8080' }],
  ['given another port', { 'frontend-nlb-listener-port-mapping': '8000=80' }],
  ['replaced', { 'frontend-nlb-scheme': 'internet-facing', ...consent }],
  ['switched off', { 'enable-frontend-nlb': 'false' }],
] as const) {
  test(`ANN-65: cut off before or after any write while it is ${name}, a new process ends where an undisturbed one does`, async () => {
    const undisturbed = await changed(change);
    assert.ok(undisturbed.kinds.size > 2);
    for (const kind of undisturbed.kinds) {
      for (const afterDoing of [{}, { afterDoing: true }] as const) {
        const { end } = await changed(change, [kind, { kind: 'unknownOutcome', ...afterDoing }]);
        assert.deepEqual(end, undisturbed.end, `${kind} ${JSON.stringify(afterDoing)}`);
      }
    }
  });
}

/** What is written, and what is there in the end; all writes with the fault fail until the process has ended. */
async function changed(
  change: Readonly<Record<string, string>> | undefined,
  fault?: Parameters<World['aws']['faults']['set']>,
): Promise<{ readonly kinds: ReadonlySet<string>; readonly end: unknown }> {
  const world = change === undefined ? await running() : await filled(front);
  if (fault !== undefined) world.aws.faults.set(...fault);
  if (change === undefined) world.cluster.put(front);
  else put(world, site({ 'enable-frontend-nlb': 'true', ...change }));
  await world.rest(100);
  world.aws.faults.clear();
  await world.restart();
  activate(world);
  await world.rest(60_000);
  const { loadBalancers, targetGroups } = world.aws.state;
  const end = {
    loadBalancers: loadBalancers.map(({ name, scheme, listeners }) => [
      name,
      scheme,
      listeners.map(({ port }) => port),
    ]),
    targetGroups: targetGroups.map((group) => [group.name, group.targets?.map(({ port }) => port)]),
  };
  return { kinds: new Set(kinds(world)), end };
}
