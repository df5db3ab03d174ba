// The objects that the measurements are made with.

export type IngressOptions = {
  readonly name: string;
  readonly rules: readonly { readonly host: string; readonly paths: Readonly<Record<string, string>> }[];
  readonly targetType?: 'ip' | 'instance';
  readonly group?: string;
  readonly annotations?: Readonly<Record<string, string>>;
};

const prefix = 'alb.ingress.kubernetes.io';

export function ingress({ name, rules, targetType = 'ip', group, annotations = {} }: IngressOptions): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      namespace: 'bench',
      name,
      annotations: {
        [`${prefix}/target-type`]: targetType,
        ...(group && { [`${prefix}/group.name`]: group }),
        ...annotations,
      },
    },
    spec: {
      ingressClassName: 'alb',
      rules: rules.map(({ host, paths }) => ({
        host,
        http: {
          paths: Object.entries(paths).map(([path, service]) => ({
            path,
            pathType: 'Prefix',
            backend: { service: { name: service, port: { number: 80 } } },
          })),
        },
      })),
    },
  };
}

export function service(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'bench', name },
    spec: { type: 'NodePort', selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
  };
}

export const ingressClass = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'alb' },
  spec: { controller: 'albatross.dev/alb' },
};

/** A Service whose endpoints are given by `endpointSlice`. */
export function selectorless(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'bench', name },
    spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  };
}

export function endpointSlice(service: string, addresses: readonly string[]): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: 'bench',
      name: `${service}-1`,
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: addresses.map((address) => ({
      addresses: [address],
      conditions: { ready: true, serving: true, terminating: false },
      targetRef: { kind: 'Pod', namespace: 'bench', name: `pod-${address}`, uid: address },
    })),
  };
}
