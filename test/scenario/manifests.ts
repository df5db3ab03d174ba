// Manifests that the scenarios are played with, as objects and as the text that the harness applies.

const prefix = 'alb.ingress.kubernetes.io';

export type IngressOptions = {
  readonly namespace?: string;
  readonly className?: string;
  /** Without the prefix. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
  /** Host, path and Service; a Service may carry its port, `web:80` being the default. */
  readonly rules?: readonly (readonly [host: string, path: string, service: string])[];
};

/** An Ingress in ip mode of class alb. */
export function ingress(
  name: string,
  { namespace = 'shop', className = 'alb', annotations = {}, spec = {}, rules = [] }: IngressOptions,
): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace,
      annotations: Object.fromEntries(
        Object.entries({ 'target-type': 'ip', ...annotations }).map(([key, value]) => [
          key.includes('/') ? key : `${prefix}/${key}`,
          value,
        ]),
      ),
    },
    spec: {
      ingressClassName: className,
      ...(rules.length === 0 ? {} : { rules: rules.map(rule) }),
      ...spec,
    },
  };
}

function rule([host, path, service]: readonly [string, string, string]): object {
  const [name, port = '80'] = service.split(':');
  const number = Number(port);
  const backend = { service: { name, port: Number.isNaN(number) ? { name: port } : { number } } };
  return { ...(host === '' ? {} : { host }), http: { paths: [{ path, pathType: 'Prefix', backend }] } };
}

/** NodePort Services on port 80, each with two pods behind it. */
export function services(namespace: string, ...names: readonly string[]): readonly object[] {
  return names.map((name) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { type: 'NodePort', selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
  }));
}

export const yaml = (...objects: readonly object[]): string =>
  objects.map((object) => JSON.stringify(object)).join('\n---\n');
