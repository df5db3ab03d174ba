import { conditions, labelSelector, objectReference, topLevel } from './meta.ts';
import * as s from './schema.ts';

const servicePort = s.object('v1.ServicePort', {
  name: s.string,
  protocol: s.string,
  appProtocol: s.string,
  port: s.int32,
  targetPort: s.intOrString,
  nodePort: s.int32,
});

export const service = topLevel('v1.Service', {
  spec: s.object('v1.ServiceSpec', {
    ports: s.keyedList(servicePort, 'port', 'protocol'),
    selector: s.atomicStringMap,
    clusterIP: s.string,
    clusterIPs: s.atomicList(s.string),
    type: s.string,
    externalIPs: s.atomicList(s.string),
    sessionAffinity: s.string,
    sessionAffinityConfig: s.openObject('v1.SessionAffinityConfig', {}),
    loadBalancerIP: s.string,
    loadBalancerSourceRanges: s.atomicList(s.string),
    loadBalancerClass: s.string,
    externalName: s.string,
    externalTrafficPolicy: s.string,
    healthCheckNodePort: s.int32,
    publishNotReadyAddresses: s.boolean,
    ipFamilies: s.atomicList(s.string),
    ipFamilyPolicy: s.string,
    allocateLoadBalancerNodePorts: s.boolean,
    internalTrafficPolicy: s.string,
    trafficDistribution: s.string,
  }),
  status: s.object('v1.ServiceStatus', {
    loadBalancer: s.openObject('v1.LoadBalancerStatus', {}),
    conditions,
  }),
});

const envVar = s.openObject('v1.EnvVar', { name: s.string, value: s.string });

const container = s.openObject('v1.Container', {
  name: s.string,
  image: s.string,
  command: s.atomicList(s.string),
  args: s.atomicList(s.string),
  ports: {
    kind: 'list',
    items: s.object('v1.ContainerPort', {
      name: s.string,
      hostPort: s.int32,
      containerPort: s.int32,
      protocol: s.string,
      hostIP: s.string,
    }),
    shared: ['containerPort', 'protocol'],
    patchKey: 'containerPort',
  },
  env: s.keyedList(envVar, 'name'),
  volumeMounts: s.keyedList(
    s.openObject('v1.VolumeMount', { name: s.string, mountPath: s.string }),
    'mountPath',
  ),
});

const podSpec = s.openObject('v1.PodSpec', {
  containers: s.keyedList(container, 'name'),
  initContainers: s.keyedList(container, 'name'),
  volumes: s.keyedList(s.openObject('v1.Volume', { name: s.string }), 'name'),
  nodeName: s.string,
  nodeSelector: s.atomicStringMap,
  serviceAccountName: s.string,
  hostNetwork: s.boolean,
  restartPolicy: s.string,
  readinessGates: s.atomicList(s.object('v1.PodReadinessGate', { conditionType: s.string })),
});

export const pod = topLevel('v1.Pod', {
  spec: podSpec,
  status: s.openObject('v1.PodStatus', {
    phase: s.string,
    conditions,
    podIP: s.string,
    podIPs: s.keyedList(s.object('v1.PodIP', { ip: s.string }), 'ip'),
    hostIP: s.string,
  }),
});

const podTemplate = s.object('v1.PodTemplateSpec', {
  metadata: s.openObject('v1.ObjectMeta', { labels: s.stringMap, annotations: s.stringMap }),
  spec: podSpec,
});

export const node = topLevel('v1.Node', {
  spec: s.openObject('v1.NodeSpec', {
    providerID: s.string,
    unschedulable: s.boolean,
    taints: s.atomicList(
      s.object('v1.Taint', { key: s.string, value: s.string, effect: s.string, timeAdded: s.time }),
    ),
  }),
  status: s.openObject('v1.NodeStatus', {
    conditions,
    addresses: s.keyedList(s.object('v1.NodeAddress', { type: s.string, address: s.string }), 'type'),
  }),
});

export const namespace = topLevel('v1.Namespace', {
  spec: s.object('v1.NamespaceSpec', { finalizers: s.atomicList(s.string) }),
  status: s.object('v1.NamespaceStatus', { phase: s.string, conditions }),
});

export const secret = topLevel('v1.Secret', {
  type: s.string,
  immutable: s.boolean,
  data: s.map(s.bytes),
  stringData: s.stringMap,
});

export const configMap = topLevel('v1.ConfigMap', {
  immutable: s.boolean,
  data: s.stringMap,
  binaryData: s.map(s.bytes),
});

export const serviceAccount = topLevel('v1.ServiceAccount', {
  secrets: s.keyedList(objectReference, 'name'),
  imagePullSecrets: s.atomicList(s.openObject('v1.LocalObjectReference', { name: s.string })),
  automountServiceAccountToken: s.boolean,
});

const eventSource = s.object('v1.EventSource', { component: s.string, host: s.string });
const eventSeries = s.object('v1.EventSeries', {
  count: s.int32,
  lastObservedTime: s.time,
});

export const coreEvent = topLevel('v1.Event', {
  involvedObject: objectReference,
  reason: s.string,
  message: s.string,
  source: eventSource,
  firstTimestamp: s.time,
  lastTimestamp: s.time,
  count: s.int32,
  type: s.string,
  eventTime: s.time,
  series: eventSeries,
  action: s.string,
  related: objectReference,
  reportingComponent: s.string,
  reportingInstance: s.string,
});

/** events.k8s.io/v1: the same stored objects under other field names. */
export const newEvent = topLevel('events.v1.Event', {
  eventTime: s.time,
  series: eventSeries,
  reportingController: s.string,
  reportingInstance: s.string,
  action: s.string,
  reason: s.string,
  regarding: objectReference,
  related: objectReference,
  note: s.string,
  type: s.string,
  deprecatedSource: eventSource,
  deprecatedFirstTimestamp: s.time,
  deprecatedLastTimestamp: s.time,
  deprecatedCount: s.int32,
});

export const endpoints = topLevel('v1.Endpoints', { subsets: s.atomicList(s.any) });

export const endpointSlice = topLevel('v1.EndpointSlice', {
  addressType: s.string,
  endpoints: s.atomicList(
    s.object('v1.Endpoint', {
      addresses: s.atomicList(s.string),
      conditions: s.object('v1.EndpointConditions', {
        ready: s.boolean,
        serving: s.boolean,
        terminating: s.boolean,
      }),
      hostname: s.string,
      targetRef: objectReference,
      deprecatedTopology: s.stringMap,
      nodeName: s.string,
      zone: s.string,
      hints: s.openObject('v1.EndpointHints', {}),
    }),
  ),
  ports: s.atomicList(
    s.object('v1.EndpointPort', {
      name: s.string,
      protocol: s.string,
      port: s.int32,
      appProtocol: s.string,
    }),
  ),
});

export const lease = topLevel('v1.Lease', {
  spec: s.object('v1.LeaseSpec', {
    holderIdentity: s.string,
    leaseDurationSeconds: s.int32,
    acquireTime: s.time,
    renewTime: s.time,
    leaseTransitions: s.int32,
    strategy: s.string,
    preferredHolder: s.string,
  }),
});

const replicaFields = {
  replicas: s.int32,
  minReadySeconds: s.int32,
  selector: labelSelector,
  template: podTemplate,
};

const replicaStatus = s.openObject('v1.ReplicaStatus', { conditions });

export const deployment = topLevel('v1.Deployment', {
  spec: s.openObject('v1.DeploymentSpec', replicaFields),
  status: replicaStatus,
});

export const replicaSet = topLevel('v1.ReplicaSet', {
  spec: s.openObject('v1.ReplicaSetSpec', replicaFields),
  status: replicaStatus,
});
