// The controller against moto, an AWS that somebody else wrote, prepared by localstack/seed.ts.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { parseAllDocuments } from 'yaml';
import { type Seeded, seed } from '../../localstack/seed.ts';
import { controllerFlags } from '../../src/sandbox/controller-flags.ts';
import { type InProcessController, startInProcess } from '../../src/sandbox/in-process-controller.ts';
import { type LocalCluster, startLocalCluster } from '../../src/sandbox/local-cluster.ts';
import type { KubeObject } from '../../src/simulator/kube/object.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { eventually } from '../support/eventually.ts';
import { type Emulator, emulatorFolder, startEmulator } from '../support/emulators/start.ts';

const region = 'us-west-2';
const clusterName = 'moto';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const root = join(import.meta.dirname, '..', '..');
const main = join(root, 'src', 'cli', 'main.ts');
const examples = join(root, 'examples', '2-virtual-hosts');
const example = readFileSync(join(root, 'examples', '3-instance-and-ip', 'ingress.yaml'), 'utf8');
const ingressClass = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'alb' },
  spec: { controller: 'albatross.dev/alb' },
};

let moto: Emulator;
let seeded: Seeded;
let cluster: LocalCluster;
let controller: InProcessController;
let elbv2: elb.ElasticLoadBalancingV2Client;
let ec2: EC2Client;
/** Names of the operations that were begun since the last look. */
let begun: string[] = [];

const log = createLog('info', {
  write: (line: string) => {
    const { msg, operation } = JSON.parse(line) as { readonly msg: string; readonly operation?: string };
    if (msg === 'Applying operation' && operation !== undefined) begun.push(operation);
  },
});

function operations(): readonly string[] {
  const seen = begun;
  begun = [];
  return seen;
}

function startController(): Promise<InProcessController> {
  const { vpcId } = seeded;
  const flags = controllerFlags({ endpoint: moto.url, vpcId, clusterName, region });
  return startInProcess({ flags, kubeconfig: cluster.kube.kubeconfig(), log, credentials });
}

function apply(yaml: string): readonly KubeObject[] {
  const objects = parseAllDocuments(yaml).map((document) => document.toJS() as KubeObject);
  assert.deepEqual(cluster.kube.store.apply(objects), []);
  return objects;
}

const ref = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'shop', name: 'shop' };

async function securityGroupNames(): Promise<readonly string[]> {
  const { SecurityGroups = [] } = await ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'vpc-id', Values: [seeded.vpcId] }] }),
  );
  return SecurityGroups.map(({ GroupName = '' }) => GroupName).toSorted();
}

suite('the controller with moto', () => {
  before(async () => {
    const folder = emulatorFolder();
    assert.ok(folder, 'ALBATROSS_EMULATORS is not set; run "npm test -- emulators"');
    moto = await startEmulator('moto', folder);
    const options = { endpoint: moto.url, region, clusterName, hosts: ['shop.example.com'] };
    seeded = await seed(options);
    assert.deepEqual(await seed(options), seeded, 'a second run of the seed makes nothing');
    elbv2 = new elb.ElasticLoadBalancingV2Client({ endpoint: moto.url, region, credentials });
    ec2 = new EC2Client({ endpoint: moto.url, region, credentials });
    cluster = await startLocalCluster(seeded.nodes);
    cluster.kube.store.apply([ingressClass]);
    controller = await startController();
  });
  after(async () => {
    await controller.stop();
    await cluster.close();
    elbv2.destroy();
    ec2.destroy();
    await moto.stop();
  });

  test('the seed has three nodes, each with addresses for pods', () => {
    assert.deepEqual(
      seeded.nodes.map(({ name, podIps }) => [name, podIps.length]),
      [
        ['node-1', 10],
        ['node-2', 10],
        ['node-3', 10],
      ],
    );
  });

  test('an Ingress becomes a load balancer with listeners, rules and target groups in both modes', async () => {
    apply(example);
    await controller.rest();
    const { LoadBalancers: [loadBalancer, ...others] = [] } = await elbv2.send(
      new elb.DescribeLoadBalancersCommand({}),
    );
    assert.ok(loadBalancer);
    assert.match(loadBalancer.LoadBalancerName ?? '', /^k8s-shop-shop-/);
    assert.deepEqual(others, []);
    const { LoadBalancerArn } = loadBalancer;
    const { Listeners = [] } = await elbv2.send(new elb.DescribeListenersCommand({ LoadBalancerArn }));
    const https = Listeners.find(({ Port }) => Port === 443);
    assert.ok(https);
    assert.equal(https.Certificates?.[0]?.CertificateArn, seeded.certificates['shop.example.com']);
    const { Rules = [] } = await elbv2.send(new elb.DescribeRulesCommand({ ListenerArn: https.ListenerArn }));
    assert.deepEqual(
      // moto lists rules in the order of their creation.
      new Map(Rules.map(({ Priority = '', Actions }) => [Priority, Actions?.[0]?.Type])),
      new Map([
        ['1', 'forward'],
        ['2', 'forward'],
        ['default', 'fixed-response'],
      ]),
    );
    const { TargetGroups = [] } = await elbv2.send(new elb.DescribeTargetGroupsCommand({}));
    const registered = new Map<string | undefined, readonly string[]>();
    for (const { TargetGroupArn, TargetType } of TargetGroups) {
      const { TargetHealthDescriptions = [] } = await elbv2.send(
        new elb.DescribeTargetHealthCommand({ TargetGroupArn }),
      );
      registered.set(TargetType, TargetHealthDescriptions.map(({ Target }) => Target?.Id ?? '').toSorted());
    }
    assert.deepEqual(registered.get('instance'), seeded.nodes.map(({ instanceId }) => instanceId).toSorted());
    const podIps = seeded.nodes.flatMap((node) => node.podIps);
    assert.equal(registered.get('ip')?.length, 2);
    assert.ok(registered.get('ip')?.every((ip) => podIps.includes(ip)));
    const status = cluster.kube.store.get(ref)?.['status'];
    assert.match(JSON.stringify(status), new RegExp(`"${loadBalancer.DNSName}"`));
    operations();
  });

  test('what means nothing leads to nothing, nor does a restart', async () => {
    const current = cluster.kube.store.get(ref);
    assert.ok(current);
    const annotations = { ...(current.metadata['annotations'] as object), 'example.com/note': 'x' };
    cluster.kube.store.apply([{ ...current, metadata: { ...current.metadata, annotations } }]);
    await controller.rest();
    assert.deepEqual(operations(), []);
    await controller.stop();
    controller = await startController();
    await controller.rest();
    // moto finds no rule to revoke by a permission without the description (test/contract/exceptions.ts), so it stays.
    assert.deepEqual(
      operations().filter((operation) => operation !== 'revokeIngress'),
      [],
    );
  });

  test('another path is a new rule before the old one goes', async () => {
    apply(example.replace('path: /legacy', 'path: /old'));
    await eventually(() => assert.ok(begun.includes('deleteRule')));
    await controller.rest();
    const seen = operations().filter((operation) => /create|delete/.test(operation));
    assert.deepEqual(seen, ['createRule', 'deleteRule']);
  });

  test('when the Ingress is deleted nothing of it stays', async () => {
    cluster.kube.store.remove([{ ...ref, metadata: { namespace: 'shop', name: 'shop' } }]);
    await eventually(() => assert.equal(cluster.kube.store.get(ref), undefined));
    await controller.rest();
    const { LoadBalancers } = await elbv2.send(new elb.DescribeLoadBalancersCommand({}));
    const { TargetGroups } = await elbv2.send(new elb.DescribeTargetGroupsCommand({}));
    assert.deepEqual([LoadBalancers, TargetGroups], [[], []]);
    assert.deepEqual(await securityGroupNames(), ['default', 'moto-nodes']);
  });

  test('the sandbox applies manifests to it, and says what is missing', async () => {
    const sandbox = async (name: string) => {
      const words = ['sandbox', '--once', '--aws-endpoint', moto.url, '--cluster-name', name, examples];
      const child = spawn(process.execPath, [main, ...words], { env: { PATH: process.env['PATH'] } });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
      const [code] = (await once(child, 'close')) as [number];
      return { code, output };
    };
    const missing = await sandbox('unseeded');
    assert.equal(missing.code, 1);
    assert.match(missing.output, /has no VPC named unseeded in us-west-2: .*npm run seed/);
    await seed({ endpoint: moto.url, region, clusterName: 'sandboxed', hosts: [] });
    const { code, output } = await sandbox('sandboxed');
    assert.equal(code, 0, output);
    assert.match(output, /Nodes +node-1 \(i-/);
    assert.match(output, /Ingress virtual-hosts\/virtual-hosts: k8s-virtualh-.*\.elb\.amazonaws\.com/);
  });
});
