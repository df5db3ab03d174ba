// The cluster of a run as manifests.

import type { BindingSpec, ClusterEdit, IngressSpec, Scenario } from './scenario.ts';

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

/** `more` are further annotations. */
export const ingressClass = (
  { withParams, preset }: Pick<Scenario, 'withParams' | 'preset'>,
  more: Record<string, string> = {},
): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: className, annotations: { 'albatross.dev/allow-replacement': 'true', ...more } },
  spec: {
    controller: preset === 'albc' ? 'ingress.k8s.aws/alb' : 'albatross.dev/alb',
    ...(withParams
      ? { parameters: { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name: className } }
      : {}),
  },
});

export const params = ({
  idleTimeout,
  groupName,
  tags,
}: Pick<ClusterEdit & { kind: 'params' }, 'idleTimeout' | 'groupName' | 'tags'>): object => ({
  apiVersion: 'elbv2.k8s.aws/v1beta1',
  kind: 'IngressClassParams',
  metadata: { name: className },
  spec: {
    loadBalancerAttributes: [{ key: 'idle_timeout.timeout_seconds', value: String(idleTimeout) }],
    ...(groupName === undefined ? {} : { group: { name: groupName } }),
    ...(tags ? { tags: [{ key: 'team', value: 'web' }] } : {}),
  },
});

/** Addresses that only TargetGroupBindings let in. */
export const bindingCidr = '198.18.0.0/15';

export const binding = ({ name, service: serviceName, networking }: BindingSpec, arn: string): object => ({
  apiVersion: 'elbv2.k8s.aws/v1beta1',
  kind: 'TargetGroupBinding',
  metadata: { namespace, name },
  spec: {
    targetGroupARN: arn,
    targetType: name === 'bound-ip' ? 'ip' : 'instance',
    serviceRef: { name: serviceName, port: 80 },
    ...(networking
      ? {
          networking: {
            ingress: [{ from: [{ ipBlock: { cidr: bindingCidr } }], ports: [{ protocol: 'TCP' }] }],
          },
        }
      : {}),
  },
});

/** Ids that annotations name. */
export type Places = { readonly certificate: string; readonly securityGroup: string };

function annotationsOf(spec: IngressSpec, places: Places): Record<string, string> {
  const { group, order, targetType, https, invalid, certificate, sslRedirect, split, scheme } = spec;
  const { securityGroups, shards, release } = spec;
  const own: Record<string, string | undefined> = {
    'target-type': targetType,
    'healthcheck-interval-seconds': invalid === 'annotation' ? 'soon' : '10',
    'group.name': group,
    'group.order': order === undefined ? undefined : String(order),
    'listen-ports': https ? '[{"HTTP":80},{"HTTPS":443}]' : undefined,
    'certificate-arn': https && certificate ? places.certificate : undefined,
    'ssl-redirect': https && sslRedirect ? '443' : undefined,
    scheme,
    'security-groups': securityGroups === undefined ? undefined : places.securityGroup,
    'manage-backend-security-group-rules': securityGroups === 'kept' ? 'true' : undefined,
    'actions.split': split && forwardTo(['front', 'back'], split),
  };
  return {
    ...present(own, 'alb.ingress.kubernetes.io'),
    ...present({ shards: shards && String(shards), release: release && 'true' }, 'albatross.dev'),
  };
}

const present = (all: Record<string, string | undefined>, prefix: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[`${prefix}/${key}`, value]])),
  );

const forwardTo = (services: readonly string[], weights: readonly number[]): string =>
  JSON.stringify({
    type: 'forward',
    forwardConfig: {
      targetGroups: services.map((serviceName, at) => ({
        serviceName,
        servicePort: 80,
        weight: weights[at],
      })),
    },
  });

/** `more` are further annotations. */
export function ingress(spec: IngressSpec, places: Places, more: Record<string, string> = {}): object {
  const { name, paths, invalid, defaultBackend } = spec;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      namespace,
      name,
      annotations: { ...annotationsOf(spec, places), ...more },
    },
    spec: {
      ingressClassName: className,
      ...(defaultBackend === undefined
        ? {}
        : { defaultBackend: { service: { name: defaultBackend, port: { number: 80 } } } }),
      rules: [
        {
          host: hostOf(name),
          http: {
            paths: paths.map(({ path, pathType, service: backend }, at) => ({
              path: invalid === 'path' && at === 0 ? '/a*b' : path,
              pathType,
              backend: {
                service: {
                  name: backend,
                  port: backend === 'split' ? { name: 'use-annotation' } : { number: 80 },
                },
              },
            })),
          },
        },
      ],
    },
  };
}
