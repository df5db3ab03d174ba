// The real control plane itself: if one of these fails, the other tests in this folder mean nothing.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { sharedCluster } from '../support/cluster/shared.ts';
import type { Cluster } from '../support/cluster/start.ts';

type Slices = { readonly items: readonly { readonly endpoints: readonly Endpoint[] | null }[] };
type Endpoint = { readonly addresses: readonly string[]; readonly conditions: { readonly ready: boolean } };

let cluster: Cluster;

before(async () => {
  cluster = await sharedCluster();
  await cluster.addNodes([
    {
      name: 'smoke-a',
      providerID: 'aws:///us-west-2a/i-0000000000000000a',
      internalIp: '10.0.96.10',
      podCidr: '10.0.97.0/24',
    },
    {
      name: 'smoke-b',
      providerID: 'aws:///us-west-2b/i-0000000000000000b',
      internalIp: '10.0.128.10',
      podCidr: '10.0.129.0/24',
    },
  ]);
});

const workload = (namespace: string, replicas: number, gate: string | undefined) => `
apiVersion: v1
kind: Namespace
metadata: { name: ${namespace} }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: ${namespace} }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: ${namespace} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      ${gate === undefined ? '' : `readinessGates: [{ conditionType: ${gate} }]`}
      terminationGracePeriodSeconds: 1
      containers: [{ name: web, image: web }]
`;

async function endpoints(namespace: string): Promise<readonly Endpoint[]> {
  const query = [
    'get',
    'endpointslices',
    '-n',
    namespace,
    '-l',
    'kubernetes.io/service-name=web',
    '-o',
    'json',
  ];
  const slices = JSON.parse(await cluster.kubectl(query)) as Slices;
  return slices.items.flatMap((slice) => slice.endpoints ?? []);
}

test('a Deployment of 5 rolls out and its pods fill the EndpointSlice with addresses of their nodes', async () => {
  await cluster.apply(workload('smoke-rollout', 5, undefined));
  await cluster.kubectl(['rollout', 'status', '-n', 'smoke-rollout', 'deployment/web', '--timeout=30s']);
  const ready = (await endpoints('smoke-rollout')).filter((endpoint) => endpoint.conditions.ready);
  assert.equal(ready.length, 5);
  for (const { addresses } of ready) assert.match(addresses[0] ?? '', /^10\.0\.(97|129)\.\d+$/);
});

test('a readiness gate keeps a pod unready until its condition is set', async () => {
  await cluster.apply(workload('smoke-gate', 1, 'example.com/gate'));
  await cluster.kubectl([
    'wait',
    '--for=condition=ContainersReady',
    '-n',
    'smoke-gate',
    'pod',
    '-l',
    'app=web',
    '--timeout=30s',
  ]);
  assert.deepEqual(
    (await endpoints('smoke-gate')).map(({ conditions }) => conditions.ready),
    [false],
  );
  const pod = (
    await cluster.kubectl(['get', 'pod', '-n', 'smoke-gate', '-l', 'app=web', '-o', 'name'])
  ).trim();
  const patch = JSON.stringify({ status: { conditions: [{ type: 'example.com/gate', status: 'True' }] } });
  await cluster.kubectl(['patch', '-n', 'smoke-gate', pod, '--subresource=status', '-p', patch]);
  await cluster.kubectl(['wait', '--for=condition=Ready', '-n', 'smoke-gate', pod, '--timeout=30s']);
});

test('deleting a namespace removes everything in it', async () => {
  await cluster.apply(workload('smoke-delete', 2, undefined));
  await cluster.kubectl(['delete', 'namespace', 'smoke-delete', '--timeout=60s']);
  assert.equal((await cluster.kubectl(['get', 'pods', '-n', 'smoke-delete', '-o', 'name'])).trim(), '');
});

test('a ServiceAccount may do what its RBAC rules say and nothing else', async () => {
  await cluster.apply(`
apiVersion: v1
kind: ServiceAccount
metadata: { name: reader, namespace: default }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: smoke-reader }
rules: [{ apiGroups: [''], resources: [services], verbs: [list] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: smoke-reader }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: smoke-reader }
subjects: [{ kind: ServiceAccount, name: reader, namespace: default }]
`);
  const kubeconfig = await cluster.serviceAccountKubeconfig('default', 'reader');
  await cluster.kubectl(['get', 'services', '-A', `--kubeconfig=${kubeconfig}`]);
  await assert.rejects(cluster.kubectl(['get', 'secrets', '-A', `--kubeconfig=${kubeconfig}`]), /forbidden/);
});
