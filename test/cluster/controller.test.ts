// The whole controller with a real control plane: real Deployments, EndpointSlices, nodes, RBAC and namespace deletion on one
// side, the simulated AWS and its data plane on the other.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { admissionReads } from '../../src/kube/admission-reads.ts';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import { kubeTransport } from '../../src/kube/transport.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { InProcessController } from '../../src/sandbox/in-process-controller.ts';
import type { RealWorld } from '../../src/sandbox/real-world.ts';
import { sharedCluster } from '../support/cluster/shared.ts';
import type { Cluster } from '../support/cluster/start.ts';
import { eventually } from '../support/eventually.ts';
import { send } from '../support/local-controller.ts';
import { app, binding, ingress, workload } from './support/manifests.ts';
import { installDeploy, nodes, startController, startWorld, targetsOf } from './support/real-controller.ts';
import { serviceAccountCalls } from './support/service-account-calls.ts';

let cluster: Cluster;
let world: RealWorld;
let controller: InProcessController;

const kubectl = (line: string) => cluster.kubectl(line.split(' '));

async function podIps(namespace: string, name: string): Promise<readonly string[]> {
  const path = 'jsonpath={.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}';
  const printed = await kubectl(
    `get endpointslices -n ${namespace} -l kubernetes.io/service-name=${name} -o ${path}`,
  );
  return printed.split(' ').filter(Boolean).toSorted();
}

async function answers(namespace: string, name: string, url = 'http://any.example.com/'): Promise<void> {
  await eventually(async () => {
    await world.dataPlane.sync();
    const { status, echo } = await send(world, url, { loadBalancer: namespace.replace('-', '').slice(0, 8) });
    assert.deepEqual([status, echo?.namespace, echo?.service], [200, namespace, name]);
  });
}

/** Waits until exactly the ready pods of a Service are its targets. */
async function targetsFollow(namespace: string, name: string, count: number): Promise<readonly string[]> {
  let ips: readonly string[] = [];
  await eventually(async () => {
    ips = await podIps(namespace, name);
    assert.equal(ips.length, count);
    assert.deepEqual(targetsOf(world, namespace, name), ips);
  });
  return ips;
}

const loadBalancers = (): readonly string[] =>
  [...world.aws.state.loadBalancers.values()].map(({ name }) => name).toSorted();

/** What webhooks read besides, as the same account. */
async function asWebhooks(): Promise<void> {
  const kubeconfig = await cluster.serviceAccountKubeconfig('albatross-system', 'albatross');
  const transport = kubeTransport(await loadKubeConfig({ kubeconfig, clock: systemClock }));
  const { signal } = new AbortController();
  assert.equal((await admissionReads(transport).readClass('alb', { signal }))?.meta.name, 'alb');
  await transport.close();
}

suite('the controller with a real control plane', () => {
  before(async () => {
    cluster = await sharedCluster();
    await installDeploy(cluster);
    await cluster.addNodes(nodes);
    world = await startWorld(cluster);
    controller = await startController(cluster, world);
  });
  after(async () => {
    await controller.stop();
    await world.close();
    await cluster.kubectl(['delete', 'nodes', '--ignore-not-found', ...nodes.map(({ name }) => name)]);
  });

  test('an Ingress in ip mode answers through the load balancer, and kubectl shows its address and events', async () => {
    await cluster.apply(app({ namespace: 'real-ip', name: 'web' }));
    await kubectl('rollout status -n real-ip deployment/web --timeout=30s');
    await targetsFollow('real-ip', 'web', 2);
    await answers('real-ip', 'web');
    const [loadBalancer] = world.aws.state.loadBalancers.values();
    await eventually(async () => {
      const line = (await kubectl('get ingress -n real-ip web --no-headers')).trim().split(/ +/);
      assert.deepEqual(line.slice(0, 5), ['web', 'alb', '*', loadBalancer?.dnsName, '80']);
    });
    await eventually(async () => {
      assert.match(
        await kubectl('describe ingress -n real-ip web'),
        /Normal +SuccessfullyReconciled .*albatross/,
      );
    });
  });

  test('targets follow a Deployment up, down, through a roll-out and through lost readiness', async () => {
    await cluster.apply(app({ namespace: 'real-scale', name: 'web' }));
    await targetsFollow('real-scale', 'web', 2);
    await kubectl('scale -n real-scale deployment/web --replicas=6');
    await targetsFollow('real-scale', 'web', 6);
    await kubectl('scale -n real-scale deployment/web --replicas=3');
    const old = await targetsFollow('real-scale', 'web', 3);
    await kubectl('rollout restart -n real-scale deployment/web');
    await kubectl('rollout status -n real-scale deployment/web --timeout=30s');
    const fresh = await targetsFollow('real-scale', 'web', 3);
    assert.deepEqual(
      fresh.filter((ip) => old.includes(ip)),
      [],
    );
    const [pod = ''] = (await kubectl('get pods -n real-scale -l app=web -o name')).split('\n');
    await kubectl(`annotate -n real-scale ${pod} test.albatross.dev/unready=true`);
    await targetsFollow('real-scale', 'web', 2);
    await kubectl(`annotate -n real-scale ${pod} test.albatross.dev/unready-`);
    await targetsFollow('real-scale', 'web', 3);
  });

  test('TGB-21: a Deployment with readiness gates is rolled out when its targets are healthy, and not before', async () => {
    const namespace = 'real-gate';
    const groupOf = () =>
      [...world.aws.state.targetGroups.values()].find(({ name }) => name.startsWith('k8s-realgate-web-'));
    await cluster.apply(app({ namespace, name: 'web' }));
    await targetsFollow(namespace, 'web', 2);
    const old = targetsOf(world, namespace, 'web');
    const gate = `target-health.elbv2.k8s.aws/${groupOf()?.name}`;
    world.aws.knobs.registrationMs = 4000;
    await cluster.apply(workload({ namespace, name: 'web', gates: [gate] }));
    const path = `jsonpath={.items[*].status.conditions[?(@.type=="${gate}")].reason}`;
    const registering = async () => kubectl(`get pods -n ${namespace} -o ${path}`);
    await eventually(async () => assert.match(await registering(), /Elb\.RegistrationInProgress/));
    const ready = 'jsonpath={.status.conditions[?(@.type=="Progressing")].reason}';
    assert.notEqual(
      await kubectl(`get deployment -n ${namespace} web -o ${ready}`),
      'NewReplicaSetAvailable',
    );
    assert.ok(old.some((id) => targetsOf(world, namespace, 'web').includes(id)));
    await kubectl(`rollout status -n ${namespace} deployment/web --timeout=60s`);
    await targetsFollow(namespace, 'web', 2);
    world.aws.knobs.registrationMs = 0;
    await answers(namespace, 'web');
  });

  test('in instance mode the nodes are targets, for as long as they are there and ready', async () => {
    const extra = {
      name: 'real-extra',
      providerID: 'aws:///us-west-2a/i-0000000000000000e',
      internalIp: '10.0.96.11',
      podCidr: '10.0.101.0/24',
      // So that no pod has to leave with it.
      taints: [{ key: 'test', effect: 'NoSchedule' }],
    };
    const ids = nodes.map(({ providerID }) => providerID.split('/').at(-1) ?? '');
    const withExtra = [...ids, 'i-0000000000000000e'].toSorted();
    await cluster.apply(app({ namespace: 'real-node', name: 'web', targetType: 'instance' }));
    const targetsAre = (expected: readonly string[]) =>
      eventually(() => assert.deepEqual(targetsOf(world, 'real-node', 'web'), expected));
    await targetsAre(ids);
    await answers('real-node', 'web');
    await cluster.addNodes([extra]);
    await targetsAre(withExtra);
    await kubectl('annotate node real-extra test.albatross.dev/unready=true');
    await targetsAre(ids);
    await kubectl('annotate node real-extra test.albatross.dev/unready-');
    await targetsAre(withExtra);
    await kubectl('delete node real-extra');
    await targetsAre(ids);
  });

  test('TGB-05: a target group of somebody else follows the pods of its binding, and is emptied when that goes', async () => {
    const namespace = 'real-binding';
    const created = (await world.aws.call('elbv2', 'CreateTargetGroup', {
      Name: 'theirs',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: world.id('vpc'),
      TargetType: 'ip',
    })) as { readonly TargetGroups: readonly [{ readonly TargetGroupArn: string }] };
    const arn = created.TargetGroups[0].TargetGroupArn;
    const registered = (): readonly string[] =>
      [...(world.aws.state.targetGroups.get(arn)?.targets.values() ?? [])]
        .filter(({ deregisteredAt }) => deregisteredAt === undefined)
        .map(({ id }) => id)
        .toSorted();
    const follows = (count: number) =>
      eventually(async () => {
        const ips = await podIps(namespace, 'web');
        assert.equal(ips.length, count);
        assert.deepEqual(registered(), ips);
      });
    await cluster.apply(workload({ namespace, name: 'web' }));
    await cluster.apply(binding({ namespace, name: 'theirs', service: 'web', arn, multiCluster: true }));
    await follows(2);
    await kubectl(`scale -n ${namespace} deployment/web --replicas=3`);
    await follows(3);
    const list = `get configmap -n ${namespace} aws-lbc-targets-theirs -o jsonpath={.data.targets}`;
    await eventually(async () =>
      assert.deepEqual(
        (await kubectl(list)).split(',').toSorted(),
        registered().map((id) => `${id}:8080`),
      ),
    );
    await kubectl(`delete targetgroupbinding -n ${namespace} theirs --timeout=30s`);
    assert.deepEqual(registered(), []);
    assert.equal(
      await kubectl(`get configmap -n ${namespace} -o name --ignore-not-found aws-lbc-targets-theirs`),
      '',
    );
    assert.ok(world.aws.state.targetGroups.has(arn));
    await world.aws.call('elbv2', 'DeleteTargetGroup', { TargetGroupArn: arn });
  });

  test('what ALBC kept for an Ingress goes once it is served here, and its targets stay', async () => {
    const group = [...world.aws.state.targetGroups.values()].find((each) =>
      each.name.startsWith('k8s-realip-web-'),
    );
    assert.ok(group);
    const labels = { 'ingress.k8s.aws/stack-namespace': 'real-ip', 'ingress.k8s.aws/stack-name': 'web' };
    const kept = { namespace: 'real-ip', name: group.name, service: 'web', arn: group.arn, labels };
    await cluster.apply(binding(kept));
    await eventually(async () =>
      assert.equal(
        await kubectl(`get targetgroupbinding -n real-ip -o name --ignore-not-found ${kept.name}`),
        '',
      ),
    );
    await targetsFollow('real-ip', 'web', 2);
  });

  test('a group over two namespaces has one load balancer and outlives one of them', async () => {
    const annotations = 'alb.ingress.kubernetes.io/group.name: real-group';
    await cluster.apply(app({ namespace: 'real-one', name: 'one', host: 'one.example.com', annotations }));
    await cluster.apply(app({ namespace: 'real-two', name: 'two', host: 'two.example.com', annotations }));
    const answersAs = (host: string, expected: string | undefined) =>
      eventually(async () => {
        await world.dataPlane.sync();
        const { echo } = await send(world, `http://${host}/`, { loadBalancer: 'realgroup' });
        assert.equal(echo?.service, expected);
      });
    await answersAs('one.example.com', 'one');
    await answersAs('two.example.com', 'two');
    assert.equal(loadBalancers().filter((name) => name.includes('realgroup')).length, 1);
    await kubectl('delete namespace real-one --timeout=60s');
    await answersAs('one.example.com', undefined);
    await answersAs('two.example.com', 'two');
  });

  test('an Ingress of another controller is not touched: no write, no event', async () => {
    await cluster.apply(`
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: nginx }
spec: { controller: k8s.io/ingress-nginx }
---
${workload({ namespace: 'real-other', name: 'web' })}
---
${ingress({ namespace: 'real-other', name: 'theirs', service: 'web', className: 'nginx' })}
---
${ingress({ namespace: 'real-other', name: 'ours', service: 'web' })}`);
    const version = () => kubectl('get ingress -n real-other theirs -o jsonpath={.metadata.resourceVersion}');
    const before = await version();
    await answers('real-other', 'web');
    await kubectl('annotate ingress -n real-other ours alb.ingress.kubernetes.io/group.order=3');
    await kubectl('delete ingress -n real-other ours --timeout=30s');
    assert.equal(await version(), before);
    const about = 'involvedObject.kind=Ingress,involvedObject.name=theirs';
    assert.equal(await kubectl(`get events -n real-other --field-selector ${about} -o name`), '');
    await kubectl('delete ingressclass nginx');
  });

  test('a restart writes nothing, and takes over what the process before it knew of AWS', async () => {
    await controller.rest();
    const mark = world.aws.trace.mark;
    const versions = 'get ingresses -A -o jsonpath={.items[*].metadata.resourceVersion}';
    const before = await kubectl(versions);
    await controller.stop();
    const left = 'get configmaps -A --field-selector metadata.name=albatross-bequest -o name';
    assert.match(await kubectl(left), /albatross-bequest/);
    controller = await startController(cluster, world);
    await eventually(async () => assert.equal((await kubectl(left)).trim(), ''));
    await controller.rest();
    assert.deepEqual(
      world.aws.trace.writes(mark).map(({ operation }) => operation),
      [],
    );
    assert.equal(await kubectl(versions), before);
  });

  test('a deleted Ingress lets go of its finalizer, namespaces end, and AWS is empty', async () => {
    await kubectl('delete ingress -n real-ip web --timeout=60s');
    const namespaces = (await kubectl('get namespaces -o name'))
      .split('\n')
      .filter((name) => name.startsWith('namespace/real-'));
    assert.ok(namespaces.length >= 4);
    await kubectl(`delete ${namespaces.join(' ')} --timeout=90s`);
    await eventually(() => {
      const { state } = world.aws;
      assert.deepEqual(loadBalancers(), []);
      assert.deepEqual([state.targetGroups.size, state.listeners.size, state.rules.size], [0, 0, 0]);
      const groups = [...state.securityGroups.values()].map(({ name }) => name).toSorted();
      assert.deepEqual(groups, ['default', 'nodes']);
    });
  });

  test('OPS-18: the permissions in deploy/ were enough, and every one of them was used', async () => {
    // Watches and the Lease are written down when they end.
    await controller.stop();
    await asWebhooks();
    assert.deepEqual(serviceAccountCalls(cluster), { forbidden: [], notSeen: [] });
  });
});
