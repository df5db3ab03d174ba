import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  ClusterObject,
  Endpoint,
  EndpointSlice,
  Node,
  Pod,
  Service,
} from '../../../src/core/domain/cluster.ts';
import { type CoreConfig, policies } from '../../../src/core/domain/config.ts';
import type { VpcFact } from '../../../src/core/domain/facts.ts';
import type { TargetGroupIntent } from '../../../src/core/domain/group-model.ts';
import type { VpcId } from '../../../src/core/domain/ids.ts';
import { snapshotOf } from '../../../src/core/domain/snapshot.ts';
import { knowsAll } from '../../../src/core/targets/complete.ts';
import { nodeAddresses } from '../../../src/core/desired/network-needs.ts';
import { clusterInstances } from '../../../src/core/targets/cluster-instances.ts';
import { desiredTargets } from '../../../src/core/targets/select.ts';
import { meta, service } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';
import { targetGroup } from '../desired/models.ts';

const vpc: VpcFact = { id: 'vpc-1' as VpcId, cidrs: ['10.0.0.0/16'], ipv6Cidrs: ['2600:1f14::/56'] };

function targets(
  intent: TargetGroupIntent,
  objects: readonly ClusterObject[],
  config: Partial<CoreConfig> = {},
) {
  return desiredTargets(intent, snapshotOf(objects), { vpc, config: coreConfig(config) });
}
const ids = (result: ReturnType<typeof targets>): readonly string[] =>
  result.value.map(
    ({ id, port, availabilityZone }) =>
      `${id}:${port}${availabilityZone === undefined ? '' : ` ${availabilityZone}`}`,
  );

const ip = (overrides: Partial<TargetGroupIntent> = {}) => targetGroup({ targetType: 'ip', ...overrides });

function endpoint(address: string, overrides: Partial<Endpoint> = {}): Endpoint {
  return {
    addresses: [address],
    ready: true,
    serving: true,
    terminating: false,
    nodeName: 'node-a',
    zone: undefined,
    pod: { namespace: 'web', name: `p-${address}`, uid: 'u' },
    ...overrides,
  };
}

function slice(
  name: string,
  endpoints: readonly Endpoint[],
  overrides: Partial<EndpointSlice> = {},
): EndpointSlice {
  return {
    kind: 'EndpointSlice',
    meta: meta('EndpointSlice', `web/${name}`),
    serviceName: 'front',
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints,
    ...overrides,
  };
}

function node(
  name: string,
  overrides: Partial<Node> & { readonly labels?: Record<string, string> } = {},
): Node {
  const { labels = {}, ...rest } = overrides;
  return {
    kind: 'Node',
    meta: meta('Node', name, { labels }),
    providerId: `aws:///us-west-2a/i-${name}`,
    ready: 'True',
    taints: [],
    unschedulable: false,
    internalIps: [],
    ...rest,
  };
}

const gate = 'target-health.elbv2.k8s.aws/k8s-web-front';

function pod(address: string, containersReady: boolean, readinessGates: readonly string[] = [gate]): Pod {
  return {
    kind: 'Pod',
    meta: meta('Pod', `web/p-${address}`),
    ips: [address],
    nodeName: 'node-a',
    phase: 'Running',
    conditions: [
      { type: 'ContainersReady', status: containersReady ? 'True' : 'False', reason: '', message: '' },
    ],
    readinessGates,
    containerPorts: [],
  };
}

test("Ask 38.1: ready pods of all slices are registered once each, with their slice's port", () => {
  const objects = [
    slice('1', [endpoint('10.0.0.2'), endpoint('10.0.0.1'), endpoint('10.0.0.3', { ready: false })]),
    slice('2', [endpoint('10.0.0.1')]),
    slice('3', [endpoint('10.0.0.4')], { ports: [{ name: '', port: 9090, protocol: 'TCP' }] }),
    slice('4', [endpoint('10.0.0.5')], { ports: [{ name: 'other', port: 1, protocol: 'TCP' }] }),
    slice('5', [endpoint('10.0.0.6')], { ports: [{ name: '', port: undefined, protocol: 'TCP' }] }),
  ];
  assert.deepEqual(ids(targets(ip(), objects)), ['10.0.0.1:8080', '10.0.0.2:8080', '10.0.0.4:9090']);
});

test('endpoints without a pod, further addresses and the other family are left out', () => {
  const objects = [
    slice('1', [
      endpoint('10.0.0.1', { pod: undefined }),
      endpoint('10.0.0.2', { addresses: ['10.0.0.2', '10.0.0.9'] }),
    ]),
    slice('2', [endpoint('2600:1f14::1')], { addressType: 'IPv6' }),
  ];
  assert.deepEqual(ids(targets(ip(), objects)), ['10.0.0.2:8080']);
  assert.deepEqual(ids(targets(ip({ ipAddressType: 'ipv6' }), objects)), ['2600:1f14::1:8080']);
});

test('bad input: slices without addresses, and pods that have none yet, keep nobody else out', () => {
  const empty = slice('s0', []);
  const none = slice('s1', [endpoint('10.0.0.9', { addresses: [] }), endpoint('10.0.0.2')]);
  assert.deepEqual(ids(targets(ip(), [service('web/front'), empty, none])), ['10.0.0.2:8080']);
  assert.deepEqual(ids(targets(ip(), [service('web/front'), empty])), []);
});

test('an address outside the VPC has the zone all, unless nobody knows the VPC', () => {
  const objects = [
    slice('1', [endpoint('192.168.0.1')]),
    slice('2', [endpoint('2600:1f14::1'), endpoint('2001:db8::1')], { addressType: 'IPv6' }),
  ];
  assert.deepEqual(ids(targets(ip(), objects)), ['192.168.0.1:8080 all']);
  assert.deepEqual(ids(targets(ip({ ipAddressType: 'ipv6' }), objects)), [
    '2001:db8::1:8080 all',
    '2600:1f14::1:8080',
  ]);
  const unknown = desiredTargets(ip(), snapshotOf(objects), { vpc: undefined, config: coreConfig() });
  assert.deepEqual(ids(unknown), ['192.168.0.1:8080']);
});

test('a pod that waits for its readiness gate is let in while its node is fine and it is not going away', () => {
  const gated = (overrides: Partial<Endpoint> = {}) =>
    slice('1', [endpoint('10.0.0.1', { ready: false, ...overrides })]);
  const seen = (...objects: readonly ClusterObject[]) => ids(targets(ip(), objects));
  assert.deepEqual(seen(gated(), pod('10.0.0.1', true), node('node-a')), ['10.0.0.1:8080']);
  assert.deepEqual(seen(gated(), pod('10.0.0.1', false), node('node-a')), []);
  assert.deepEqual(seen(gated({ terminating: true }), pod('10.0.0.1', true), node('node-a')), []);
  assert.deepEqual(seen(gated(), pod('10.0.0.1', true), node('node-a', { ready: 'False' })), []);
  assert.deepEqual(seen(gated(), node('node-a')), []);
  const foreign = [gate, 'example.com/warm'];
  assert.deepEqual(seen(gated(), pod('10.0.0.1', true, foreign), node('node-a')), []);
  assert.deepEqual(seen(gated(), pod('10.0.0.1', true, []), node('node-a')), []);
});

test('pods on a node that has gone silent are used only when there are no others and the gate is on', () => {
  const silent = node('node-a', { ready: 'Unknown' });
  const lost = endpoint('10.0.0.1', { ready: false });
  const others = [node('node-b'), node('node-c')];
  for (const known of [[pod('10.0.0.1', true), ...others], others]) {
    assert.deepEqual(ids(targets(ip(), [slice('1', [lost]), silent, ...known])), ['10.0.0.1:8080']);
    assert.deepEqual(ids(targets(ip(), [slice('1', [lost, endpoint('10.0.0.2')]), silent, ...known])), [
      '10.0.0.2:8080',
    ]);
  }
  const featureGates = { ...coreConfig().featureGates, EndpointsFailOpen: false };
  assert.deepEqual(ids(targets(ip(), [slice('1', [lost]), silent], { featureGates })), []);
  assert.deepEqual(ids(targets(ip(), [slice('1', [lost]), silent, pod('10.0.0.1', false)])), []);
});

test('nodes are registered on the node port, but for those that load balancers must leave alone', () => {
  const exclude = 'node.kubernetes.io/exclude-from-external-load-balancers';
  const taint = (key: string, effect: string) => ({ taints: [{ key, value: '', effect }] });
  const objects = [
    node('a'),
    node('b', { unschedulable: true, ...taint('node.kubernetes.io/unschedulable', 'NoSchedule') }),
    node('c', { ready: 'False' }),
    node('d', { labels: { [exclude]: 'false' } }),
    node('e', { labels: { 'node-role.kubernetes.io/master': '' } }),
    node('f', { labels: { 'eks.amazonaws.com/compute-type': 'fargate' } }),
    node('g', taint('ToBeDeletedByClusterAutoscaler', 'NoExecute')),
    node('h', taint('karpenter.sh/disrupted', 'NoSchedule')),
    node('i', taint('karpenter.sh/disrupted', 'PreferNoSchedule')),
    node('j', { labels: { 'eks.amazonaws.com/compute-type': 'hybrid' }, providerId: 'eks-hybrid:///x/mi-1' }),
    node('k', { ready: 'Unknown' }),
  ];
  assert.deepEqual(ids(targets(targetGroup(), objects)), ['i-a:30080', 'i-b:30080', 'i-i:30080']);
});

test('when no node is Ready those in an unknown state are used, with the gate', () => {
  const objects = [node('a', { ready: 'Unknown' }), node('b', { ready: 'False' })];
  assert.deepEqual(ids(targets(targetGroup(), objects)), ['i-a:30080']);
  const featureGates = { ...coreConfig().featureGates, EndpointsFailOpen: false };
  assert.deepEqual(ids(targets(targetGroup(), objects, { featureGates })), []);
});

test('while most nodes are silent they stay: it is rather the API server that is cut off', () => {
  const nodes = ['a', 'b', 'c', 'd', 'e'].map((name) =>
    node(name, { ready: name === 'a' ? 'True' : 'Unknown' }),
  );
  const all = ['i-a:30080', 'i-b:30080', 'i-c:30080', 'i-d:30080', 'i-e:30080'];
  assert.deepEqual(ids(targets(targetGroup(), nodes)), all);
  const front = service('web/front');
  assert.deepEqual(ids(targets(targetGroup(), [front, ...nodes], { policy: policies.albc })), ['i-a:30080']);
  const half = nodes.map((each, index) => (index < 3 ? node(each.meta.name) : each));
  assert.deepEqual(ids(targets(targetGroup(), half)), all.slice(0, 3));
  const pods = slice('1', [endpoint('10.0.0.1'), endpoint('10.0.0.2', { ready: false, nodeName: 'b' })]);
  assert.deepEqual(ids(targets(ip(), [pods, ...nodes])), ['10.0.0.1:8080', '10.0.0.2:8080']);
  assert.deepEqual(ids(targets(ip(), [pods, ...nodes.slice(0, 2)])), ['10.0.0.1:8080']);
});

test('TGB-14: with the policy of ALBC targets go with their Service or its port, by number or by name', () => {
  const as = (backendPort: string, ports: Service['ports'] | undefined, policy: CoreConfig['policy']) =>
    ids(
      targets(
        targetGroup({ backendPort }),
        [node('a'), ...(ports === undefined ? [] : [{ ...service('web/front'), ports }])],
        { policy },
      ),
    ).length;
  const [port] = service('web/front').ports;
  assert.ok(port);
  for (const [backendPort, ports, registered] of [
    ['80', [port], 1],
    ['http', [{ ...port, name: 'http' }], 1],
    ['81', [port], 0],
    ['https', [{ ...port, name: 'http' }], 0],
    ['80', undefined, 0],
  ] as const) {
    assert.equal(as(backendPort, ports, policies.albc), registered, backendPort);
    assert.equal(as(backendPort, ports, policies.none), 1, backendPort);
  }
});

test('target-node-labels narrow the nodes down', () => {
  const objects = [node('a', { labels: { tier: 'web', zone: '1' } }), node('b', { labels: { tier: 'db' } })];
  assert.deepEqual(ids(targets(targetGroup({ nodeLabels: { tier: 'web' } }), objects)), ['i-a:30080']);
});

test('a node with a wrong providerID is left out with a warning, and the others stay', () => {
  const objects = [node('a', { providerId: 'kind://x' }), node('b', { providerId: '' }), node('c')];
  const result = targets(targetGroup(), objects);
  assert.deepEqual(ids(result), ['i-c:30080']);
  assert.deepEqual(
    result.problems.map(({ code, severity, message }) => `${code} ${severity} ${message.split(',')[0]}`),
    [
      'TargetUnusable warning Node a has the providerID "kind://x"',
      'TargetUnusable warning Node b has no providerID',
    ],
  );
});

test("with externalTrafficPolicy Local only nodes with a serving pod count, unless ALBC's way is asked for", () => {
  const local: Service = service('web/front', { externalTrafficPolicy: 'Local' });
  const nodes = [node('node-a'), node('node-b'), node('node-c')];
  const ready = slice('1', [
    endpoint('1'),
    endpoint('2', { nodeName: 'node-b', ready: false, serving: true }),
  ]);
  assert.deepEqual(ids(targets(targetGroup(), [...nodes, local, ready])), ['i-node-a:30080']);
  const leaving = slice('1', [endpoint('2', { nodeName: 'node-b', ready: false, terminating: true })]);
  assert.deepEqual(ids(targets(targetGroup(), [...nodes, local, leaving])), ['i-node-b:30080']);
  const albc = { policy: policies.albc };
  assert.equal(targets(targetGroup(), [...nodes, local, ready], albc).value.length, 3);
});

test('Trap 11: with externalTrafficPolicy Local pods that are all not ready at once, and slices that nobody has read whole, empty no target group', () => {
  const local: Service = service('web/front', { externalTrafficPolicy: 'Local' });
  const nodes = [node('node-a'), node('node-b'), node('node-c')];
  const none = slice('1', [
    endpoint('1', { ready: false, serving: false }),
    endpoint('2', { nodeName: 'node-b', ready: false, serving: false }),
  ]);
  const found = targets(targetGroup(), [...nodes, local, none]);
  assert.deepEqual(ids(found), []);
  assert.deepEqual(
    found.unready.map(({ id }) => id),
    ['i-node-a', 'i-node-b'],
  );
  assert.deepEqual(targets(targetGroup(), [...nodes, local, slice('1', [])]).unready, []);
  const unread = snapshotOf([...nodes, local], new Set(['Service', 'Node']));
  const config = coreConfig();
  assert.equal(knowsAll(targetGroup(), unread, config), false);
  assert.equal(
    knowsAll(
      targetGroup(),
      snapshotOf([...nodes, service('web/front')], new Set(['Service', 'Node'])),
      config,
    ),
    true,
  );
});

test('NET-19: instances among the nodes, the one that we run on first', () => {
  const nodes = [
    { ...node('a'), providerId: 'aws:///us-west-2a/i-a' },
    { ...node('f'), providerId: 'aws:///us-west-2a/0123/fargate-ip-10-0-0-1' },
    { ...node('b'), providerId: 'aws:///us-west-2b/i-b' },
  ];
  assert.deepEqual(clusterInstances(nodes, 'b'), ['i-b', 'i-a']);
  assert.deepEqual(clusterInstances(nodes, undefined), ['i-a', 'i-b']);
});

test('NET-16, TGB-10: a pod of a HyperPod node brings the address of its node, one outside the VPC the zone of its node', () => {
  const zone = { 'topology.kubernetes.io/zone': 'us-west-2b' };
  const hyperpod = { 'sagemaker.amazonaws.com/compute-type': 'hyperpod' };
  const objects = [
    slice('1', [
      endpoint('10.0.0.1', { nodeName: 'h' }),
      endpoint('10.0.0.2', { nodeName: 'n' }),
      endpoint('192.168.0.1', { nodeName: 'n' }),
      endpoint('192.168.0.2', { nodeName: 'gone' }),
    ]),
    node('h', { labels: { ...zone, ...hyperpod }, internalIps: ['2600:1f14::5', '10.0.9.9'] }),
    node('n', { labels: zone, internalIps: ['10.0.9.8'] }),
  ];
  const { value } = targets(ip(), objects);
  assert.deepEqual(
    value.map(({ id, nodeAddress, nodeZone }) => [id, nodeAddress, nodeZone]),
    [
      ['10.0.0.1', '10.0.9.9', undefined],
      ['10.0.0.2', undefined, undefined],
      ['192.168.0.1', undefined, 'us-west-2b'],
      ['192.168.0.2', undefined, undefined],
    ],
  );
  assert.deepEqual(nodeAddresses(value), { nodeAddresses: ['10.0.9.9'] });
});
