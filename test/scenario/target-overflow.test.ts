// Services with more pods than a target group takes, under traffic: no answer is missing while target groups come and go.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { documents, type LocalController, withController } from '../support/local-controller.ts';
import { eventually } from '../support/eventually.ts';
import { ingress, yaml } from './manifests.ts';
import { underTraffic } from './under-traffic.ts';

const own = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'own', namespace: 'shop' },
  spec: { type: 'NodePort', ports: [{ port: 80, targetPort: 8080 }] },
};

/** The first `ready` of `count` pods are ready, the others end and still answer. */
const pods = (count: number, ready = count): object => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'own', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'own' } },
  addressType: 'IPv4',
  ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  endpoints: Array.from({ length: count }, (_, index) => ({
    addresses: [`10.0.96.${index + 20}`],
    nodeName: 'node-a',
    conditions: { ready: index < ready, serving: true, terminating: index >= ready },
    targetRef: { kind: 'Pod', name: `pod-${index}`, namespace: 'shop', uid: `uid-${index}` },
  })),
});

const site = (overflow: string | undefined): object =>
  ingress('shop', {
    annotations: {
      // AWS takes an address back only after it.
      'target-group-attributes': 'deregistration_delay.timeout_seconds=1',
      ...(overflow === undefined ? {} : { 'albatross.dev/target-overflow': overflow }),
    },
    rules: [['a.example.com', '/', 'own']],
  });

const ask = (local: LocalController) => local.request('http://a.example.com/');
const serves = (local: LocalController) =>
  eventually(async () => assert.equal((await ask(local)).status, 200));
const groups = ({ world }: LocalController) =>
  [...world.aws.state.targetGroups.values()].map(({ targetType, targets }) => ({
    targetType,
    ids: [...targets.values()]
      .filter(({ deregisteredAt }) => deregisteredAt === undefined)
      .map(({ id }) => id),
  }));

describe('more pods than fit', { concurrency: 4 }, () => {
  for (const [overflow, types] of [
    ['split', ['ip', 'ip', 'ip', 'ip']],
    ['node-port', ['instance']],
  ] as const) {
    test(`Ask 38.2: target-overflow ${overflow}: each pod answers, and no request is lost while pods come and go`, () =>
      withController(
        {
          before: yaml(own, pods(8), site(overflow)),
          flags: { 'max-targets-per-target-group': '10' },
          knobs: { registrationMs: 500 },
        },
        async (local) => {
          await serves(local);
          const seen = await underTraffic(local, ['http://a.example.com/'], async () => {
            for (const [count, ready] of [
              [17, 17],
              [28, 28],
            ] as const) {
              local.world.kube.store.apply(documents(yaml(pods(count, ready))));
              await local.rest();
            }
            await eventually(() =>
              assert.deepEqual(
                groups(local).map(({ targetType }) => targetType),
                types,
              ),
            );
            const answering = new Set<unknown>();
            await eventually(async () => {
              answering.add((await ask(local)).echo?.pod);
              assert.equal(answering.size, 28);
            });
            for (const [count, ready] of [
              [28, 17],
              [17, 17],
              // Those of one target group may all be among the eleven.
              [17, 6],
              [6, 6],
              [6, 1],
              [1, 1],
            ] as const) {
              local.world.kube.store.apply(documents(yaml(pods(count, ready))));
              await eventually(() =>
                assert.equal(
                  new Set(groups(local).flatMap(({ ids }) => ids)).size,
                  overflow === 'split' || ready < 8 ? ready : 3,
                ),
              );
            }
            // A plan that waited for pods that went meanwhile gives up after three minutes.
            await eventually(
              () =>
                assert.deepEqual(
                  groups(local).map(({ targetType }) => targetType),
                  ['ip'],
                ),
              240_000,
            );
          });
          assert.deepEqual([...seen.statuses.keys()], ['200 own']);
        },
      ));
  }

  test('Ask 38.2: without target-overflow an Ingress whose pods do not fit is refused with the numbers and the ways out', () =>
    withController(
      { before: yaml(own, pods(7), site(undefined)), knobs: { quotas: { 'targets-per-target-group': 4 } } },
      async (local) => {
        await local.rest();
        const events = local.events('Ingress', 'shop/shop').join('\n');
        assert.match(
          events,
          /needs 7 targets; 0 of 4 are in use \(quota targets-per-target-group, L-A0D0B863, adjustable\)/,
        );
        assert.match(events, /albatross\.dev\/target-overflow: split/);
        assert.match(events, /--quota-code L-A0D0B863 --desired-value 7/);
        assert.equal(groups(local).length, 0);
        await local.apply(yaml(site('split')));
        await serves(local);
        assert.equal(groups(local).length, 2);
      },
    ));
});
