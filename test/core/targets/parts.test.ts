import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { NamespacedName } from '../../../src/core/domain/ids.ts';
import type { DesiredTarget } from '../../../src/core/domain/target.ts';
import { homes } from '../../../src/core/targets/parts.ts';

const pod = (uid: string, id = `10.0.0.${uid}`, port = 8080): DesiredTarget => ({
  id,
  port,
  availabilityZone: undefined,
  object: { kind: 'Pod', id: 'web/p' as NamespacedName, uid },
});
const uids = fc.uniqueArray(fc.uuid(), { maxLength: 60 });
const parts = fc.integer({ min: 1, max: 5 });
const unlimited = Number.POSITIVE_INFINITY;

test('Ask 38.2: every pod has one place, whatever the order of the list, and none of them gets more than fit in', () => {
  fc.assert(
    fc.property(
      uids,
      parts,
      fc.integer({ min: 1, max: 20 }),
      fc.infiniteStream(fc.nat()),
      (ids, of, limit, turns) => {
        const found = homes(
          ids.map((uid) => pod(uid)),
          { of, limit },
        );
        assert.deepEqual([...found.keys()].toSorted(), ids.toSorted());
        const counts = Map.groupBy([...found.values()], (at) => at);
        if (ids.length <= of * limit) for (const [, all] of counts) assert.ok(all.length <= limit);
        const turned = ids.toSorted(() => (turns.next().value % 2 === 0 ? 1 : -1));
        assert.deepEqual(
          homes(
            turned.map((uid) => pod(uid)),
            { of, limit },
          ),
          found,
        );
      },
    ),
  );
});

test('Ask 38.2: with one target group more no pod moves but into it, and with one less none but out of it', () => {
  fc.assert(
    fc.property(uids, fc.integer({ min: 1, max: 4 }), (ids, of) => {
      const pods = ids.map((uid) => pod(uid));
      const [before, after] = [of, of + 1].map((each) => homes(pods, { of: each, limit: unlimited }));
      for (const uid of ids)
        assert.ok(after?.get(uid) === of || after?.get(uid) === before?.get(uid), `${uid} moved`);
    }),
  );
});

test('Ask 38.2: a pod that comes or goes moves no other one, as long as there is room', () => {
  fc.assert(
    fc.property(uids, fc.uuid(), parts, (ids, other, of) => {
      const before = homes(
        ids.map((uid) => pod(uid)),
        { of, limit: unlimited },
      );
      const after = homes(
        [other, ...ids].map((uid) => pod(uid)),
        { of, limit: unlimited },
      );
      for (const uid of ids) assert.equal(after.get(uid), before.get(uid));
    }),
  );
});

test('the ports of a pod stay together, and one without a uid goes by its address', () => {
  const two = homes([pod('a', '10.0.0.1', 1), pod('a', '10.0.0.1', 2), pod('', '10.0.0.3')], {
    of: 5,
    limit: 9,
  });
  assert.deepEqual([...two.keys()], ['10.0.0.3', 'a']);
});
