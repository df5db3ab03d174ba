import type { Json, JsonObject } from './json.ts';
import { at, isObject, listOf, objectOf, present, textOf } from './json.ts';
import type { KubeObject } from './object.ts';
import { withMeta } from './object.ts';

/** What the API server fills in before it validates: one function a kind, each idempotent. */
export function withDefaults(object: KubeObject): KubeObject {
  return defaults[object.kind]?.(object) ?? object;
}

const defaults: { readonly [kind: string]: (object: KubeObject) => KubeObject } = {
  Service: defaultService,
  Ingress: (ingress) => ({ ...ingress, status: { loadBalancer: {}, ...objectOf(ingress['status']) } }),
  IngressClass: defaultIngressClass,
  Namespace: defaultNamespace,
  Secret: defaultSecret,
  EndpointSlice: (slice) =>
    Array.isArray(slice['ports'])
      ? { ...slice, ports: slice['ports'].map((port) => ({ name: '', protocol: 'TCP', ...objectOf(port) })) }
      : slice,
  Pod: defaultPod,
  Deployment: (deployment) => ({
    ...deployment,
    spec: {
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...objectOf(deployment['spec']),
    },
  }),
  ReplicaSet: (set) => ({ ...set, spec: { replicas: 1, ...objectOf(set['spec']) } }),
};

function defaultService(service: KubeObject): KubeObject {
  const spec = objectOf(service['spec']);
  const type = spec['type'] ?? 'ClusterIP';
  const external = type === 'NodePort' || type === 'LoadBalancer';
  const filled: Record<string, Json> = {
    sessionAffinity: 'None',
    type,
    ...(type === 'ExternalName' ? {} : { internalTrafficPolicy: 'Cluster' }),
    ...(external ? { externalTrafficPolicy: 'Cluster' } : {}),
    ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
    ...spec,
  };
  if (Array.isArray(spec['ports'])) filled['ports'] = spec['ports'].map(defaultPort);
  return { ...service, spec: filled, status: { loadBalancer: {}, ...objectOf(service['status']) } };
}

function defaultPort(port: Json): JsonObject {
  const given = objectOf(port);
  const target = given['targetPort'];
  // An unset target is the port itself; the empty string and 0 count as unset.
  const targetPort = target === undefined || target === '' || target === 0 ? (given['port'] ?? 0) : target;
  return { protocol: 'TCP', ...given, targetPort };
}

function defaultIngressClass(ingressClass: KubeObject): KubeObject {
  const parameters = at(ingressClass['spec'], 'parameters');
  if (!isObject(parameters)) return ingressClass;
  return {
    ...ingressClass,
    spec: { ...objectOf(ingressClass['spec']), parameters: { scope: 'Cluster', ...parameters } },
  };
}

function defaultNamespace(namespace: KubeObject): KubeObject {
  const labels = { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': namespace.metadata.name };
  return {
    ...withMeta(namespace, { labels }),
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active', ...objectOf(namespace['status']) },
  };
}

function defaultSecret(secret: KubeObject): KubeObject {
  const { stringData, ...rest } = secret;
  const encoded = Object.fromEntries(
    Object.entries(objectOf(stringData)).map(([key, value]) => [
      key,
      Buffer.from(textOf(value)).toString('base64'),
    ]),
  );
  const data = { ...objectOf(secret['data']), ...encoded };
  return {
    ...rest,
    metadata: secret.metadata,
    kind: secret.kind,
    apiVersion: secret.apiVersion,
    type: secret['type'] ?? 'Opaque',
    ...(Object.keys(data).length > 0 ? { data } : {}),
  };
}

function defaultPod(pod: KubeObject): KubeObject {
  const spec = objectOf(pod['spec']);
  const containers = listOf(spec['containers']).map((container) => {
    const ports = at(container, 'ports');
    return {
      ...objectOf(container),
      ...(Array.isArray(ports)
        ? { ports: ports.map((port) => ({ protocol: 'TCP', ...objectOf(port) })) }
        : {}),
    };
  });
  return {
    ...pod,
    spec: present({
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      terminationGracePeriodSeconds: 30,
      schedulerName: 'default-scheduler',
      ...spec,
      containers: spec['containers'] === undefined ? undefined : containers,
    }),
    status: { phase: 'Pending', ...objectOf(pod['status']) },
  };
}
