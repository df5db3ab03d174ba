import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planCluster } from '../../src/cli/plan-cluster.ts';
import type { Change } from '../../src/core/domain/change.ts';
import { ingress, services, yaml } from '../scenario/manifests.ts';
import { documents, type LocalController, withController } from '../support/local-controller.ts';
import { configFor } from './config-for.ts';

/** What the controller keeps of its writes; it leaves out targets, which come and go. */
function written({ world }: LocalController): readonly string[] {
  const [log] = world.kube.store
    .list('v1', 'ConfigMap')
    .filter(({ metadata: { name } }) => name === 'albatross-changes');
  const { changes = '' } = (log?.['data'] ?? {}) as Readonly<Record<string, string>>;
  return changes
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Change)
    .map(({ operation, subject }) => `${operation} ${subject}`);
}

test('Ask 25.1: what the plan of a cluster shows is what the controller then does, and nothing else', (t) =>
  withController(
    {
      before: yaml(
        ...services('shop', 'web', 'api'),
        ingress('one', {
          annotations: { 'group.name': 'shop' },
          rules: [
            ['a.example.com', '/', 'web'],
            ['b.example.com', '/', 'api'],
          ],
        }),
      ),
    },
    async (local) => {
      await local.rest();
      await local.controller.stop();
      const before = written(local).length;
      assert.ok(before > 0);
      const edited = yaml(
        ingress('one', {
          annotations: {
            'group.name': 'shop',
            'load-balancer-attributes': 'idle_timeout.timeout_seconds=90',
            tags: 'team=shop',
          },
          rules: [['a.example.com', '/new', 'web']],
        }),
        ingress('two', { rules: [['c.example.com', '/', 'web']] }),
      );
      assert.deepEqual(local.world.kube.store.apply(documents(edited)), []);
      const { signal } = new AbortController();
      const planned = await planCluster(configFor(t, local.world), {
        group: undefined,
        targets: true,
        signal,
      });
      const shown = [...planned.groups.map(({ plan }) => plan), planned.network]
        .flatMap(({ operations }) => operations)
        .filter(({ kind }) => !/^(register|deregister|await)/.test(kind))
        .map(({ kind, subject }) => `${kind} ${subject}`);
      assert.ok(shown.length > 8, shown.join());
      await local.restart();
      await local.rest();
      await local.controller.stop();
      assert.deepEqual(written(local).slice(before).toSorted(), shown.toSorted());
    },
  ));
