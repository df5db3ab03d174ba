// The admission webhooks of deploy/ as a real API server calls them.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { InProcessController } from '../../src/sandbox/in-process-controller.ts';
import type { RealWorld } from '../../src/sandbox/real-world.ts';
import { sharedCluster } from '../support/cluster/shared.ts';
import type { Cluster } from '../support/cluster/start.ts';
import { eventually } from '../support/eventually.ts';
import { type LocalWebhooks, localWebhooks } from '../support/shipped-webhooks.ts';
import { app, ingress, workload } from './support/manifests.ts';
import { installDeploy, nodes, startController, startWorld } from './support/real-controller.ts';

let cluster: Cluster;
let world: RealWorld;
let controller: InProcessController;
let webhooks: LocalWebhooks;

const kubectl = (line: string) => cluster.kubectl(line.split(' '));
const create = (yaml: string, ...more: readonly string[]) =>
  cluster.kubectl(['create', ...more, '-f', '-'], yaml);
const namespace = 'real-hook';
const wrongConditions = `alb.ingress.kubernetes.io/conditions.web: '[{"field": "host-header"}]'`;
const wrong = (name: string, className = 'alb'): string =>
  ingress({ namespace, name, service: 'web', annotations: wrongConditions, className });
const wrongParams = (name: string): string => `
apiVersion: elbv2.k8s.aws/v1beta1
kind: IngressClassParams
metadata: { name: ${name} }
spec: { inboundCIDRs: [10.0.0.1/8] }
`;

const gatesOf = async (selector: string): Promise<readonly string[]> => {
  const path = 'jsonpath={.items[*].spec.readinessGates[*].conditionType}';
  return (await kubectl(`get pods -n ${namespace} -l ${selector} -o ${path}`)).split(' ').filter(Boolean);
};

suite('admission webhooks with a real API server', () => {
  before(async () => {
    cluster = await sharedCluster();
    await installDeploy(cluster);
    await cluster.addNodes(nodes);
    world = await startWorld(cluster);
    webhooks = await localWebhooks();
    controller = await startController(cluster, world, webhooks.flags);
    await controller.rest();
    await kubectl(`create namespace ${namespace}`);
    await kubectl(`label namespace ${namespace} elbv2.k8s.aws/pod-readiness-gate-inject=enabled`);
    await cluster.apply(
      webhooks
        .configurations('Ignore')
        .map((each) => JSON.stringify(each))
        .join('\n---\n'),
    );
    // An API server takes new configurations with some delay.
    await eventually(() =>
      assert.rejects(create(wrongParams('not-yet'), '--dry-run=server'), /denied the request/),
    );
  });
  after(async () => {
    await kubectl(
      'delete validatingwebhookconfigurations,mutatingwebhookconfigurations albatross --ignore-not-found',
    );
    await kubectl(`delete namespace ${namespace} --ignore-not-found --timeout=60s`);
    await controller.stop();
    await world.close();
    webhooks.close();
    await cluster.kubectl(['delete', 'nodes', '--ignore-not-found', ...nodes.map(({ name }) => name)]);
  });

  test('OPS-10 CLS-24: kubectl is told what is wrong before it is stored', async () => {
    await assert.rejects(
      create(wrong('wrong')),
      /admission webhook "vingress\.elbv2\.k8s\.aws" denied the request: ignoring Ingress real-hook\/wrong since invalid alb\.ingress\.kubernetes\.io\/conditions\.web annotation: missing hostHeaderConfig/,
    );
    await assert.rejects(
      create(wrongParams('wrong')),
      /admission webhook "vingressclassparams\.elbv2\.k8s\.aws" denied the request: spec\.inboundCIDRs\[0\]: Invalid value: "10\.0\.0\.1\/8": Network contains bits outside prefix \(did you mean "10\.0\.0\.0\/8"\)/,
    );
    // Of another class: not even sent to us.
    await create(wrong('theirs', 'nginx'));
  });

  test('DRF-05: other mistakes are warnings, and the Ingress is stored', async () => {
    const annotations = 'alb.ingress.kubernetes.io/shceme: internal';
    const misspelt = ingress({ namespace, name: 'warned', service: 'web', annotations });
    await assert.rejects(
      create(misspelt, '--warnings-as-errors'),
      /Warning: .*alb\.ingress\.kubernetes\.io\/shceme is unknown and has no effect/,
    );
    await kubectl(`delete ingress -n ${namespace} warned`);
  });

  test('TGB-20: pods of a roll-out get the gate of their target group and pass it', async () => {
    await cluster.apply(app({ namespace, name: 'web' }));
    await kubectl(`rollout status -n ${namespace} deployment/web --timeout=60s`);
    await eventually(async () => {
      const path = 'jsonpath={.status.loadBalancer.ingress[0].hostname}';
      assert.notEqual(await kubectl(`get ingress -n ${namespace} web -o ${path}`), '');
    });
    await kubectl(`rollout restart -n ${namespace} deployment/web`);
    await kubectl(`rollout status -n ${namespace} deployment/web --timeout=60s`);
    await eventually(async () => {
      const gates = await gatesOf('app=web');
      assert.equal(gates.length, 2);
      for (const gate of gates) assert.match(gate, /^target-health\.elbv2\.k8s\.aws\/k8s-realhook-web-/);
    });
    const other = workload({ namespace, name: 'other', replicas: 1 });
    await cluster.apply(other);
    await kubectl(`rollout status -n ${namespace} deployment/other --timeout=60s`);
    assert.deepEqual(await gatesOf('app=other'), []);
  });

  test('TGB-03 TGB-04: a binding by name gets its ARN and its types; a second one of the same target group is refused', async () => {
    const vpcId = world.id('vpc');
    await world.aws.call('elbv2', 'CreateTargetGroup', {
      Name: 'given',
      TargetType: 'ip',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: vpcId,
    });
    const binding = (name: string): string => `
apiVersion: elbv2.k8s.aws/v1beta1
kind: TargetGroupBinding
metadata: { name: ${name}, namespace: ${namespace} }
spec: { targetGroupName: given, serviceRef: { name: web, port: 80 } }
`;
    await create(binding('first'));
    const stored = await kubectl(`get targetgroupbinding -n ${namespace} first -o jsonpath={.spec}`);
    const { targetGroupARN, ...rest } = JSON.parse(stored) as { readonly targetGroupARN: string };
    assert.match(targetGroupARN, /:targetgroup\/given\//);
    assert.deepEqual(rest, {
      ipAddressType: 'ipv4',
      serviceRef: { name: 'web', port: 80 },
      targetGroupName: 'given',
      targetGroupProtocol: 'HTTP',
      targetType: 'ip',
      vpcID: vpcId,
    });
    await assert.rejects(
      create(binding('second')),
      /admission webhook "vtargetgroupbinding\.elbv2\.k8s\.aws" denied the request: TargetGroup arn:\S+ is already bound to following TargetGroupBindings \[real-hook\/first\]/,
    );
    await kubectl(`delete targetgroupbinding -n ${namespace} first`);
  });

  test('OPS-12: with no replica everything is admitted', async () => {
    await controller.stop();
    await create(wrong('admitted'));
    await create(wrongParams('admitted'));
    await cluster.apply(workload({ namespace, name: 'late', replicas: 1 }));
    await kubectl(`rollout status -n ${namespace} deployment/late --timeout=60s`);
    await kubectl(`delete ingress -n ${namespace} admitted theirs`);
    await kubectl('delete ingressclassparams admitted');
    controller = await startController(cluster, world, webhooks.flags);
  });
});
