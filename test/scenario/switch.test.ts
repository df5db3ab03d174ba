// Changes under traffic: while somebody asks all the time, no answer is wrong and none is missing.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KnobSettings } from '../../src/simulator/aws/knobs.ts';
import { eventually } from '../support/eventually.ts';
import { documents, type LocalController, withController } from '../support/local-controller.ts';
import { ingress, type IngressOptions, services, yaml } from './manifests.ts';
import { underTraffic } from './under-traffic.ts';

/** New targets are registered for a while before they are healthy; the world's clock is the real one. */
const slowHealth: KnobSettings = { registrationMs: 300 };

const shop = (annotations: Record<string, string>, rules: NonNullable<IngressOptions['rules']>): object =>
  ingress('shop', { annotations, rules });

const change = (local: LocalController, ...objects: readonly object[]): void => {
  assert.deepEqual(local.world.kube.store.apply(documents(yaml(...objects))), []);
};

const web = services('shop', 'web', 'other');

describe('changes under traffic', { concurrency: 8 }, () => {
  for (const [from, to] of [
    ['instance', 'ip'],
    ['ip', 'instance'],
  ] as const) {
    test(`from ${from} to ${to} targets no request is lost, although new targets take their time`, () => {
      const rules = [['a.example.com', '/', 'web']] as const;
      return withController(
        { before: yaml(...web, shop({ 'target-type': from }, rules)), knobs: slowHealth },
        async (local) => {
          await local.rest();
          await eventually(async () =>
            assert.equal((await local.request('http://a.example.com/')).status, 200),
          );
          const seen = await underTraffic(local, ['http://a.example.com/'], async () => {
            change(local, shop({ 'target-type': to }, rules));
            await local.rest();
          });
          assert.deepEqual([...seen.statuses.keys()], ['200 web'], JSON.stringify([...seen.statuses]));
          assert.ok(seen.count > 50);
          const groups = [...local.world.aws.state.targetGroups.values()];
          assert.deepEqual(
            groups.map(({ targetType }) => targetType),
            [to],
          );
        },
      );
    });
  }

  test('a rule goes from one Service to another, and others are put before it: the old one or the new one answers', () =>
    withController(
      { before: yaml(...web, shop({}, [['a.example.com', '/', 'web']])), knobs: slowHealth },
      async (local) => {
        await eventually(async () =>
          assert.equal((await local.request('http://a.example.com/')).status, 200),
        );
        const seen = await underTraffic(
          local,
          ['http://a.example.com/', 'http://a.example.com/x'],
          async () => {
            change(
              local,
              shop({}, [
                ['a.example.com', '/x', 'web'],
                ['a.example.com', '/', 'other'],
              ]),
            );
            await local.rest();
          },
        );
        assert.deepEqual([...seen.statuses.keys()].toSorted(), ['200 other', '200 web'].toSorted());
        assert.equal((await local.request('http://a.example.com/')).echo?.service, 'other');
        assert.equal((await local.request('http://a.example.com/x')).echo?.service, 'web');
      },
    ));

  test('pods are replaced one by one: no request is lost', () => {
    const endpoint = (last: number, ready: boolean): object => ({
      addresses: [`10.0.96.${last}`],
      nodeName: 'node-a',
      conditions: { ready, serving: true, terminating: !ready },
      targetRef: { kind: 'Pod', name: `pod-${last}`, namespace: 'shop' },
    });
    const slice = (...endpoints: readonly object[]): object => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'own',
        namespace: 'shop',
        labels: { 'kubernetes.io/service-name': 'own' },
      },
      addressType: 'IPv4',
      ports: [{ name: '', port: 8080, protocol: 'TCP' }],
      endpoints,
    });
    const own = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'own', namespace: 'shop' },
      spec: { ports: [{ port: 80, targetPort: 8080 }] },
    };
    const old = slice(endpoint(20, true), endpoint(21, true));
    return withController(
      { before: yaml(own, old, shop({}, [['a.example.com', '/', 'own']])), knobs: { registrationMs: 50 } },
      async (local) => {
        await local.rest();
        const seen = await underTraffic(local, ['http://a.example.com/'], async () => {
          for (const next of [
            slice(endpoint(20, false), endpoint(21, true), endpoint(22, true)),
            slice(endpoint(21, false), endpoint(22, true), endpoint(23, true)),
            slice(endpoint(22, true), endpoint(23, true)),
          ]) {
            change(local, next);
            await local.rest();
          }
        });
        assert.deepEqual([...seen.statuses.keys()], ['200 own'], JSON.stringify([...seen.statuses]));
        const pods = new Set<string>();
        for (let i = 0; i < 4; i += 1)
          pods.add(String((await local.request('http://a.example.com/')).echo?.pod));
        assert.deepEqual([...pods].toSorted(), ['pod-22', 'pod-23']);
      },
    );
  });
});

describe('quotas', { concurrency: 8 }, () => {
  const rulesFor = (count: number, service = 'web'): NonNullable<IngressOptions['rules']> =>
    Array.from({ length: count }, (_, i) => [`h${i}.example.com`, '/', service] as const);

  test('RUL-10, RUL-16: that of rules is named with its code before anything is written; deletes and swaps work at the quota', () =>
    withController(
      {
        before: yaml(...web, shop({}, rulesFor(5))),
        knobs: { quotas: { 'rules-per-application-load-balancer': 5 } },
      },
      async (local) => {
        await local.rest();
        local.writes();
        await local.apply(yaml(shop({}, rulesFor(6))));
        assert.deepEqual(local.writes(), []);
        const said = local.events('Ingress', 'shop/shop').join('\n');
        assert.match(said, /FailedBuildModel: .*rules-per-application-load-balancer/);
        assert.match(said, /L-7EED9B64/);
        assert.match(said, /6 .*5/);
        for (let i = 0; i < 5; i += 1)
          assert.equal((await local.request(`http://h${i}.example.com/`)).status, 200);
        // At the quota: one host instead of another, then one less.
        const swapped = [['new.example.com', '/', 'web'] as const, ...rulesFor(4)];
        await local.apply(yaml(shop({}, swapped)));
        assert.equal((await local.request('http://new.example.com/')).status, 200);
        assert.equal((await local.request('http://h4.example.com/')).status, 404);
        await local.apply(yaml(shop({}, rulesFor(2))));
        assert.equal((await local.request('http://h1.example.com/')).status, 200);
        assert.equal((await local.request('http://new.example.com/')).status, 404);
        await local.apply(yaml(shop({}, rulesFor(5))));
        await local.remove(yaml(shop({}, rulesFor(5))));
        assert.equal(local.world.aws.state.loadBalancers.size, 0);
      },
    ));

  test('that of target groups in the whole account is full: its Ingress is told, its neighbour works, and deletes go on', () =>
    withController(
      {
        before: yaml(
          ...web,
          ingress('first', {
            annotations: { 'group.name': 'one' },
            rules: [['first.example.com', '/', 'web']],
          }),
        ),
        knobs: { quotas: { 'target-groups': 1 } },
      },
      async (local) => {
        await local.rest();
        const second = ingress('second', {
          annotations: { 'group.name': 'one' },
          rules: [['second.example.com', '/', 'other']],
        });
        await local.apply(yaml(second));
        assert.match(local.events('Ingress', 'shop/second').join('\n'), /target.groups/i);
        assert.ok(!local.events('Ingress', 'shop/first').some((event) => event.startsWith('Failed')));
        assert.equal((await local.request('http://first.example.com/')).status, 200);
        await local.remove(yaml(second));
        assert.equal(local.ingress('shop', 'second'), undefined);
      },
    ));
});
