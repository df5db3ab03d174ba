import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { planCluster } from '../../src/cli/plan-cluster.ts';
import { loadConfig } from '../../src/config/load.ts';
import { ingress, services, yaml } from '../scenario/manifests.ts';
import { renderPlans } from '../../src/cli/plan-output.ts';
import { withController } from '../support/local-controller.ts';

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
      const folder = mkdtempSync(join(tmpdir(), 'albatross-plan-'));
      t.after(() => rmSync(folder, { recursive: true }));
      const kubeconfig = join(folder, 'kubeconfig');
      writeFileSync(kubeconfig, world.kube.kubeconfig());
      process.env['AWS_ACCESS_KEY_ID'] ??= 'AKIDPLAN';
      process.env['AWS_SECRET_ACCESS_KEY'] ??= 'plan';
      for (const [compatibility, groups] of [
        ['none', 0],
        ['albc', 1],
      ] as const) {
        const loaded = loadConfig({
          flags: new Map(
            Object.entries({
              compatibility,
              kubeconfig,
              'cluster-name': 'test',
              'aws-region': 'us-west-2',
              'aws-vpc-id': world.id('vpc'),
              'aws-api-endpoints': ['Elastic Load Balancing v2', 'EC2', 'ACM']
                .map((service) => `${service}=${world.aws.url}`)
                .join(','),
            }),
          ),
          env: {},
        });
        assert.equal(loaded.kind, 'config');
        const since = world.aws.trace.mark;
        const planned = await planCluster(loaded.config, {
          group: undefined,
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
    const folder = mkdtempSync(join(tmpdir(), 'albatross-plan-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, world.kube.kubeconfig());
    process.env['AWS_ACCESS_KEY_ID'] ??= 'AKIDPLAN';
    process.env['AWS_SECRET_ACCESS_KEY'] ??= 'plan';
    const flags = {
      kubeconfig,
      'cluster-name': 'test',
      'aws-region': 'us-west-2',
      'aws-vpc-id': world.id('vpc'),
      'aws-api-endpoints': ['Elastic Load Balancing v2', 'EC2', 'ACM']
        .map((service) => `${service}=${world.aws.url}`)
        .join(','),
    };
    const loaded = loadConfig({ flags: new Map(Object.entries(flags)), env: {} });
    assert.equal(loaded.kind, 'config');
    const since = world.aws.trace.mark;
    const { signal } = new AbortController();
    const text = renderPlans(await planCluster(loaded.config, { group: undefined, signal }));
    assert.match(text, /Group \(binding\) shop\/mine: 1 operation\n {2}. register targets theirs/);
    assert.match(text, /authorize ingress .*10\.7\.0\.0\/16/);
    assert.match(text, /TargetGroupNotFound .*names target group nowhere/);
    assert.deepEqual(world.aws.trace.writes(since), []);
  }));
