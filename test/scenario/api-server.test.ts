// The Kubernetes API server is away, refuses, or tells half of the story; objects change while they are worked on.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { kubeconfigText } from '../../src/simulator/kube/kubeconfig.ts';
import { eventually } from '../support/eventually.ts';
import {
  documents,
  type LocalController,
  startController,
  withController,
} from '../support/local-controller.ts';
import { Gate } from './gate.ts';
import { assertNothingLeft } from './nothing-left.ts';
import { ingress, services, yaml } from './manifests.ts';

const group = { 'group.name': 'shop' };
const first = ingress('first', { annotations: group, rules: [['first.example.com', '/', 'web']] });
const second = ingress('second', { annotations: group, rules: [['second.example.com', '/', 'web']] });
const web = services('shop', 'web', 'other');

async function status(local: LocalController, name: string): Promise<number> {
  return (await local.request(`http://${name}.example.com/`)).status;
}

/** Changes the cluster behind the controller's back; no waiting for it. */
const applyUnseen = (local: LocalController, ...objects: readonly object[]): void => {
  assert.deepEqual(local.world.kube.store.apply(documents(yaml(...objects))), []);
};

describe('the Kubernetes API server', { concurrency: 8 }, () => {
  test('cannot be reached at the start, comes up, goes away and comes back', async () => {
    const gate = await Gate.create();
    const kubeconfig = kubeconfigText({ url: gate.url, token: undefined, namespace: 'default' });
    try {
      await withController({ before: yaml(...web, first), kubeconfig }, async (local) => {
        await sleep(300);
        assert.equal(local.world.aws.trace.entries().length, 0);
        await gate.open(local.world.kube.url);
        await local.rest();
        assert.equal(await status(local, 'first'), 200);
        await gate.shut();
        local.writes();
        applyUnseen(local, second);
        local.world.kube.store.remove(documents(yaml(first)));
        await sleep(200);
        assert.equal(await status(local, 'first'), 200);
        assert.deepEqual(local.writes(), []);
        await gate.open(local.world.kube.url);
        await eventually(async () => assert.equal(await status(local, 'second'), 200), 15_000);
        await local.rest();
        assert.equal(await status(local, 'first'), 404);
        assert.equal(local.ingress('shop', 'first'), undefined);
      });
    } finally {
      await gate.shut();
    }
  });

  test('takes the token no more, and again later: what was missed is made up for', () =>
    withController(
      { before: yaml(...web, first), prepare: ({ kube }) => kube.setTokens(['one']) },
      async (local) => {
        await local.rest();
        const { kube } = local.world;
        kube.setTokens(['another']);
        // Open watches go on at a real API server too; the next request is refused.
        kube.faults.add({ verb: 'patch', times: 1, action: { kind: 'status', code: 401 } });
        applyUnseen(local, second);
        await sleep(300);
        assert.equal(await status(local, 'first'), 200);
        kube.setTokens(['one']);
        await eventually(async () => assert.equal(await status(local, 'second'), 200), 15_000);
        await local.rest();
        assert.deepEqual(local.ingress('shop', 'second')?.metadata.finalizers, ['group.albatross.dev/shop']);
        const hostname = JSON.stringify(local.ingress('shop', 'second')?.['status']);
        assert.match(hostname, /elb\.amazonaws\.com/);
      },
    ));

  for (const action of [{ kind: 'status', code: 500 }, { kind: 'truncate' }, { kind: 'reset' }] as const) {
    test(`lists no Ingresses (${action.kind}): nothing is deleted, nothing is written`, () =>
      withController({ before: yaml(...web, first) }, async (local) => {
        await local.rest();
        local.writes();
        local.world.kube.faults.add({
          verb: 'list',
          resource: 'ingresses',
          times: Number.POSITIVE_INFINITY,
          action,
        });
        await local.controller.stop();
        const blind = await startController(local.world);
        try {
          await sleep(700);
          assert.deepEqual(local.writes(), []);
          assert.equal(await status(local, 'first'), 200);
          local.world.kube.faults.clear();
          await blind.rest();
          assert.deepEqual(local.writes(), []);
          assert.equal(await status(local, 'first'), 200);
        } finally {
          await blind.stop();
        }
      }));
  }

  test('refuses a status and a finalizer at first: nothing is made before the finalizer, and all is well in the end', () =>
    withController(
      {
        before: yaml(...web, first),
        prepare: ({ kube }) =>
          kube.faults.add({
            verb: 'patch',
            resource: 'ingresses',
            times: 2,
            action: { kind: 'status', code: 503 },
          }),
      },
      async (local) => {
        await eventually(async () => assert.equal(await status(local, 'first'), 200), 30_000);
        await local.rest();
        assert.match(JSON.stringify(local.ingress('shop', 'first')?.['status']), /elb\.amazonaws\.com/);
      },
    ));

  test('an Ingress changes while it is worked on: the last word counts', () =>
    withController({ before: yaml(...web) }, async (local) => {
      const { aws } = local.world;
      const changed = new Promise<void>((resolve) => {
        const unsubscribe = aws.onChange(({ operation }) => {
          if (operation !== 'CreateTargetGroup') return;
          unsubscribe();
          // In the middle of the run: another host and another Service.
          applyUnseen(
            local,
            ingress('first', { annotations: group, rules: [['changed.example.com', '/', 'other']] }),
          );
          resolve();
        });
      });
      await local.apply(yaml(first));
      await changed;
      await local.rest();
      assert.equal((await local.request('http://changed.example.com/')).echo?.service, 'other');
      assert.equal(await status(local, 'first'), 404);
      assert.equal(aws.state.targetGroups.size, 1);
    }));

  test('an Ingress is deleted while it is worked on: nothing is left', () =>
    withController({ before: yaml(...web) }, async (local) => {
      const { aws, kube } = local.world;
      const unsubscribe = aws.onChange(({ operation }) => {
        if (operation !== 'CreateLoadBalancer') return;
        unsubscribe();
        kube.store.remove(documents(yaml(first)));
      });
      await local.apply(yaml(first));
      await local.rest();
      assert.equal(local.ingress('shop', 'first'), undefined);
      assertNothingLeft(local);
    }));

  test('two controllers: one leads, and the other takes over what is there without a write', () =>
    withController(
      { before: yaml(...web, first), flags: { 'enable-leader-election': 'true' } },
      async (local) => {
        await local.rest();
        local.writes();
        const standby = await startController(local.world, { flags: { 'enable-leader-election': 'true' } });
        try {
          await local.apply(yaml(second));
          assert.equal(await status(local, 'second'), 200);
          assert.equal(local.writes().filter((operation) => operation === 'CreateRule').length, 1);
          await local.controller.stop();
          applyUnseen(
            local,
            ingress('third', { annotations: group, rules: [['third.example.com', '/', 'other']] }),
          );
          await standby.rest();
          assert.equal(await status(local, 'third'), 200);
          assert.deepEqual(local.writes().toSorted(), ['CreateRule', 'CreateTargetGroup', 'RegisterTargets']);
        } finally {
          await standby.stop();
        }
      },
    ));
});
