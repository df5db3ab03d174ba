// Trap 16: a rule answers nothing that its Ingress did not ask for, however wrong what stands behind it is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ClusterObject } from '../../../src/core/domain/cluster.ts';
import { groupKey } from '../../../src/core/domain/ids.ts';
import { snapshotOf } from '../../../src/core/domain/snapshot.ts';
import { matchesWildcard } from '../../../src/core/evaluate/patterns.ts';
import { groupModel } from '../../../src/core/model/group.ts';
import { ingress, ingressClass, rule, service } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';

const hosts = ['a.example.com', 'b.example.com'] as const;
const paths = ['/', '/shop', '/shop/cart'] as const;
/** A Service that is there, ones that are not, a port that is not, an action that is not, and no port at all. */
const backends = [
  'front:80',
  'gone:80',
  'front:81',
  'front:nope',
  'page:use-annotation',
  'front',
  'gone',
] as const;

const asked = fc.uniqueArray(
  fc.record({
    host: fc.constantFrom(...hosts),
    path: fc.constantFrom(...paths),
    backend: fc.constantFrom(...backends),
  }),
  { minLength: 1, maxLength: 5, selector: ({ host, path }) => `${host}${path}` },
);

test('Trap 16: with missing Services, ports and actions, no rule has a host or a path that nobody asked for', () => {
  let rules = 0;
  fc.assert(
    fc.property(asked, (wanted) => {
      const objects: readonly ClusterObject[] = [
        ingressClass(),
        service('web/front'),
        ...wanted.map(({ host, path, backend }, index) =>
          ingress(`web/site-${index}`, {
            annotations: { 'group.name': 'shop' },
            rules: [rule(host, { [path]: backend })],
          }),
        ),
      ];
      const model = groupModel(snapshotOf(objects), groupKey('shop'), coreConfig());
      for (const listener of model.listeners) {
        for (const { conditions, path: where, member } of listener.rules) {
          rules += 1;
          const host = conditions.find(({ kind }) => kind === 'host-header');
          const path = conditions.find(({ kind }) => kind === 'path-pattern');
          assert.ok(host?.kind === 'host-header' && path?.kind === 'path-pattern', where);
          const index = Number(member.name.replace('site-', ''));
          const own = wanted[index];
          assert.ok(own !== undefined, where);
          assert.deepEqual(host.values, [own.host]);
          for (const request of [
            '/',
            '/shop',
            '/shop/',
            '/shopping',
            '/shop/cart',
            '/shop/cart/1',
            '/else',
          ]) {
            const isMet: boolean = path.values.some((pattern) =>
              matchesWildcard(pattern, request, { ignoreCase: false }),
            );
            const isAsked: boolean =
              own.path === '/' || request === own.path || request.startsWith(`${own.path}/`);
            assert.equal(isMet, isAsked, `${request} by ${path.values.join(' ')} of ${own.path}`);
          }
        }
        // What no rule answers is nobody's: never a backend, never a 503 for everybody.
        assert.deepEqual(
          listener.defaultActions.map((action) => action.kind === 'fixed-response' && action.statusCode),
          ['404'],
        );
      }
    }),
    { numRuns: 200 },
  );
  assert.ok(rules > 100);
});
