// The real control plane itself: if one of these fails, the other tests in this folder mean nothing.

import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { sharedCluster } from '../support/cluster/shared.ts';
import type { Cluster } from '../support/cluster/start.ts';
import { eventually } from '../support/eventually.ts';

type Slices = { readonly items: readonly { readonly endpoints: readonly Endpoint[] | null }[] };
type Conditions = { readonly ready: boolean; readonly serving: boolean; readonly terminating: boolean };
type Endpoint = { readonly addresses: readonly string[]; readonly conditions: Conditions };

let cluster: Cluster;

/** Runs kubectl with the words of the line. */
const kubectl = (line: string, input?: string) => cluster.kubectl(line.split(' '), input);

const nodes = [
  {
    name: 'smoke-a',
    providerID: 'aws:///us-west-2a/i-0a',
    internalIp: '10.0.96.10',
    podCidr: '10.0.97.0/24',
  },
  {
    name: 'smoke-b',
    providerID: 'aws:///us-west-2b/i-0b',
    internalIp: '10.0.128.10',
    podCidr: '10.0.129.0/24',
  },
];

const workload = (namespace: string, replicas: number, pod = '', annotations = '') => `
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
    metadata: { labels: { app: web }, annotations: { ${annotations} } }
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: web, image: web }], ${pod} }
`;

const reader = `
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
`;

async function endpoints(namespace: string): Promise<readonly Endpoint[]> {
  const printed = await kubectl(
    `get endpointslices -n ${namespace} -l kubernetes.io/service-name=web -o json`,
  );
  return (JSON.parse(printed) as Slices).items.flatMap((slice) => slice.endpoints ?? []);
}

suite('the real control plane', () => {
  before(async () => {
    cluster = await sharedCluster();
    await cluster.addNodes(nodes);
  });

  test('a Deployment of 5 rolls out and its pods fill the EndpointSlice with addresses of their nodes', async () => {
    await cluster.apply(workload('smoke-rollout', 5));
    await kubectl('rollout status -n smoke-rollout deployment/web --timeout=30s');
    await eventually(async () => {
      const ready = (await endpoints('smoke-rollout')).filter((endpoint) => endpoint.conditions.ready);
      assert.equal(ready.length, 5);
      for (const { addresses } of ready) assert.match(addresses[0] ?? '', /^10\.0\.(97|129)\.\d+$/);
    });
  });

  test('a readiness gate keeps a pod unready until its condition is set', async () => {
    await cluster.apply(workload('smoke-gate', 1, 'readinessGates: [{ conditionType: example.com/gate }]'));
    await kubectl('wait --for=create -n smoke-gate pod -l app=web --timeout=30s');
    await kubectl('wait --for=condition=ContainersReady -n smoke-gate pod -l app=web --timeout=30s');
    await eventually(async () => {
      const conditions = (await endpoints('smoke-gate')).map((endpoint) => endpoint.conditions.ready);
      assert.deepEqual(conditions, [false]);
    });
    const pod = (await kubectl('get pod -n smoke-gate -l app=web -o name')).trim();
    const patch = JSON.stringify({ status: { conditions: [{ type: 'example.com/gate', status: 'True' }] } });
    await kubectl(`patch -n smoke-gate ${pod} --subresource=status -p ${patch}`);
    await kubectl(`wait --for=condition=Ready -n smoke-gate ${pod} --timeout=30s`);
  });

  test('a pod that terminates slowly stays in the EndpointSlice as terminating', async () => {
    await cluster.apply(workload('smoke-slow', 1, '', 'test.albatross.dev/terminate-after: 20s'));
    await kubectl('rollout status -n smoke-slow deployment/web --timeout=30s');
    await kubectl('scale -n smoke-slow deployment/web --replicas=0');
    await kubectl(
      'wait --for=jsonpath={.endpoints[0].conditions.terminating}=true -n smoke-slow endpointslices --all',
    );
    assert.deepEqual(
      (await endpoints('smoke-slow')).map((endpoint) => endpoint.conditions),
      [{ ready: false, serving: true, terminating: true }],
    );
  });

  test('a pod and a node stop being ready while they are marked as unready', async () => {
    await cluster.apply(workload('smoke-unready', 1));
    await kubectl('rollout status -n smoke-unready deployment/web --timeout=30s');
    await kubectl('annotate -n smoke-unready pod -l app=web test.albatross.dev/unready=true');
    await kubectl('wait --for=condition=Ready=false -n smoke-unready pod -l app=web --timeout=30s');
    await kubectl('annotate -n smoke-unready pod -l app=web test.albatross.dev/unready-');
    await kubectl('wait --for=condition=Ready -n smoke-unready pod -l app=web --timeout=30s');
    await kubectl('annotate node smoke-b test.albatross.dev/unready=true');
    await kubectl('wait --for=condition=Ready=false node smoke-b --timeout=30s');
    await kubectl('annotate node smoke-b test.albatross.dev/unready-');
    await kubectl('wait --for=condition=Ready node smoke-b --timeout=30s');
  });

  test('deleting a namespace removes everything in it', async () => {
    await cluster.apply(workload('smoke-delete', 2));
    await kubectl('delete namespace smoke-delete --timeout=60s');
    assert.equal((await kubectl('get pods -n smoke-delete -o name')).trim(), '');
  });

  test('a ServiceAccount may do what its RBAC rules say and nothing else', async () => {
    await cluster.apply(reader);
    const kubeconfig = await cluster.serviceAccountKubeconfig('default', 'reader');
    await kubectl(`get services -A --kubeconfig=${kubeconfig}`);
    await assert.rejects(kubectl(`get secrets -A --kubeconfig=${kubeconfig}`), /forbidden/);
  });
});
