import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planCluster } from '../../src/cli/plan-cluster.ts';
import { ingress, services, yaml } from '../scenario/manifests.ts';
import { planJson, renderPlans } from '../../src/cli/plan-output.ts';
import { withController } from '../support/local-controller.ts';
import { configFor } from './config-for.ts';

const albcClass = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'old' },
  spec: { controller: 'ingress.k8s.aws/alb' },
};

test('the plan of a cluster has nothing to do where ALBC serves its own class, and nothing for its preset either', (t) =>
  withController(
    {
      before: yaml(
        albcClass,
        ...services('shop', 'web'),
        ingress('shop', { className: 'old', rules: [['a.example.com', '/', 'web']] }),
      ),
      flags: { compatibility: 'albc' },
    },
    async ({ world, controller, rest }) => {
      await rest();
      await controller.stop();
      for (const [compatibility, groups] of [
        ['none', 0],
        ['albc', 1],
      ] as const) {
        const config = configFor(t, world, { compatibility });
        const since = world.aws.trace.mark;
        const planned = await planCluster(config, {
          group: undefined,
          targets: true,
          signal: new AbortController().signal,
        });
        assert.equal(planned.groups.length, groups);
        assert.deepEqual(
          planned.groups.flatMap(({ plan }) => plan.operations),
          [],
        );
        assert.deepEqual(planned.network?.operations ?? [], []);
        assert.deepEqual(world.aws.trace.writes(since), []);
      }
    },
  ));

test('TGB-05: the plan of a cluster shows what a user’s binding registers and opens, and why one is held', (t) =>
  withController({ before: yaml(...services('shop', 'web')) }, async ({ world, controller, rest }) => {
    await rest();
    await controller.stop();
    const create = { Name: 'theirs', Protocol: 'HTTP', Port: 80, VpcId: world.id('vpc'), TargetType: 'ip' };
    await world.aws.call('elbv2', 'CreateTargetGroup', create);
    const binding = (name: string, targetGroupName: string) => ({
      apiVersion: 'elbv2.k8s.aws/v1beta1',
      kind: 'TargetGroupBinding',
      metadata: { namespace: 'shop', name },
      spec: {
        targetGroupName,
        serviceRef: { name: 'web', port: 80 },
        networking: {
          ingress: [{ from: [{ ipBlock: { cidr: '10.7.0.0/16' } }], ports: [{ protocol: 'TCP' }] }],
        },
      },
    });
    world.kube.store.apply([binding('mine', 'theirs'), binding('lost', 'nowhere')]);
    const since = world.aws.trace.mark;
    const { signal } = new AbortController();
    const text = renderPlans(await planCluster(configFor(t, world), { group: undefined, signal }));
    assert.match(text, /Group \(binding\) shop\/mine: 1 operation\n {2}. register targets theirs/);
    assert.match(text, /authorize ingress .*10\.7\.0\.0\/16/);
    assert.match(text, /TargetGroupNotFound .*names target group nowhere/);
    assert.deepEqual(world.aws.trace.writes(since), []);
  }));

test('the plan of a cluster shows targets like any other operation: those that come, that go, and that stay with the reason', (t) =>
  withController(
    {
      before: yaml(
        ...services('shop', 'web', 'back'),
        ingress('shop', { rules: [['a.example.com', '/', 'web']] }),
        ingress('nodes', {
          rules: [['b.example.com', '/', 'back']],
          annotations: { 'target-type': 'instance' },
        }),
      ),
    },
    async ({ world, controller, rest }) => {
      await rest();
      await controller.stop();
      const config = configFor(t, world);
      const { signal } = new AbortController();
      const since = world.aws.trace.mark;
      const quiet = await planCluster(config, { group: undefined, targets: true, signal });
      assert.deepEqual(
        quiet.groups.flatMap(({ plan }) => [...plan.operations, ...plan.held]),
        [],
      );
      const pods = [...world.aws.state.targetGroups.values()].find(({ targetType }) => targetType === 'ip');
      const [target] = pods?.targets.values() ?? [];
      const at = (Id: string | undefined) => ({ TargetGroupArn: pods?.arn, Targets: [{ Id, Port: 8080 }] });
      await world.aws.call('elbv2', 'DeregisterTargets', at(target?.id));
      await world.aws.call('elbv2', 'RegisterTargets', at('10.0.9.9'));
      const nodes = world.kube.store.list('v1', 'Node');
      world.kube.store.apply(
        nodes.map((node) => ({ ...node, status: { conditions: [{ type: 'Ready', status: 'False' }] } })),
      );
      const planned = await planCluster(config, { group: undefined, targets: true, signal });
      const text = renderPlans(planned);
      assert.match(
        text,
        /\n {2}\+ register targets k8s-shop-web-\w+: 10\.0\.\S+:8080 {2}\(Pod shop\/web-\S+ ready\)/,
      );
      assert.match(
        text,
        /\n {2}- deregister targets k8s-shop-web-\w+: 10\.0\.9\.9:8080 {2}\(10\.0\.9\.9:8080 no longer wanted\)/,
      );
      assert.match(
        text,
        /\n {2}! held: deregister targets k8s-shop-back-\w+: i-\S+ .*--target-floor-percent/,
      );
      assert.match(text, /warning TargetsKept Ingress shop\/nodes /);
      const json = JSON.parse(planJson(planned)) as {
        readonly groups: readonly {
          readonly operations: readonly { readonly kind: string }[];
          readonly held: readonly { readonly operation: { readonly kind: string } }[];
        }[];
      };
      assert.deepEqual(
        json.groups.flatMap(({ operations }) => operations.map(({ kind }) => kind)),
        ['registerTargets', 'deregisterTargets'],
      );
      assert.deepEqual(
        json.groups.flatMap(({ held }) => held.map(({ operation }) => operation.kind)),
        ['deregisterTargets'],
      );
      assert.deepEqual(world.aws.trace.writes(since), []);
    },
  ));
