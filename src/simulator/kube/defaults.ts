import type { Json, JsonObject } from './json.ts';
import { at, isObject, objectOf, textOf, without } from './json.ts';
import type { KubeObject } from './object.ts';
import { withMeta } from './object.ts';
import type { Resource } from './resource.ts';
import { withStructuralDefaults } from './schema/structural.ts';

/** What the API server fills in before it validates: one function a kind, each idempotent. */
export function withDefaults(object: KubeObject, { definition, custom }: Resource): KubeObject {
  if (!custom) return defaults[object.kind]?.(object) ?? object;
  // Structural defaults leave apiVersion, kind and metadata as they are.
  return definition ? (withStructuralDefaults(object, definition.openAPIV3Schema) as KubeObject) : object;
}

const defaults: { readonly [kind: string]: (object: KubeObject) => KubeObject } = {
  Service: defaultService,
  Ingress: defaultIngress,
  IngressClass: defaultIngressClass,
  Namespace: defaultNamespace,
  Secret: defaultSecret,
  EndpointSlice: defaultEndpointSlice,
  Event: defaultEvent,
  Node: (node) => ({ ...node, status: withConditionTimes(objectOf(node['status']), nodeConditionTimes) }),
  Pod: defaultPod,
  Deployment: defaultDeployment,
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

function defaultIngress(ingress: KubeObject): KubeObject {
  const status = { loadBalancer: {}, ...objectOf(ingress['status']) };
  const { spec } = ingress;
  if (!isObject(spec) || !Array.isArray(spec['rules'])) return { ...ingress, status };
  // An empty host is the same as none, and Go leaves it out.
  const rules = spec['rules'].map((rule) =>
    at(rule, 'host') === '' ? without(objectOf(rule), 'host') : rule,
  );
  return { ...ingress, spec: { ...spec, rules }, status };
}

function defaultEndpointSlice(slice: KubeObject): KubeObject {
  const { ports, endpoints } = slice;
  const port = { name: '', protocol: 'TCP' };
  return {
    ...slice,
    ...(Array.isArray(ports) ? { ports: ports.map((each) => ({ ...port, ...objectOf(each) })) } : {}),
    ...(Array.isArray(endpoints)
      ? { endpoints: endpoints.map((each) => ({ conditions: {}, ...objectOf(each) })) }
      : {}),
  };
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

/** Times that Go always writes, as null where they are unset. */
const podConditionTimes = { lastProbeTime: null, lastTransitionTime: null };
const nodeConditionTimes = { lastHeartbeatTime: null, lastTransitionTime: null };

function withConditionTimes(status: JsonObject, times: JsonObject): JsonObject {
  const { conditions } = status;
  if (!Array.isArray(conditions)) return status;
  return { ...status, conditions: conditions.map((condition) => ({ ...times, ...objectOf(condition) })) };
}

function defaultEvent(event: KubeObject): KubeObject {
  return {
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
    ...event,
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
  const status = { phase: 'Pending', ...objectOf(pod['status']) };
  return {
    ...pod,
    spec: { enableServiceLinks: true, ...defaultPodSpec(objectOf(pod['spec'])) },
    status: withConditionTimes(status, podConditionTimes),
  };
}

function defaultPodSpec(spec: JsonObject): JsonObject {
  const { containers } = spec;
  return {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
    securityContext: {},
    ...spec,
    ...(Array.isArray(containers) ? { containers: containers.map(defaultContainer) } : {}),
  };
}

function defaultContainer(container: Json): JsonObject {
  const given = objectOf(container);
  const { ports } = given;
  const tagged = /:[^/]+$/.test(textOf(given['image'])) && !textOf(given['image']).endsWith(':latest');
  return {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: tagged ? 'IfNotPresent' : 'Always',
    ...given,
    ...(Array.isArray(ports) ? { ports: ports.map((port) => ({ protocol: 'TCP', ...objectOf(port) })) } : {}),
  };
}

function defaultDeployment(deployment: KubeObject): KubeObject {
  const spec = objectOf(deployment['spec']);
  return {
    ...deployment,
    spec: {
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      ...spec,
      template: defaultTemplate(spec['template']),
    },
    status: objectOf(deployment['status']),
  };
}

function defaultTemplate(template: Json | undefined): JsonObject {
  return { ...objectOf(template), spec: defaultPodSpec(objectOf(at(template, 'spec'))) };
}
