// Where the members of a spread group are: they stay, whatever comes and goes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { NamespacedName } from '../../../src/core/domain/ids.ts';
import { type Candidate, placements } from '../../../src/core/model/shard-placement.ts';

type Words = Partial<Omit<Candidate, 'weight'>> & { readonly rules?: number; readonly certificates?: number };

function candidate(name: string, words: Words = {}): Candidate {
  const { rules = 1, certificates = 0, ...rest } = words;
  return {
    id: `web/${name}` as NamespacedName,
    createdAt: '2026-01-01',
    hosts: [`${name}.example.com`],
    isEverywhere: false,
    shards: [],
    isServed: false,
    weight: { rules, targetGroups: 1, certificates },
    ...rest,
  };
}

/** Served on that shard. */
const on = (shard: number, name: string, words: Words = {}): Candidate =>
  candidate(name, { shards: [shard], isServed: true, ...words });

/** `{ a: 0, b: 'turned away' }` */
function placed(stated: number | undefined, ...candidates: readonly Candidate[]): Record<string, unknown> {
  return Object.fromEntries(
    [...placements(candidates, stated)].map(([id, { shard, isTurnedAway }]) => [
      id.slice(4),
      isTurnedAway ? 'turned away' : shard,
    ]),
  );
}

const host = (...hosts: readonly string[]) => ({ hosts });
const everywhere = { isEverywhere: true, hosts: [] };

test('who is served stays, however the loads are and however many shards there may be', () => {
  const served = [on(0, 'a'), on(0, 'b'), on(2, 'c')];
  for (const stated of [undefined, 3, 10]) assert.deepEqual(placed(stated, ...served), { a: 0, b: 0, c: 2 });
});

test('newcomers go to the least loaded shard, measured against the limits of a load balancer', () => {
  assert.deepEqual(placed(2, on(0, 'full', { rules: 100 }), candidate('new')), { full: 0, new: 1 });
  // 20 of 25 certificates weigh more than 60 of 100 rules.
  const loads = [on(0, 'a', { certificates: 20 }), on(1, 'b', { rules: 60 })];
  assert.deepEqual(placed(2, ...loads, candidate('new')), { a: 0, b: 1, new: 1 });
  assert.deepEqual(placed(3, candidate('a'), candidate('b'), candidate('c'), candidate('d')), {
    a: 0,
    b: 1,
    c: 2,
    d: 0,
  });
});

test('hosts keep together: newcomers join the shard of a host, and each other; wildcards count', () => {
  const shop = on(1, 'shop');
  const joins = (name: string): unknown => placed(3, shop, candidate('new', host(name)))['new'];
  assert.deepEqual([joins('shop.example.com'), joins('*.example.com'), joins('SHOP.example.org')], [1, 1, 0]);
  assert.equal(
    placed(3, on(2, 'wild', host('*.example.com')), candidate('new', host('a.b.example.com')))['new'],
    2,
  );
  const chain = [candidate('a', host('x')), candidate('b', host('y')), candidate('c', host('x', 'y'))];
  assert.deepEqual(placed(3, ...chain), { a: 0, b: 0, c: 0 });
});

test('a newcomer whose hosts are on several shards is turned away, and its companions are not', () => {
  const served = [on(0, 'a'), on(1, 'b')];
  const bridge = candidate('bridge', host('a.example.com', 'b.example.com', 'new.example.com'));
  const companion = candidate('new', { createdAt: '2026-01-02' });
  const found = placements([...served, bridge, companion], 2);
  assert.deepEqual(placed(2, ...served, bridge, companion), { a: 0, b: 1, bridge: 'turned away', new: 0 });
  assert.deepEqual(
    found.get('web/bridge' as NamespacedName)?.conflicts.map(({ host: name, shard }) => [name, shard]),
    [
      ['a.example.com', 0],
      ['b.example.com', 1],
    ],
  );
});

test('rules for any host are at home on the first shard, and go with no host of another one', () => {
  assert.deepEqual(placed(2, on(1, 'a'), candidate('any', everywhere)), { a: 1, any: 0 });
  const mixed = candidate('any', { ...everywhere, hosts: ['a.example.com'] });
  assert.deepEqual(placed(2, on(1, 'a'), mixed), { a: 1, any: 'turned away' });
  assert.deepEqual(placed(2, on(0, 'a'), mixed), { a: 0, any: 0 });
});

test('fewer shards: the hosts of those that go move together, to where there is room; no number stated moves nobody', () => {
  const served = [on(0, 'a', { rules: 50 }), on(1, 'b'), on(2, 'c', host('x')), on(2, 'd', host('x'))];
  assert.deepEqual(placed(2, ...served), { a: 0, b: 1, c: 1, d: 1 });
  assert.deepEqual(placed(1, ...served), { a: 0, b: 0, c: 0, d: 0 });
  assert.deepEqual(placed(undefined, ...served), { a: 0, b: 1, c: 2, d: 2 });
  // On its way, and back again before it arrived.
  const moving = on(2, 'c', { shards: [0, 2] });
  for (const stated of [2, 3]) assert.equal(placed(stated, moving)['c'], 0);
});

test('who got nowhere because its shard is full goes to another one; who is on its way does not', () => {
  const full = on(0, 'a', { rules: 100 });
  const waiting = candidate('late', { shards: [0] });
  assert.equal(placed(2, full, waiting)['late'], 1);
  assert.equal(placed(2, on(0, 'a', { rules: 90 }), waiting)['late'], 0);
  assert.equal(placed(2, full, on(1, 'b', { rules: 100 }), waiting)['late'], 0);
});

test('a host that two shards have is told to both', () => {
  const found = placements([on(0, 'a', host('x')), on(1, 'b', host('x'))], 2);
  for (const [id, other] of [
    ['web/a', 'web/b'],
    ['web/b', 'web/a'],
  ])
    assert.equal(found.get(id as NamespacedName)?.conflicts[0]?.other, other);
});

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'] as const;
const arbitrary = (name: string): fc.Arbitrary<Candidate> =>
  fc
    .record({
      hosts: fc.uniqueArray(fc.constantFrom('x', 'y', 'z', 'x.a', '*.a', 'y.a'), {
        minLength: 1,
        maxLength: 2,
      }),
      createdAt: fc.constantFrom('2026-01-01', '2026-01-02'),
      rules: fc.integer({ min: 1, max: 120 }),
      isEverywhere: fc.boolean(),
    })
    .map((words) => candidate(name, words));
const some = fc
  .tuple(...names.map((name) => fc.option(arbitrary(name), { nil: undefined })))
  .map((all) => all.filter((one) => one !== undefined));

/** What becomes of members once they are served where they were placed. */
const served = (candidates: readonly Candidate[], stated: number): readonly Candidate[] => {
  const found = placements(candidates, stated);
  return candidates.flatMap((one) => {
    const place = found.get(one.id);
    return place === undefined || place.isTurnedAway
      ? []
      : [{ ...one, shards: [place.shard], isServed: true }];
  });
};

test('Ask 26.1: whoever comes, goes or asks for more shards: nobody who is served moves, and the order of the members means nothing', () => {
  const numbers = fc.record({ stated: fc.integer({ min: 1, max: 4 }), more: fc.integer({ min: 0, max: 3 }) });
  const sorted = (found: ReturnType<typeof placements>) =>
    [...found].toSorted(([a], [b]) => (a < b ? -1 : 1));
  fc.assert(
    fc.property(
      some,
      some,
      numbers,
      fc.array(fc.boolean(), { minLength: names.length, maxLength: names.length }),
      (first, others, { stated, more }, stays) => {
        const before = served(first, stated);
        const left = before.filter((_one, index) => stays[index] !== false);
        const ids = new Set(left.map(({ id }) => id));
        const after = [...left, ...others.filter(({ id }) => !ids.has(id))];
        const found = placements(after, stated + more);
        for (const { id, shards } of left) assert.equal(found.get(id)?.shard, shards[0]);
        assert.deepEqual(sorted(placements(after.toReversed(), stated + more)), sorted(found));
        for (const { shard } of found.values()) assert.ok(shard < stated + more);
      },
    ),
  );
});

test('Ask 26.1: no host is ever on two shards', () => {
  fc.assert(
    fc.property(
      some,
      some,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      (first, others, before, now) => {
        const there = served(first, before);
        const ids = new Set(there.map(({ id }) => id));
        const all = served([...there, ...others.filter(({ id }) => !ids.has(id))], now);
        const shardOf = new Map<string, number | undefined>();
        for (const { hosts, shards } of all)
          for (const host_ of hosts) {
            assert.equal(shardOf.get(host_) ?? shards[0], shards[0], `${host_}`);
            shardOf.set(host_, shards[0]);
          }
      },
    ),
  );
});
