// A controller that ends in order, as one does whose Pod is replaced, leaves to the next one what it knows of AWS.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type LocalController, withController } from '../support/local-controller.ts';
import { ingress, type IngressOptions, services, yaml } from './manifests.ts';

const names = Array.from({ length: 5 }, (_none, index) => `app-${index}`);
const rulesOf = (name: string): NonNullable<IngressOptions['rules']> => [[`${name}.example.com`, '/', name]];
const site = (name: string, annotations: Record<string, string> = {}): object =>
  ingress(name, { rules: rulesOf(name), annotations });
const before = yaml(...services('shop', ...names), ...names.map((name) => site(name)));
const flags = { 'enable-leader-election': 'true', 'leader-election-namespace': 'kube-system' };

async function callsOfRestart(local: LocalController, options?: Parameters<LocalController['restart']>[0]) {
  await local.rest();
  local.writes();
  const { trace } = local.world.aws;
  const { mark } = trace;
  await local.restart(options);
  await local.rest();
  return trace.entries(mark).map(({ operation }) => operation);
}

describe('a restart', { concurrency: 4 }, () => {
  test('of five groups that nobody touched costs no read for any of them', () =>
    withController({ before, flags }, async (local) => {
      const calls = await callsOfRestart(local, { flags });
      assert.ok(calls.length <= 6, calls.join());
      assert.deepEqual(local.writes(), []);
      assert.equal((await local.request('http://app-1.example.com/', { loadBalancer: 'app1' })).status, 200);
    }));

  test('without the Lease reads everything: somebody else may have been at work', () =>
    withController({ before: yaml(...services('shop', 'app-0'), site('app-0')), flags }, async (local) => {
      const calls = await callsOfRestart(local);
      assert.ok(calls.includes('DescribeRules') && calls.includes('DescribeTargetHealth'), calls.join());
    }));

  test('reads what changed meanwhile, and only that', () =>
    withController({ before, flags }, async (local) => {
      await local.rest();
      const { store } = local.world.kube;
      await local.controller.stop();
      local.writes();
      const { mark } = local.world.aws.trace;
      const pods = store
        .list('v1', 'Pod', 'shop')
        .filter(({ metadata }) => metadata.name.startsWith('app-3-'));
      store.remove(pods.slice(0, 1));
      await local.restart({ flags });
      await local.rest();
      await local.apply(
        yaml(ingress('app-4', { rules: [...rulesOf('app-4'), ['new.example.com', '/', 'app-4']] })),
      );
      const calls = local.world.aws.trace.entries(mark).map(({ operation }) => operation);
      assert.deepEqual(local.writes().toSorted(), ['CreateRule', 'DeregisterTargets', 'RegisterTargets']);
      const count = (name: string): number => calls.filter((call) => call === name).length;
      assert.deepEqual([count('DescribeTargetHealth'), count('DescribeRules')], [1, 1]);
      assert.equal((await local.request('http://new.example.com/', { loadBalancer: 'app4' })).status, 200);
    }));
});
