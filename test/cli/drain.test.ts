// Ask 6: tear-down removes everything of a cluster, and what nobody stands for is told.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderDrain } from '../../src/cli/drain.ts';
import { drainCluster, planDrain } from '../../src/cli/drain-cluster.ts';
import { clusterUidTag } from '../../src/core/domain/cluster-uid.ts';
import { assertNothingLeft } from '../scenario/nothing-left.ts';
import { ingress, services, yaml } from '../scenario/manifests.ts';
import { withController } from '../support/local-controller.ts';
import { configFor } from './config-for.ts';

const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'test' };
const { signal } = new AbortController();
const site = (name: string, group: Record<string, string> = {}): object =>
  ingress(name, { annotations: group, rules: [[`${name}.example.com`, '/', 'web']] });

test('Ask 6.4: drain shows all, refuses while a controller works, and then leaves nothing of the cluster behind', (t) =>
  withController(
    {
      before: yaml(
        ...services('shop', 'web'),
        site('a', { 'group.name': 'one' }),
        site('b', { 'group.name': 'one' }),
        site('c'),
      ),
      flags: { 'enable-leader-election': 'true', 'leader-election-namespace': 'kube-system' },
    },
    async (local) => {
      await local.rest();
      const { world } = local;
      const flags = { 'leader-election-namespace': 'kube-system' };
      const config = configFor(t, world, flags);
      await assert.rejects(
        planDrain(config, { signal }),
        /holds Lease kube-system\/aws-load-balancer-controller-leader.*scale deployment/,
      );
      await local.controller.stop();

      // Another one's target group with the cluster's name, and a group of ours that nobody stands for.
      const subnets = [world.id('subnet/public-a'), world.id('subnet/public-b')];
      const tags = (stack: string, more: Record<string, string> = {}) =>
        Object.entries({
          'elbv2.k8s.aws/cluster': 'test',
          'ingress.k8s.aws/stack': stack,
          'ingress.k8s.aws/resource': 'LoadBalancer',
          ...more,
        }).map(([Key, Value]) => ({ Key, Value }));
      const uid =
        world.kube.store.get({ apiVersion: 'v1', kind: 'Namespace', namespace: '', name: 'kube-system' })
          ?.metadata.uid ?? '';
      const create = (operation: string, input: Record<string, unknown>) =>
        world.aws.call('elbv2', operation, input);
      await create('CreateLoadBalancer', {
        Name: 'ours',
        Subnets: subnets,
        Scheme: 'internet-facing',
        Tags: tags('gone/site', { [clusterUidTag]: uid }),
      });
      await create('CreateTargetGroup', {
        Name: 'k8s-theirs',
        Protocol: 'HTTP',
        Port: 80,
        VpcId: world.id('vpc'),
        Tags: tags('legacy/old'),
      });

      const mark = world.aws.trace.mark;
      const drain = await planDrain(config, { signal });
      assert.deepEqual(world.aws.trace.writes(mark), []);
      const shown = renderDrain(drain);
      for (const words of [
        /- delete load balancer k8s-one-/,
        /- delete load balancer k8s-shop-c-/,
        /- delete load balancer ours/,
        /- revoke ingress/,
        /no Ingress stands for gone\/site/,
        /stays:\n\nGroup legacy\/old, with the name of this cluster and no UID/,
      ])
        assert.match(shown, words);

      const done: string[] = [];
      const problems = await drainCluster(config, drain, {
        signal,
        credentials,
        rationed: false,
        patienceMs: 3000,
        onProgress: (text) => done.push(text),
      });
      assert.deepEqual(problems, []);
      assert.ok(done.some((text) => text.startsWith('deleteLoadBalancer load-balancer/k8s-one-')));
      const left = world.aws.state.targetGroups;
      assert.deepEqual(
        [...left.values()].map(({ name }) => name),
        ['k8s-theirs'],
      );
      for (const name of ['a', 'b', 'c'])
        assert.deepEqual(local.ingress('shop', name)?.metadata.finalizers ?? [], []);
      left.clear();
      assertNothingLeft(local);
      assert.match(renderDrain(await planDrain(config, { signal })), /^Nothing of this cluster is left/);
    },
  ));
