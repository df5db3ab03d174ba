import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { planCluster } from '../../src/cli/plan-cluster.ts';
import { renderPlans } from '../../src/cli/plan-output.ts';
import { driftOfCluster } from '../../src/cli/drift-cluster.ts';
import { renderChanges, renderDifferences } from '../../src/cli/drift-output.ts';
import { type Config, loadConfig } from '../../src/config/load.ts';
import { findChangeLog } from '../../src/kube/change-log.ts';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import { kubeTransport } from '../../src/kube/transport.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { endpointsAt } from '../../src/sandbox/controller-flags.ts';
import type { LocalWorld } from '../../src/sandbox/local-world.ts';
import { ingress, services, yaml } from '../scenario/manifests.ts';
import { eventually } from '../support/eventually.ts';
import { withController } from '../support/local-controller.ts';

const before = yaml(
  ...services('shop', 'web'),
  ingress('shop', {
    annotations: {
      'load-balancer-attributes': 'idle_timeout.timeout_seconds=120',
      'albatross.dev/drift': 'report',
    },
    rules: [['a.example.com', '/', 'web']],
  }),
);
const { signal } = new AbortController();

/** Somebody at the console. */
async function byHand({ aws }: LocalWorld): Promise<void> {
  const [balancer] = [...aws.state.loadBalancers.values()];
  const [listener] = [...aws.state.listeners.values()];
  await aws.call('elbv2', 'ModifyLoadBalancerAttributes', {
    LoadBalancerArn: balancer?.arn,
    Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '7' }],
  });
  await aws.call('elbv2', 'CreateRule', {
    ListenerArn: listener?.arn,
    Priority: 900,
    Conditions: [{ Field: 'path-pattern', Values: ['/theirs'] }],
    Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '299' } }],
  });
  await aws.call('elbv2', 'AddTags', { ResourceArns: [balancer?.arn], Tags: [{ Key: 'cost', Value: '1' }] });
  const managed = [...aws.state.securityGroups.values()].find(({ name }) => name.startsWith('k8s-shop-'));
  await aws.call('ec2', 'AuthorizeSecurityGroupIngress', {
    GroupId: managed?.id,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '10.1.2.3/32' }] }],
  });
}

test('Ask 12.3, Ask 12.5: the command lists what differs, since when and by whom, and what is not ours; it writes nothing', (t) =>
  withController(
    { before, flags: { 'audit-interval': '1s' } },
    async ({ world, rest, controller, events }) => {
      await rest();
      const config = configFor(t, world);
      const calm = await driftOfCluster(config, { group: undefined, who: false, signal });
      assert.deepEqual(calm, { differences: [], foreign: [], groups: 1 });
      assert.equal(renderDifferences(calm), 'Nothing differs in 1 group.\n');
      await byHand(world);
      await eventually(
        () => assert.match(events('Ingress', 'shop/shop').join('\n'), /DriftFound: .*is 7 and should be 120/),
        10_000,
      );
      await controller.stop();
      // A plan knows from what the controller wrote down what it would leave alone.
      const plan = renderPlans(await planCluster(config, { group: undefined, signal }));
      assert.match(
        plan,
        /nothing to do\n {2}! left as it is: .* idle_timeout.timeout_seconds: should be 120, is 7 \(report\)/,
      );
      await assert.rejects(
        driftOfCluster(config, { group: 'nix', who: false, signal }),
        /there is no group “nix”; there are shop\/shop/,
      );
      const since = world.aws.trace.mark;
      const found = await driftOfCluster(config, { group: 'shop/shop', who: true, signal });
      assert.deepEqual(world.aws.trace.writes(since), []);
      const [one, ...others] = found.differences;
      assert.deepEqual(others, []);
      assert.deepEqual(
        [one?.field, one?.what, one?.wanted, one?.found, one?.mode, one?.by?.principal, one?.by?.event],
        [
          'loadBalancer.attributes',
          'idle_timeout.timeout_seconds',
          '120',
          '7',
          'report',
          'arn:aws:iam::123456789012:user/console',
          'ModifyLoadBalancerAttributes',
        ],
      );
      // The controller wrote down when it found it before it stopped.
      assert.ok((one?.since ?? 0) > (one?.lastRight ?? Number.POSITIVE_INFINITY));
      assert.deepEqual(
        found.foreign.map(({ what }) => what.replace(/k8s-shop-\w+(-\w+)?/, 'NAME')),
        [
          'rule 900 of listener 80 of NAME',
          'tag cost of NAME',
          'rule tcp 22 from 10.1.2.3/32 of security group NAME',
        ],
      );
      assert.match(
        renderDifferences(found),
        /loadBalancer\.attributes .* 120 .* 7 .* report .*user\/console/,
      );
    },
  ));

test('Ask 12.3: what the controller wrote and why is kept, through a restart, and nothing waits for it', (t) =>
  withController({ before }, async (local) => {
    const { world, rest, apply, restart } = local;
    await rest();
    await restart();
    await apply(yaml(ingress('shop', { rules: [['b.example.com', '/', 'web']] })));
    await local.controller.stop();
    const config = configFor(t, world);
    const access = await loadKubeConfig({ kubeconfig: config.kube.kubeconfig, clock: systemClock });
    const transport = kubeTransport(access);
    t.after(() => transport.close());
    const { changes } = await findChangeLog({ transport, namespace: access.namespace }, { signal });
    const kinds = changes.map(({ operation }) => operation);
    for (const kind of ['createLoadBalancer', 'createListener', 'createRule', 'deleteRule'] as const)
      assert.ok(kinds.includes(kind), kind);
    const rules = renderChanges(changes.filter(({ operation }) => operation === 'createRule'));
    assert.match(rules, /shop\/shop +createRule +rule\/\S+ +done +missing: .* \(Ingress shop\/shop\)/);
  }));

function configFor(t: TestContext, world: LocalWorld): Config {
  const folder = mkdtempSync(join(tmpdir(), 'albatross-drift-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, world.kube.kubeconfig());
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIDTEST';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
  const flags = new Map(
    Object.entries({
      'cluster-name': 'test',
      'aws-region': 'us-west-2',
      'aws-vpc-id': world.id('vpc'),
      'aws-api-endpoints': endpointsAt(world.aws.url),
      kubeconfig,
    }),
  );
  const loaded = loadConfig({ flags, env: {} });
  if (loaded.kind === 'mistakes') throw new Error(JSON.stringify(loaded.mistakes));
  return loaded.config;
}
