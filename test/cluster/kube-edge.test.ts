// The Kubernetes edge against a real API server, with exactly the permissions that deploy/ ships.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { options } from '../../src/config/options.ts';
import { namespacedName } from '../../src/core/domain/ids.ts';
import type { ObjectRef } from '../../src/core/domain/problem.ts';
import { ClusterWatch } from '../../src/kube/cluster-watch.ts';
import { EventRecorder } from '../../src/kube/events.ts';
import { loadKubeConfig, plainAccess } from '../../src/kube/kube-config.ts';
import { runAsLeader } from '../../src/kube/lease.ts';
import { type KubeTransport, kubeTransport } from '../../src/kube/transport.ts';
import { kubeWriter } from '../../src/kube/write.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { sharedCluster } from '../support/cluster/shared.ts';
import type { Cluster } from '../support/cluster/start.ts';

const namespace = 'kube-edge';
const signal = new AbortController().signal;
const log = { warn: (_: unknown, message: string) => assert.fail(message), info: () => undefined };

let cluster: Cluster;
let transport: KubeTransport;

before(async () => {
  cluster = await sharedCluster();
  await cluster.kubectl(['apply', '-k', join(import.meta.dirname, '../../deploy/base')]);
  await cluster.kubectl(['wait', '--for=condition=Established', 'crd/ingressclassparams.elbv2.k8s.aws']);
  await cluster.kubectl(['create', 'namespace', namespace]);
  const kubeconfig = await cluster.serviceAccountKubeconfig('albatross-system', 'albatross');
  transport = kubeTransport(await loadKubeConfig({ kubeconfig, clock: systemClock }));
});

after(() => transport.close());

async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 20) {
    if (waited > 10_000) assert.fail(`never: ${what}`);
    await setTimeout(20);
  }
}

async function applied(name: string, finalizers: readonly string[] = []): Promise<ObjectRef> {
  const apiVersion = 'networking.k8s.io/v1';
  const metadata = { name, namespace, finalizers };
  const spec = { defaultBackend: { service: { name: 's', port: { number: 80 } } } };
  await cluster.apply(JSON.stringify({ apiVersion, kind: 'Ingress', metadata, spec }));
  const uid = await read(name, '{.metadata.uid}');
  return { apiVersion, kind: 'Ingress', namespace, name, uid };
}

const read = (name: string, path: string): Promise<string> =>
  cluster.kubectl(['get', 'ingress', '-n', namespace, name, '-o', `jsonpath=${path}`]);

test('every kind is listed and watched, and changes arrive', async () => {
  const watch = new ClusterWatch({ transport, clock: systemClock, log });
  watch.start();
  await watch.ready();
  const kinds = ['Ingress', 'IngressClass', 'IngressClassParams', 'Service', 'EndpointSlice'] as const;
  for (const kind of [...kinds, 'Node', 'Namespace', 'Pod'] as const)
    assert.ok(watch.snapshot().complete.has(kind), kind);
  const ref = await applied('watched', ['example.com/hold']);
  const key = namespacedName(namespace, 'watched');
  const ingress = () => watch.snapshot().ingresses.get(key);
  await eventually('the new Ingress', () => ingress() !== undefined);
  assert.equal(ingress()?.meta.uid, ref.uid);
  await cluster.kubectl(['delete', 'ingress', '-n', namespace, 'watched', '--wait=false']);
  await eventually('its deletion timestamp', () => ingress()?.meta.deletionTimestamp !== undefined);
  await kubeWriter(transport, systemClock).removeFinalizer(ref, 'example.com/hold', { signal });
  await eventually('its end', () => ingress() === undefined);
  await watch.stop();
});

test('finalizers and status are written as patches that hit nothing else', async () => {
  const writer = kubeWriter(transport, systemClock);
  const ref = await applied('written', ['example.com/theirs']);
  await writer.addFinalizer(ref, 'albatross.dev/resources', { signal });
  await writer.patchStatus(ref, [{ hostname: 'alb.example', ports: [80, 443] }], { signal });
  assert.equal(
    await read('written', '{.metadata.finalizers}'),
    '["example.com/theirs","albatross.dev/resources"]',
  );
  assert.equal(
    await read('written', '{.status.loadBalancer.ingress}'),
    '[{"hostname":"alb.example","ports":[{"port":80,"protocol":"TCP"},{"port":443,"protocol":"TCP"}]}]',
  );
  const stranger = { ...ref, uid: randomUUID() };
  await writer.patchStatus(stranger, [{ hostname: 'wrong', ports: [] }], { signal });
  await writer.removeFinalizer(stranger, 'albatross.dev/resources', { signal });
  assert.equal(await read('written', '{.status.loadBalancer.ingress[0].hostname}'), 'alb.example');
  await writer.removeFinalizer(ref, 'albatross.dev/resources', { signal });
  assert.equal(await read('written', '{.metadata.finalizers}'), '["example.com/theirs"]');
});

test('finalizers added at the same time by many are all there in the end', async () => {
  const writer = kubeWriter(transport, systemClock);
  const ref = await applied('contended');
  const names = ['a', 'b', 'c', 'd'].map((letter) => `example.com/${letter}`);
  await Promise.all(names.map((name) => writer.addFinalizer(ref, name, { signal })));
  const found = JSON.parse(await read('contended', '{.metadata.finalizers}')) as readonly string[];
  assert.deepEqual(found.toSorted(), names);
  await Promise.all(names.map((name) => writer.removeFinalizer(ref, name, { signal })));
  assert.equal(await read('contended', '{.metadata.finalizers}'), '');
});

test('kubectl describe shows an event and how often it came', async () => {
  const object = await applied('described');
  const recorder = new EventRecorder({
    transport,
    clock: systemClock,
    log,
    component: 'albatross',
    instance: 'one',
  });
  for (const _ of [1, 2, 3]) {
    recorder.record({ object, type: 'Warning', reason: 'FailedBuildModel', message: 'no such Service' });
    await recorder.drained();
  }
  const described = await cluster.kubectl(['describe', 'ingress', '-n', namespace, 'described']);
  assert.match(described, /Warning +FailedBuildModel +\S+ \(x3 over \S+\) +albatross +no such Service/);
});

test('the Lease is taken, renewed and given back', async () => {
  const name = options.leaderElectionId.fallback;
  const holder = (): Promise<string> =>
    cluster.kubectl([
      'get',
      'lease',
      '-n',
      'albatross-system',
      name,
      '-o',
      'jsonpath={.spec.holderIdentity}',
    ]);
  let during = '';
  await runAsLeader({
    transport,
    clock: systemClock,
    log,
    namespace: 'albatross-system',
    name,
    identity: 'kube-edge-test',
    signal,
    work: async () => {
      await setTimeout(2500);
      during = await holder();
    },
  });
  assert.equal(during, 'kube-edge-test');
  assert.equal(await holder(), '');
});

test('what is not granted is refused, with a message that names it', async () => {
  const list = transport.call({ method: 'GET', path: '/api/v1/secrets', operation: 'list Secrets' });
  await assert.rejects(
    list,
    /^KubeError: list Secrets: secrets is forbidden: User "system:serviceaccount:albatross-system:albatross"/,
  );
});

test('a server with a certificate that we have no reason to trust is named, with the cause', async () => {
  const stranger = kubeTransport(plainAccess(cluster.url));
  const list = stranger.call({ method: 'GET', path: '/api/v1/nodes', operation: 'list Nodes' });
  await assert.rejects(
    list,
    /^KubeError: list Nodes: .*: its certificate is not signed by the certificate-authority of/,
  );
  await stranger.close();
});

const refusedParams: readonly (readonly [name: string, spec: object, complaint: RegExp])[] = [
  ['an unknown scheme', { scheme: 'public' }, /spec\.scheme: Unsupported value: "public"/],
  [
    'ids and tags of subnets',
    { subnets: { ids: ['subnet-1'], tags: { a: ['b'] } } },
    /may not have both `ids` and `tags` set/,
  ],
  ['neither ids nor tags', { subnets: {} }, /must have either `ids` or `tags`/],
  ['the same subnet twice', { subnets: { ids: ['subnet-1', 'subnet-1'] } }, /Duplicate value/],
  [
    'both spellings of prefix lists',
    { prefixListsIDs: ['pl-1'], PrefixListsIDs: ['pl-1'] },
    /cannot specify both 'prefixListsIDs' and 'PrefixListsIDs' fields/,
  ],
  [
    'a port out of range',
    { listeners: [{ protocol: 'HTTP', port: 70_000 }] },
    /should be less than or equal to 65535/,
  ],
];
for (const [name, spec, complaint] of refusedParams) {
  test(`IngressClassParams with ${name} are refused by the API server itself`, async () => {
    const params = {
      apiVersion: 'elbv2.k8s.aws/v1beta1',
      kind: 'IngressClassParams',
      metadata: { name: 'bad' },
      spec,
    };
    await assert.rejects(cluster.apply(JSON.stringify(params)), complaint);
  });
}

test('IngressClassParams and TargetGroupBindings as ALBC documents them are taken, and shown in columns', async () => {
  await cluster.apply(`
apiVersion: elbv2.k8s.aws/v1beta1
kind: IngressClassParams
metadata: { name: full }
spec:
  namespaceSelector: { matchLabels: { team: shop } }
  group: { name: shared }
  scheme: internet-facing
  ipAddressType: dualstack
  subnets: { ids: [subnet-0a, subnet-0b] }
  certificateArn: [arn:aws:acm:us-west-2:111122223333:certificate/x]
  sslPolicy: ELBSecurityPolicy-TLS13-1-2-2021-06
  sslRedirectPort: "443"
  inboundCIDRs: [10.0.0.0/8]
  prefixListsIDs: [pl-1]
  targetType: ip
  tags: [{ key: a, value: b }]
  loadBalancerAttributes: [{ key: idle_timeout.timeout_seconds, value: "30" }]
  listeners: [{ protocol: HTTPS, port: 443, listenerAttributes: [{ key: a, value: b }] }]
  minimumLoadBalancerCapacity: { capacityUnits: 100 }
  ipamConfiguration: { ipv4IPAMPoolId: ipam-pool-1 }
---
apiVersion: elbv2.k8s.aws/v1beta1
kind: TargetGroupBinding
metadata: { name: full, namespace: ${namespace} }
spec:
  targetGroupARN: arn:aws:elasticloadbalancing:us-west-2:111122223333:targetgroup/x/1
  serviceRef: { name: web, port: http }
  targetType: ip
  vpcID: vpc-0123456789abcdef0
  networking: { ingress: [{ from: [{ securityGroup: { groupID: sg-1 } }], ports: [{ protocol: TCP, port: 80 }] }] }
`);
  const params = await cluster.kubectl(['get', 'ingressclassparams', 'full']);
  assert.match(
    params,
    /NAME +GROUP-NAME +SCHEME +IP-ADDRESS-TYPE +AGE\nfull +shared +internet-facing +dualstack /,
  );
  const bindings = await cluster.kubectl(['get', 'targetgroupbindings', '-n', namespace, 'full']);
  assert.match(bindings, /NAME +SERVICE-NAME +SERVICE-PORT +TARGET-TYPE +AGE\nfull +web +http +ip /);
  const moved = [
    'patch',
    'targetgroupbinding',
    '-n',
    namespace,
    'full',
    '--type=merge',
    '-p',
    '{"spec":{"targetType":"instance"}}',
  ];
  await assert.rejects(cluster.kubectl(moved), /may not change these immutable fields: spec\.targetType/);
});

test('the overlays build: an example to copy, and one that takes over from ALBC', async () => {
  const built = (name: string): Promise<string> =>
    cluster.kubectl(['kustomize', join(import.meta.dirname, '../../deploy', name)]);
  const example = await built('example');
  assert.match(example, /name: ALBATROSS_CLUSTER_NAME\n +value: my-cluster/);
  assert.match(example, /image: registry\.example\.com\/albatross:0\.1\.0/);
  assert.match(example, /eks\.amazonaws\.com\/role-arn/);
  const takeOver = await built('take-over');
  assert.match(takeOver, /- --compatibility=albc/);
  assert.doesNotMatch(takeOver, /kind: IngressClass\n/);
});

test('OPS-12: the components with the webhooks go into an overlay, and fail open', async (context) => {
  const deploy = join(import.meta.dirname, '../../deploy');
  const overlay = mkdtempSync(join(tmpdir(), 'overlay-'));
  context.after(() => rmSync(overlay, { recursive: true, force: true }));
  const at = (name: string) => relative(realpathSync(overlay), join(deploy, name));
  const kustomization = {
    resources: [at('base')],
    components: [at('webhooks'), at('webhooks-cert-manager')],
  };
  writeFileSync(join(overlay, 'kustomization.yaml'), JSON.stringify(kustomization));
  const built = await cluster.kubectl(['kustomize', overlay]);
  assert.match(built, /- --webhook-cert-dir=\/webhook-certificate/);
  assert.match(built, /mountPath: \/webhook-certificate/);
  assert.match(built, /kind: Certificate\n/);
  assert.equal(built.match(/inject-ca-from: albatross-system\/albatross-webhook/g)?.length, 2);
  const policies = new Set(built.match(/failurePolicy: \w+/g));
  assert.deepEqual([...policies], ['failurePolicy: Ignore']);
  await cluster.kubectl(['apply', '--dry-run=server', '-f', join(deploy, 'webhooks', 'configurations.yaml')]);
});
