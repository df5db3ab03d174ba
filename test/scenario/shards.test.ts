// A group over several load balancers, and Ingresses that move from one to another: at every call to AWS or Kubernetes each
// request is answered, also for clients who have the name from before in their DNS cache.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { className, slice } from '../simulation/objects.ts';
import { type Client, VirtualController } from './virtual-controller.ts';

type Words = {
  readonly group?: string | undefined;
  readonly shards?: number;
  readonly annotations?: Record<string, string>;
  readonly hosts?: readonly string[];
  readonly paths?: readonly string[];
  readonly defaultBackend?: true;
};

const to = { service: { name: 'front', port: { number: 80 } } };

function shop(name: string, words: Words = {}): object {
  const { group = 'shop', shards, hosts = [`${name}.example.com`], paths = ['/'], annotations } = words;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      namespace: 'web',
      name,
      annotations: {
        'alb.ingress.kubernetes.io/target-type': 'ip',
        'alb.ingress.kubernetes.io/group.name': group,
        ...(shards === undefined ? {} : { 'albatross.dev/shards': String(shards) }),
        ...annotations,
      },
    },
    spec: {
      ingressClassName: className,
      ...(words.defaultBackend ? { defaultBackend: to } : {}),
      ...(hosts.length === 0
        ? {}
        : {
            rules: hosts.map((host) => ({
              ...(host === '' ? {} : { host }),
              http: { paths: paths.map((path) => ({ path, pathType: 'Prefix', backend: to })) },
            })),
          }),
    },
  };
}

const client = (ingress: string, host = `${ingress}.example.com`, path = '/'): Client => ({
  ingress,
  host,
  path,
});

const minute = 60_000;

async function started(...objects: readonly object[]): Promise<VirtualController> {
  return startedIn(new VirtualController(), ...objects);
}

async function startedIn(
  world: VirtualController,
  ...objects: readonly object[]
): Promise<VirtualController> {
  world.apply(...objects);
  world.start();
  await world.pass(5 * minute);
  return world;
}

/** A new process has nothing to do. */
async function restsAfterRestart(world: VirtualController): Promise<void> {
  const mark = world.account.trace.mark;
  world.start();
  await world.pass(3 * minute);
  assert.deepEqual(
    world.account.trace.writes(mark).map(({ operation }) => operation),
    [],
  );
}

describe('shards', () => {
  test('Ask 26.1: two shards from the start; each Ingress has the name of its own, and stays there', async () => {
    const world = await started(...['a', 'b', 'c'].map((name) => shop(name, { shards: 2 })));
    assert.deepEqual(world.groups(), ['shop', 'shop_2']);
    assert.deepEqual(
      ['a', 'b', 'c'].map((name) => world.groupOf(name)),
      ['shop', 'shop_2', 'shop'],
    );
    const names = ['a', 'b', 'c'].map((name) => world.nameOf(name));
    world.watch(client('a'), client('b'), client('c'));
    world.remove('a');
    world.watch(client('b'), client('c'));
    world.apply(shop('d', { shards: 2 }), shop('e', { shards: 4 }));
    await world.pass(5 * minute);
    assert.deepEqual(
      ['b', 'c'].map((name) => world.nameOf(name)),
      names.slice(1),
    );
    await restsAfterRestart(world);
    assert.deepEqual(
      ['b', 'c'].map((name) => world.nameOf(name)),
      names.slice(1),
    );
    world.stop();
  });

  test('Ask 26.1: a full group opts in: who was there stays, and who did not fit gets in on another load balancer', async () => {
    // Two of them fit into one rule.
    const paths = ['/', ...Array.from({ length: 99 }, (_none, at) => `/${at}`)];
    const world = await started(shop('a', { paths }), shop('b', { paths }), shop('late'));
    assert.equal(world.nameOf('late'), undefined);
    world.watch(client('a'), client('b'));
    const name = world.nameOf('a');
    world.apply(shop('a', { paths, shards: 2 }), shop('new'));
    await world.pass(5 * minute);
    assert.deepEqual(world.groups(), ['shop', 'shop_2']);
    assert.deepEqual([world.nameOf('a'), world.nameOf('b')], [name, name]);
    assert.deepEqual([world.groupOf('late'), world.groupOf('new')], ['shop_2', 'shop_2']);
    await restsAfterRestart(world);
    world.stop();
  });

  test('Ask 26.1: more shards move nobody, fewer move the hosts of those that go, make before break', async () => {
    const world = await started(...['a', 'b', 'c', 'd'].map((name) => shop(name, { shards: 2 })));
    assert.deepEqual(world.groups(), ['shop', 'shop_2']);
    world.watch(...['a', 'b', 'c', 'd'].map((name) => client(name)));
    const mark = world.account.trace.mark;
    for (const name of ['a', 'b', 'c', 'd']) world.apply(shop(name, { shards: 3 }));
    await world.pass(3 * minute);
    assert.deepEqual(world.account.trace.writes(mark), []);
    for (const name of ['a', 'b', 'c', 'd']) world.apply(shop(name, { shards: 1 }));
    await world.pass(6 * minute);
    assert.deepEqual(world.groups(), ['shop']);
    assert.deepEqual(new Set(['a', 'b', 'c', 'd'].map((name) => world.groupOf(name))), new Set(['shop']));
    assert.ok(world.asked > 100);
    await restsAfterRestart(world);
    world.stop();
  });

  test('Ask 26.1: rules for any host are on every shard, as long as it has hosts', async () => {
    const any = shop('any', { hosts: [''], paths: ['/health'], shards: 2, defaultBackend: true });
    const world = await started(
      any,
      ...['a', 'b', 'c'].map((name) => shop(name, { shards: 2, paths: ['/x'] })),
    );
    assert.deepEqual(world.groups(), ['shop', 'shop_2']);
    assert.deepEqual(
      ['any', 'a', 'b', 'c'].map((name) => world.groupOf(name)),
      ['shop', 'shop_2', 'shop', 'shop_2'],
    );
    const fallbacks = ['a', 'b', 'c'].map((name) => [`${name}.example.com`, name] as const);
    const seen = (): readonly string[] =>
      fallbacks.flatMap(([host, name]) =>
        ['/health', '/other'].map((path) => world.answer(world.nameOf(name), { host, path })),
      );
    assert.deepEqual(new Set(seen()), new Set(['web/any-front:80']));
    world.watch(
      client('any', 'any.example.com', '/health'),
      ...['a', 'b', 'c'].map((name) => client(name, undefined, '/x')),
    );
    const check = world.account.onChange(() =>
      assert.deepEqual(new Set(seen()), new Set(['web/any-front:80'])),
    );
    for (const name of ['a', 'b', 'c']) world.apply(shop(name, { shards: 1, paths: ['/x'] }));
    world.apply(shop('any', { hosts: [''], paths: ['/health'], shards: 1, defaultBackend: true }));
    await world.pass(6 * minute);
    check();
    assert.deepEqual(world.groups(), ['shop']);
    world.stop();
  });

  test('the controller ends at any moment of a move, and goes on', async () => {
    for (const after of [500, 5000, 20_000, 70_000, 100_000, 130_000, 160_000]) {
      const world = await started(...['a', 'b'].map((name) => shop(name, { shards: 2 })));
      world.watch(client('a'), client('b'));
      for (const name of ['a', 'b']) world.apply(shop(name, { shards: 1 }));
      await world.pass(after);
      world.start();
      await world.pass(6 * minute);
      assert.deepEqual(world.groups(), ['shop'], `after ${after} ms`);
      world.stop();
    }
  });

  test('a host that is on another shard is refused to an Ingress that begins to ask for it, and its owner goes on', async () => {
    const world = await started(...['a', 'b'].map((name) => shop(name, { shards: 2 })));
    world.watch(client('a'), client('b'));
    world.apply(shop('a', { shards: 2, hosts: ['a.example.com', 'b.example.com'] }));
    world.apply(shop('b', { shards: 2, paths: ['/', '/more'] }));
    await world.pass(2 * minute);
    assert.ok(
      world
        .events('a')
        .some((text) => /ShardConflict|b\.example\.com with Ingress web\/b on shop_2/.test(text)),
    );
    assert.equal(world.answer(world.nameOf('b'), { host: 'b.example.com', path: '/more' }), 'web/b-front:80');
    world.stop();
  });
});

describe('shards whose pods are spread over several target groups', () => {
  const split = { 'albatross.dev/target-overflow': 'split' };
  const knobs = { provisioningMs: 0, registrationMs: 12_000 };
  const flags = { 'max-targets-per-target-group': '10' };
  const serving = (count: number, ready = count): object => {
    const found = slice(
      'front',
      0,
      Array.from({ length: count }, (_none, at) => at),
    ) as {
      readonly endpoints: readonly object[];
    };
    const ends = { ready: false, serving: true, terminating: true };
    const endpoints = found.endpoints.map((endpoint, at) =>
      at < ready ? endpoint : { ...endpoint, conditions: ends },
    );
    return { ...found, endpoints };
  };
  const all = ['a', 'b', 'c'];
  const each = (shards: number): readonly object[] =>
    all.map((name) => shop(name, { shards, annotations: split }));
  const partsOf = (world: VirtualController): number => world.account.state.targetGroups.size;

  test('Ask 38.2: each load balancer spreads them for itself, and no request is lost while pods, shards and the controller come and go', async () => {
    const world = await startedIn(new VirtualController(knobs, flags), ...each(2));
    assert.deepEqual(world.groups(), ['shop', 'shop_2']);
    assert.equal(partsOf(world), 3);
    world.watch(...all.map((name) => client(name)));
    for (const [count, ready, parts] of [
      [28, 28, 4],
      // All pods of one target group may be among those that end.
      [28, 9, 4],
      [9, 9, 2],
      [17, 17, 2],
    ] as const) {
      world.apply(serving(count, ready));
      await world.pass(3 * minute);
      assert.equal(partsOf(world), parts * all.length, `${ready} of ${count}`);
    }
    world.apply(...each(1));
    await world.pass(minute);
    world.apply(serving(28));
    await world.pass(8 * minute);
    assert.deepEqual(world.groups(), ['shop']);
    assert.equal(partsOf(world), 4 * all.length);
    world.apply(serving(28, 1));
    await world.pass(2 * minute);
    world.apply(serving(1));
    await world.pass(5 * minute);
    assert.equal(partsOf(world), all.length);
    await restsAfterRestart(world);
    world.stop();
  });
});

describe('moves between groups', () => {
  for (const [from, to] of [
    ['one', 'two'],
    ['one', undefined],
    [undefined, 'two'],
  ] as const)
    test(`from ${from ?? 'a load balancer of its own'} to ${to ?? 'one of its own'} no request is lost`, async () => {
      const placed = (group: string | undefined, name: string): object => {
        const made = shop(name, { group: group ?? '' }) as {
          metadata: { annotations: Record<string, string> };
        };
        if (group === undefined) delete made.metadata.annotations['alb.ingress.kubernetes.io/group.name'];
        return made;
      };
      const world = await started(placed(from, 'a'), placed('one', 'stays'));
      const before = world.nameOf('a');
      world.watch(client('a'), client('stays'));
      world.apply(placed(to, 'a'));
      await world.pass(6 * minute);
      assert.notEqual(world.nameOf('a'), before);
      assert.notEqual(world.answer(before, client('a')), 'web/a-front:80');
      assert.ok(
        world.events('a').some((text) => text.startsWith('MovePending: Ingress web/a moves from group')),
      );
      await restsAfterRestart(world);
      world.stop();
    });

  test('the name stays as long as targets are not healthy in the new place', async () => {
    const world = await started(shop('a', { group: 'one' }), shop('b', { group: 'two' }));
    world.account.knobs.registrationMs = 4 * minute;
    world.watch(client('a'));
    world.apply(shop('a', { group: 'two' }));
    await world.pass(4 * minute);
    assert.equal(world.groupOf('a'), 'one');
    await world.pass(4 * minute);
    assert.equal(world.groupOf('a'), 'two');
    assert.deepEqual(world.groups(), ['two']);
    world.stop();
  });

  test('an Ingress with a mistake is not given up by the group that it leaves', async () => {
    const world = await started(shop('a', { group: 'one' }), shop('stays', { group: 'one' }));
    world.watch(client('a'), client('stays'));
    world.apply(shop('a', { group: 'two', annotations: { 'alb.ingress.kubernetes.io/scheme': 'sideways' } }));
    await world.pass(6 * minute);
    assert.equal(world.groupOf('a'), 'one');
    world.apply(shop('a', { group: 'two' }));
    await world.pass(6 * minute);
    assert.equal(world.groupOf('a'), 'two');
    world.stop();
  });

  test('an Ingress that is deleted leaves at once, in the middle of a move too', async () => {
    const world = await started(shop('a', { group: 'one' }), shop('stays', { group: 'one' }));
    const before = world.nameOf('a');
    world.apply(shop('a', { group: 'two' }));
    await world.pass(10_000);
    assert.equal(world.answer(before, client('a')), 'web/a-front:80');
    world.remove('a');
    await world.pass(5000);
    assert.equal(world.answer(before, client('a')), '404');
    await world.pass(3 * minute);
    assert.throws(() => world.ingress('a'));
    assert.deepEqual(world.groups(), ['one']);
    world.stop();
  });
});
