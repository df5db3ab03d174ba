// The cluster of a run as manifests.

import type { IngressSpec } from './scenario.ts';

const namespace = 'web';
export const className = 'alb';
export const zones = ['a', 'b', 'c'] as const;

export const hostOf = (name: string): string => `${name}.example.com`;

/** Pod `number` of the Service at `index`; AWS knows these addresses as those of the node's interface. */
export const podAddress = (index: number, number: number): string =>
  `10.0.${96 + 32 * (number % 3)}.${20 + index * 30 + number}`;

export const nodePort = (index: number): number => 30_080 + index;

export const node = (index: number, instanceId: string, ready: boolean): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: `node-${zones[index]}` },
  spec: { providerID: `aws:///us-west-2${zones[index]}/${instanceId}` },
  status: {
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    addresses: [{ type: 'InternalIP', address: `10.0.${96 + index * 32}.10` }],
  },
});

export const service = (name: string, index: number): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace, name },
  spec: {
    type: 'NodePort',
    selector: { app: name },
    ports: [{ name: 'http', port: 80, targetPort: 8080, nodePort: nodePort(index), protocol: 'TCP' }],
  },
});

export const slice = (name: string, index: number, ready: readonly number[]): object => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace, name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  endpoints: ready.map((number) => ({
    addresses: [podAddress(index, number)],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: `node-${zones[number % 3]}`,
    targetRef: { kind: 'Pod', namespace, name: `${name}-${number}`, uid: `${name}-${number}` },
  })),
});

export const ingressClass = (withParams: boolean): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: className },
  spec: {
    controller: 'albatross.dev/alb',
    ...(withParams
      ? { parameters: { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name: className } }
      : {}),
  },
});

export const params = (idleTimeout: number): object => ({
  apiVersion: 'elbv2.k8s.aws/v1beta1',
  kind: 'IngressClassParams',
  metadata: { name: className },
  spec: {
    loadBalancerAttributes: [{ key: 'idle_timeout.timeout_seconds', value: String(idleTimeout) }],
  },
});

/** `note` is an annotation that means nothing. */
export function ingress(spec: IngressSpec, note?: string): object {
  const { name, group, order, paths, targetType, https, invalid } = spec;
  const annotations: Record<string, string> = {
    'alb.ingress.kubernetes.io/target-type': targetType,
    'alb.ingress.kubernetes.io/healthcheck-interval-seconds': invalid === 'annotation' ? 'soon' : '10',
    ...(group === undefined ? {} : { 'alb.ingress.kubernetes.io/group.name': group }),
    ...(order === undefined ? {} : { 'alb.ingress.kubernetes.io/group.order': String(order) }),
    ...(https ? { 'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP":80},{"HTTPS":443}]' } : {}),
    ...(note === undefined ? {} : { note }),
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace, name, annotations },
    spec: {
      ingressClassName: className,
      rules: [
        {
          host: hostOf(name),
          http: {
            paths: paths.map(({ path, pathType, service: backend }, at) => ({
              path: invalid === 'path' && at === 0 ? '/a*b' : path,
              pathType,
              backend: { service: { name: backend, port: { number: 80 } } },
            })),
          },
        },
      ],
    },
  };
}
