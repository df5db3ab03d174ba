import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecodeError } from '../../../src/kube/decode/decode-error.ts';
import { decodeObject, decoderOf } from '../../../src/kube/decode/decode-object.ts';

const ingress = (spec: unknown, metadata: object = {}): unknown => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { namespace: 'shop', name: 'web', ...metadata },
  spec,
});

const service = (spec: unknown): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's' },
  spec,
});

const backend = { service: { name: 's', port: { number: 80 } } };
const withPath = (path: object): unknown => ingress({ rules: [{ http: { paths: [path] } }] });

/** `decodeObject`'s result as plain data, so that a test can compare a part of it. */
const decoded = (raw: unknown): Record<string, unknown> => ({ ...decodeObject(raw) });

test('an Ingress keeps what the core reads and drops the rest of its metadata', () => {
  const object = decoded(
    ingress(
      {
        ingressClassName: 'alb',
        defaultBackend: { service: { name: 'd', port: { name: 'http' } } },
        rules: [
          { host: 'a.example' },
          {
            http: {
              paths: [
                { pathType: 'ImplementationSpecific', backend },
                { path: '/x', pathType: 'Prefix', backend: { resource: { kind: 'Bucket', name: 'b' } } },
              ],
            },
          },
        ],
        tls: [{ hosts: ['a.example'] }, { secretName: 'cert' }],
      },
      {
        uid: 'u',
        resourceVersion: '7',
        generation: 2,
        managedFields: [{ manager: 'kubectl' }],
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', 'a.example/b': 'c' },
        finalizers: ['f'],
        deletionTimestamp: '2026-01-01T00:00:00Z',
      },
    ),
  );
  assert.deepEqual(object, {
    kind: 'Ingress',
    meta: {
      namespace: 'shop',
      name: 'web',
      uid: 'u',
      resourceVersion: '7',
      generation: 2,
      annotations: { 'a.example/b': 'c' },
      labels: {},
      finalizers: ['f'],
      deletionTimestamp: '2026-01-01T00:00:00Z',
      creationTimestamp: '',
    },
    className: 'alb',
    defaultBackend: { kind: 'service', name: 'd', port: { kind: 'name', name: 'http' } },
    rules: [
      { host: 'a.example', paths: undefined },
      {
        host: '',
        paths: [
          {
            path: '',
            pathType: 'ImplementationSpecific',
            backend: { kind: 'service', name: 's', port: { kind: 'number', number: 80 } },
          },
          {
            path: '/x',
            pathType: 'Prefix',
            backend: { kind: 'resource', apiGroup: '', resourceKind: 'Bucket', name: 'b' },
          },
        ],
      },
    ],
    tls: [
      { hosts: ['a.example'], secretName: undefined },
      { hosts: [], secretName: 'cert' },
    ],
    status: [],
  });
});

test('a bare manifest gets the defaults of the API server', () => {
  const bare = decoded(service({ ports: [{ port: 80 }], selector: {} }));
  assert.deepEqual(
    { ...bare, meta: undefined },
    {
      kind: 'Service',
      meta: undefined,
      type: 'ClusterIP',
      ports: [
        {
          name: '',
          port: 80,
          targetPort: { kind: 'number', number: 80 },
          nodePort: undefined,
          protocol: 'TCP',
          appProtocol: undefined,
        },
      ],
      selector: undefined,
      ipFamilies: ['IPv4'],
      externalTrafficPolicy: 'Cluster',
      headless: false,
    },
  );
  assert.equal(decodeObject(service({}))?.meta.namespace, 'default');
});

test('target ports may be numbers or names, and zero values stand for the port', () => {
  const ports = (targetPort: unknown): unknown =>
    decoded(service({ ports: [{ port: 80, targetPort }] }))['ports'];
  const [named, number, zero] = ['web', 8080, 0].map((value) => JSON.stringify(ports(value)));
  assert.match(named ?? '', /"targetPort":{"kind":"name","name":"web"}/);
  assert.match(number ?? '', /"targetPort":{"kind":"number","number":8080}/);
  assert.match(zero ?? '', /"targetPort":{"kind":"number","number":80}/);
});

test('absent endpoint conditions mean ready, and serving follows ready', () => {
  const slice = decoded({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'shop', name: 's-1', labels: { 'kubernetes.io/service-name': 's', other: 'x' } },
    addressType: 'IPv4',
    ports: [{ name: null, port: 8080 }],
    endpoints: [
      { addresses: ['10.0.0.1'], targetRef: { kind: 'Pod', namespace: 'shop', name: 'p', uid: 'u' } },
      { addresses: ['10.0.0.2'], conditions: { ready: false }, targetRef: { kind: 'Node', name: 'n' } },
      { addresses: ['10.0.0.3'], conditions: { ready: false, serving: true, terminating: true } },
    ],
  });
  const endpoint = (rest: object): object => ({
    nodeName: undefined,
    zone: undefined,
    pod: undefined,
    ...rest,
  });
  assert.equal(slice['serviceName'], 's');
  assert.deepEqual(slice['ports'], [{ name: '', port: 8080, protocol: 'TCP' }]);
  assert.deepEqual(slice['endpoints'], [
    endpoint({
      addresses: ['10.0.0.1'],
      ready: true,
      serving: true,
      terminating: false,
      pod: { namespace: 'shop', name: 'p', uid: 'u' },
    }),
    endpoint({ addresses: ['10.0.0.2'], ready: false, serving: false, terminating: false }),
    endpoint({ addresses: ['10.0.0.3'], ready: false, serving: true, terminating: true }),
  ]);
});

test('Nodes and Pods are cut down to what targets need', () => {
  const node = decoded({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n', labels: { zone: 'a' }, annotations: { big: 'x' } },
    spec: { providerID: 'aws:///us-west-2a/i-1', taints: [{ key: 'k', effect: 'NoSchedule' }] },
    status: {
      conditions: [{ type: 'Ready', status: 'False' }],
      addresses: [
        { type: 'Hostname', address: 'n' },
        { type: 'InternalIP', address: '10.0.0.9' },
      ],
      images: [{ names: ['x'] }],
    },
  });
  const { meta: nodeMeta, ...nodeRest } = node;
  assert.deepEqual(Object.entries(nodeMeta ?? {}).find(([key]) => key === 'annotations')?.[1], {});
  assert.deepEqual(nodeRest, {
    kind: 'Node',
    providerId: 'aws:///us-west-2a/i-1',
    ready: 'False',
    taints: [{ key: 'k', value: '', effect: 'NoSchedule' }],
    unschedulable: false,
    internalIps: ['10.0.0.9'],
  });
  const { meta: _, ...pod } = decoded({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name: 'p' },
    spec: {
      nodeName: 'n',
      readinessGates: [{ conditionType: 'target-health.elbv2.k8s.aws/x' }],
      containers: [{ ports: [{ name: 'web', containerPort: 8080 }] }],
      initContainers: [
        { restartPolicy: 'Always', ports: [{ name: 'mesh', containerPort: 15000, protocol: 'UDP' }] },
        { ports: [{ name: 'once', containerPort: 1 }] },
      ],
    },
    status: { phase: 'Running', podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] },
  });
  assert.deepEqual(pod, {
    kind: 'Pod',
    ips: ['10.0.0.1'],
    nodeName: 'n',
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True', reason: '', message: '' }],
    readinessGates: ['target-health.elbv2.k8s.aws/x'],
    containerPorts: [
      { name: 'web', port: 8080, protocol: 'TCP' },
      { name: 'mesh', port: 15000, protocol: 'UDP' },
    ],
  });
});

test('IngressClass and IngressClassParams decode with every field', () => {
  const ingressClass = decoded({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'alb', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    spec: {
      controller: 'albatross.dev/alb',
      parameters: { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name: 'alb' },
    },
  });
  assert.equal(ingressClass['isDefault'], true);
  assert.deepEqual(ingressClass['parameters'], {
    apiGroup: 'elbv2.k8s.aws',
    kind: 'IngressClassParams',
    name: 'alb',
  });
  const params = decoded({
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'IngressClassParams',
    metadata: { name: 'alb' },
    spec: {
      namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] },
      group: { name: 'shared' },
      subnets: { tags: { role: ['a', 'b'] } },
      PrefixListsIDs: ['pl-1'],
      listeners: [{ protocol: 'HTTPS', port: 443, listenerAttributes: [{ key: 'k', value: 'v' }] }],
      minimumLoadBalancerCapacity: { capacityUnits: 100 },
      ipamConfiguration: { ipv4IPAMPoolId: 'ipam-pool-1' },
    },
  });
  const { groupName, subnetIds, subnetTags, prefixListIds, listeners, capacityUnits, ipamPoolId, tags } =
    params;
  assert.deepEqual(
    { groupName, subnetIds, subnetTags, prefixListIds, listeners, capacityUnits, ipamPoolId, tags },
    {
      groupName: 'shared',
      subnetIds: undefined,
      subnetTags: { role: ['a', 'b'] },
      prefixListIds: ['pl-1'],
      listeners: [{ protocol: 'HTTPS', port: 443, attributes: [{ key: 'k', value: 'v' }] }],
      capacityUnits: 100,
      ipamPoolId: 'ipam-pool-1',
      tags: [],
    },
  );
  assert.deepEqual(params['namespaceSelector'], {
    matchLabels: {},
    matchExpressions: [{ key: 'team', operator: 'Exists', values: [] }],
  });
});

const wrong: readonly (readonly [name: string, raw: unknown, message: RegExp])[] = [
  [
    'a text where a number is wanted',
    withPath({ pathType: 'Exact', backend: { service: { name: 's', port: { number: '80' } } } }),
    /^Ingress shop\/web: spec\.rules\[0]\.http\.paths\[0]\.backend\.service\.port\.number is "80", wanted an integer$/,
  ],
  ['no path type', withPath({ backend }), /paths\[0]\.pathType is absent, wanted one of Exact, Prefix, Impl/],
  [
    'an unknown path type',
    withPath({ pathType: 'Glob', backend }),
    /pathType is "Glob", wanted one of Exact/,
  ],
  [
    'an unquoted boolean',
    ingress({}, { annotations: { 'x.y/z': true } }),
    /metadata\.annotations\[x\.y\/z] is true, .*quotes/,
  ],
  ['a list that is an object', ingress({ rules: {} }), /spec\.rules is an object, wanted a list/],
  ['a spec that is a text', ingress('no'), /spec is "no", wanted an object/],
  [
    'no name',
    { apiVersion: 'v1', kind: 'Service', metadata: {} },
    /Service \(no name\): metadata\.name is absent/,
  ],
  [
    'two kinds of backend at once',
    withPath({ pathType: 'Exact', backend: { ...backend, resource: { kind: 'a', name: 'b' } } }),
    /backend is an object, wanted either service or resource, not both/,
  ],
  [
    'an API version of the past',
    { apiVersion: 'extensions/v1beta1', kind: 'Ingress', metadata: { name: 'web' } },
    /^Ingress web: apiVersion is "extensions\/v1beta1", wanted networking\.k8s\.io\/v1 \(Kubernetes 1\.22 took the others away: /,
  ],
  ['nothing', undefined, /the whole object is absent, wanted a Kubernetes object/],
];
for (const [name, raw, message] of wrong) {
  test(`the wrong shape is named: ${name}`, () => {
    assert.throws(
      () => decodeObject(raw),
      (error) => error instanceof DecodeError && message.test(error.message),
    );
  });
}

test('kinds that the core does not read are undefined, also where only the name of the kind is the same', () => {
  const meta = { metadata: { name: 'x' } };
  assert.equal(decodeObject({ apiVersion: 'apps/v1', kind: 'Deployment', ...meta }), undefined);
  assert.equal(decodeObject({ apiVersion: 'serving.knative.dev/v1', kind: 'Service', ...meta }), undefined);
  assert.equal(decodeObject({ apiVersion: 'v1', kind: 'toString', ...meta }), undefined);
});

test('an item of a list, which carries no kind, is named by the kind that was asked for', () => {
  assert.throws(
    () => decoderOf('Pod')({ metadata: { namespace: 'a', name: 'p' }, spec: 1 }),
    /^DecodeError: Pod a\/p: spec is 1/,
  );
});

const binding = (spec: object, rest: object = {}): unknown => ({
  apiVersion: 'elbv2.k8s.aws/v1beta1',
  kind: 'TargetGroupBinding',
  metadata: { namespace: 'shop', name: 'b' },
  spec: { serviceRef: { name: 's', port: 80 }, ...spec },
  ...rest,
});

test('TGB-01: a TargetGroupBinding with every field; empty texts count as absent', () => {
  const full = decoded(
    binding(
      {
        targetGroupARN: 'arn:tg',
        targetGroupName: '',
        serviceRef: { name: 's', port: 'http' },
        targetType: 'ip',
        ipAddressType: 'ipv6',
        vpcID: 'vpc-1',
        nodeSelector: { matchLabels: { a: 'b' } },
        networking: {
          ingress: [
            {
              from: [{ ipBlock: { cidr: '10.0.0.0/8' } }, { securityGroup: { groupID: 'sg-1' } }],
              ports: [{}, { protocol: 'UDP', port: 53 }, { port: 'web' }],
            },
          ],
        },
        multiClusterTargetGroup: true,
        iamRoleArnToAssume: 'arn:role',
        assumeRoleExternalId: '',
      },
      { status: { observedGeneration: 3 } },
    ),
  );
  const { meta: _meta, ...rest } = full;
  assert.deepEqual(rest, {
    kind: 'TargetGroupBinding',
    targetGroupArn: 'arn:tg',
    targetGroupName: undefined,
    service: { name: 's', port: { kind: 'name', name: 'http' } },
    targetType: 'ip',
    ipAddressType: 'ipv6',
    vpcId: 'vpc-1',
    nodeSelector: { matchLabels: { a: 'b' }, matchExpressions: [] },
    networking: [
      {
        from: [
          { kind: 'ipBlock', cidr: '10.0.0.0/8' },
          { kind: 'securityGroup', id: 'sg-1' },
        ],
        ports: [
          { protocol: 'tcp', port: undefined },
          { protocol: 'udp', port: { kind: 'number', number: 53 } },
          { protocol: 'tcp', port: { kind: 'name', name: 'web' } },
        ],
      },
    ],
    multiCluster: true,
    role: { arn: 'arn:role', externalId: undefined },
    observedGeneration: 3,
  });
  const least = decoded(binding({}));
  assert.deepEqual(
    [least['networking'], least['role'], least['multiCluster']],
    [undefined, undefined, false],
  );
});

test('TGB-01: a peer that is neither an address range nor a security group is named with its place', () => {
  const networking = { ingress: [{ from: [{}], ports: [] }] };
  assert.throws(() => decodeObject(binding({ networking })), /spec\.networking\.ingress\[0\]\.from\[0\]/);
});
