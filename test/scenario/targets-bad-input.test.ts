// Bad luck in the middle of a roll-out: whatever the API server and AWS do, nothing is deregistered that is still wanted.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalWorld } from '../../src/sandbox/local-world.ts';
import { documents, type LocalController, withController } from '../support/local-controller.ts';
import { eventually } from '../support/eventually.ts';
import { ingress, yaml } from './manifests.ts';

const own = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'own', namespace: 'shop' },
  spec: { ports: [{ port: 80, targetPort: 8080 }] },
};

/** Pods by the last part of their address, those of `ending` terminating. */
const slice = (ready: readonly number[], ending: readonly number[] = []): object => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'own', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'own' } },
  addressType: 'IPv4',
  ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  endpoints: [...ready, ...ending].map((last) => ({
    addresses: [`10.0.96.${last}`],
    nodeName: 'node-a',
    conditions: { ready: ready.includes(last), serving: true, terminating: ending.includes(last) },
    targetRef: { kind: 'Pod', name: `pod-${last}`, namespace: 'shop', uid: `uid-${last}` },
  })),
});

/** One pod after the other is replaced: 20, 21, 22 by 30, 31, 32. */
const rollOut: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[20, 21, 22, 30], []],
  [[21, 22, 30], [20]],
  [[21, 22, 30, 31], []],
  [[22, 30, 31], [21]],
  [[22, 30, 31, 32], []],
  [[30, 31, 32], [22]],
  [[30, 31, 32], []],
];

const registered = ({ world }: LocalController): readonly string[] =>
  [...world.aws.state.targetGroups.values()]
    .flatMap(({ targets }) => [...targets.values()])
    .filter(({ deregisteredAt }) => deregisteredAt === undefined)
    .map(({ id }) => id)
    .toSorted();

/** The last parts of the addresses of every deregistration. */
const deregistered = ({ aws }: LocalWorld): readonly number[] =>
  aws.trace
    .entries()
    .filter(({ operation }) => operation === 'DeregisterTargets')
    .flatMap(({ params }) => (params['Targets'] as readonly { readonly Id: string }[]) ?? [])
    .map(({ Id }) => Number(Id.split('.')[3]));

const mishaps: Readonly<Record<string, (world: LocalWorld) => void>> = {
  'the API server resets the watch of EndpointSlices after every event, and has forgotten what was': ({
    kube,
  }) => {
    const of = { verb: 'watch', resource: 'endpointslices' } as const;
    kube.faults.add(
      { ...of, nth: 2, action: { kind: 'gone' } },
      { ...of, nth: 4, action: { kind: 'gone', inStream: true } },
      { verb: 'list', resource: 'endpointslices', nth: 2, action: { kind: 'truncate' } },
      { ...of, times: Number.POSITIVE_INFINITY, action: { kind: 'reset', afterEvents: 1 } },
    );
  },
  'AWS answers late': ({ aws }) =>
    void aws.faults.add({ operation: 'RegisterTargets', nth: 1, action: { kind: 'delay', ms: 700 } }),
  'the answer to RegisterTargets is lost': ({ aws }) =>
    void aws.faults.add({ operation: 'RegisterTargets', nth: 1, action: { kind: 'loseAnswer' } }),
  'the answer to DeregisterTargets is lost': ({ aws }) =>
    void aws.faults.add({ operation: 'DeregisterTargets', nth: 1, action: { kind: 'loseAnswer' } }),
};

describe('bad input for targets', { concurrency: 4 }, () => {
  for (const [what, happen] of Object.entries(mishaps)) {
    test(`bad input: in the middle of a roll-out ${what}: nothing is deregistered that is still wanted`, () =>
      withController(
        {
          before: yaml(own, slice([20, 21, 22]), ingress('shop', { rules: [['a.example.com', '/', 'own']] })),
          prepare: (world) => (what.startsWith('the API server') ? happen(world) : undefined),
        },
        async (local) => {
          await eventually(() => assert.equal(registered(local).length, 3));
          for (const [step, [ready, ending]] of rollOut.entries()) {
            if (!what.startsWith('the API server')) happen(local.world);
            assert.deepEqual(local.world.kube.store.apply(documents(yaml(slice(ready, ending)))), []);
            await sleep(250);
            const wanted = new Set(ready);
            const wrong = deregistered(local.world).filter((last) => wanted.has(last));
            assert.deepEqual(wrong, [], `after step ${step}`);
          }
          await eventually(
            () => assert.deepEqual(registered(local), ['10.0.96.30', '10.0.96.31', '10.0.96.32']),
            20_000,
          );
          await local.rest();
          assert.equal((await local.request('http://a.example.com/')).status, 200);
          assert.deepEqual(new Set(deregistered(local.world)), new Set([20, 21, 22]));
        },
      ));
  }
});
