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
