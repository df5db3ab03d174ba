// What work costs in calls to AWS: DESIGN §8's aims, and nothing at all where nothing changed.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { documents, type LocalController, withController } from '../support/local-controller.ts';
import { ingress, type IngressOptions, services, yaml } from './manifests.ts';

type Rules = NonNullable<IngressOptions['rules']>;
const known: Rules = [
  ['a.example.com', '/', 'web'],
  ['b.example.com', '/', 'other'],
];
const shop = (rules: Rules = known, annotations: Record<string, string> = {}): object =>
  ingress('shop', { rules, annotations });
const before = yaml(...services('shop', 'web', 'other', 'third'), shop());

/** Names of the calls to AWS that `work` and what follows from it cost. */
async function callsOf(local: LocalController, work: () => Promise<void>): Promise<readonly string[]> {
  const { trace } = local.world.aws;
  const { mark } = trace;
  await work();
  return trace.entries(mark).map(({ operation }) => operation);
}

describe('calls to AWS', { concurrency: 8 }, () => {
  test('what means nothing costs nothing: labels, annotations of others, status, resyncs of unrelated objects', () =>
    withController({ before }, async (local) => {
      await local.rest();
      const changed = structuredClone(shop(known, { 'example.com/note': 'hello' })) as {
        metadata: Record<string, unknown>;
      };
      changed.metadata['labels'] = { team: 'a' };
      assert.deepEqual(await callsOf(local, () => local.apply(yaml(changed))), []);
      const status = { loadBalancer: { ingress: [{ hostname: 'other.example.com' }] } };
      const statusOnly = await callsOf(local, () => local.apply(yaml({ ...changed, status })));
      assert.deepEqual(statusOnly, []);
      const bystanders = yaml(
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'elsewhere', labels: { a: 'b' } } },
        ...services('elsewhere', 'nobody'),
        ingress('theirs', { className: 'nginx', namespace: 'elsewhere', rules: known }),
      );
      assert.deepEqual(await callsOf(local, () => local.apply(bystanders)), []);
    }));

  test('one more path to a known Service: at most 2; to a new Service: at most 6', () =>
    withController({ before }, async (local) => {
      await local.rest();
      const path: Rules = [...known, ['b.example.com', '/more', 'web']];
      const one = await callsOf(local, () => local.apply(yaml(shop(path))));
      assert.ok(one.length <= 2, one.join());
      const service: Rules = [...path, ['c.example.com', '/', 'third']];
      const two = await callsOf(local, () => local.apply(yaml(shop(service))));
      assert.ok(two.length <= 6, two.join());
      assert.equal((await local.request('http://c.example.com/')).echo?.service, 'third');
    }));

  test('a pod is replaced: 2 calls', () =>
    withController({ before }, async (local) => {
      await local.rest();
      const { store } = local.world.kube;
      const [pod] = store
        .list('v1', 'Pod', 'shop')
        .filter(({ metadata }) => metadata.name.startsWith('web-'));
      assert.ok(pod);
      const calls = await callsOf(local, async () => {
        store.remove([pod]);
        await local.rest();
      });
      assert.deepEqual(calls.toSorted(), ['DeregisterTargets', 'RegisterTargets']);
      assert.equal((await local.request('http://a.example.com/')).status, 200);
    }));

  test('the first Ingress with two Services: at most 18; deleting it: at most 11', () =>
    withController({ before: yaml(...services('shop', 'web', 'other')) }, async (local) => {
      await local.rest();
      const first = await callsOf(local, () => local.apply(yaml(shop())));
      assert.ok(first.length <= 18, first.join());
      const last = await callsOf(local, () => local.remove(yaml(shop())));
      assert.ok(last.length <= 11, last.join());
    }));

  test('3 Services from ip to instance mode and back: at most 20 each', () => {
    const three: Rules = [...known, ['c.example.com', '/', 'third']];
    const mode = (type: string): string => yaml(shop(three, { 'target-type': type }));
    const first = yaml(...services('shop', 'web', 'other', 'third')) + `\n---\n${mode('ip')}`;
    return withController({ before: first }, async (local) => {
      await local.rest();
      for (const type of ['instance', 'ip']) {
        const calls = await callsOf(local, () => local.apply(mode(type)));
        assert.ok(calls.length <= 20, `${type}: ${calls.join()}`);
        assert.equal((await local.request('http://c.example.com/')).echo?.service, 'third');
      }
    });
  });

  test('a restart writes nothing, also to Kubernetes, and a second look costs nothing', () =>
    withController({ before }, async (local) => {
      await local.rest();
      const objects = (): string => JSON.stringify(local.ingress('shop', 'shop')?.metadata);
      const [writes, object] = [local.writes().length, objects()];
      assert.ok(writes > 0);
      const calls = await callsOf(local, async () => {
        await local.restart();
        await local.rest();
      });
      assert.ok(calls.length <= 15, calls.join());
      assert.deepEqual(local.writes(), []);
      assert.equal(objects(), object);
      assert.deepEqual(
        await callsOf(local, () => local.apply(yaml(shop(known, { 'example.com/note': '1' })))),
        [],
      );
    }));

  test('Ask 2.2, ask 2.3: after a restart a broken member keeps its last good rules, and deleting it takes them away', () =>
    withController({ before }, async (local) => {
      const group = { 'group.name': 'one' };
      const good = ingress('good', { annotations: group, rules: [['good.example.com', '/', 'web']] });
      const rules: Rules = [['bad.example.com', '/', 'other']];
      const bad = (more: Record<string, string>): object =>
        ingress('bad', { annotations: { ...group, ...more }, rules });
      await local.apply(yaml(good, bad({})));
      await local.controller.stop();
      local.writes();
      local.world.kube.store.apply(documents(yaml(bad({ 'target-type': 'nonsense' }))));
      await local.restart();
      await local.rest();
      assert.deepEqual(local.writes(), []);
      const get = (name: string) => local.request(`http://${name}.example.com/`, { loadBalancer: 'k8s-one' });
      assert.deepEqual([(await get('good')).status, (await get('bad')).status], [200, 200]);
      // A neighbour's change is carried out around them.
      const more: Rules = [
        ['good.example.com', '/', 'web'],
        ['more.example.com', '/', 'web'],
      ];
      await local.apply(yaml(ingress('good', { annotations: group, rules: more })));
      assert.deepEqual([(await get('more')).status, (await get('bad')).status], [200, 200]);
      await local.remove(yaml(bad({})));
      assert.deepEqual([(await get('good')).status, (await get('bad')).status], [200, 404]);
      assert.equal(local.ingress('shop', 'bad'), undefined);
    }));
});
