// Manifests of the tests against a real cluster, as users write them.

export type App = {
  readonly namespace: string;
  readonly name: string;
  readonly replicas?: number;
  readonly targetType?: 'ip' | 'instance';
  /** Annotations of the Ingress, as YAML flow entries. */
  readonly annotations?: string;
  readonly host?: string;
  /** Condition types of the pods' readiness gates. */
  readonly gates?: readonly string[];
};

/** A namespace with a Deployment, its Service and an Ingress that routes everything to it. */
export const app = (wanted: App): string =>
  `${workload(wanted)}---\n${ingress({ ...wanted, service: wanted.name })}`;

export const workload = ({ namespace, name, replicas = 2, gates = [] }: App): string => `
apiVersion: v1
kind: Namespace
metadata: { name: ${namespace} }
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { type: NodePort, selector: { app: ${name} }, ports: [{ port: 80, targetPort: 8080 }] }
---
${deployment({ namespace, name, replicas, labels: { app: name }, gates })}`;

export const deployment = (wanted: {
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly gates?: readonly string[];
}): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${wanted.name}, namespace: ${wanted.namespace} }
spec:
  replicas: ${wanted.replicas}
  selector: { matchLabels: ${JSON.stringify(wanted.labels)} }
  template:
    metadata: { labels: ${JSON.stringify(wanted.labels)} }
    spec:
      terminationGracePeriodSeconds: 1
      readinessGates: ${JSON.stringify((wanted.gates ?? []).map((conditionType) => ({ conditionType })))}
      containers: [{ name: app, image: app, ports: [{ containerPort: 8080 }] }]
`;

export const ingress = (wanted: App & { readonly service: string; readonly className?: string }): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${wanted.name}
  namespace: ${wanted.namespace}
  annotations:
    alb.ingress.kubernetes.io/scheme: internet-facing
    alb.ingress.kubernetes.io/target-type: ${wanted.targetType ?? 'ip'}
    # kwok gives an address to the next pod at once; AWS takes it back when it has drained.
    alb.ingress.kubernetes.io/target-group-attributes: deregistration_delay.timeout_seconds=1
    ${(wanted.annotations ?? '').trim()}
spec:
  ingressClassName: ${wanted.className ?? 'alb'}
  rules:
    - ${wanted.host === undefined ? '' : `host: ${wanted.host}\n      `}http:
        paths: [{ path: /, pathType: Prefix, backend: { service: { name: ${wanted.service}, port: { number: 80 } } } }]
`;

export const binding = (wanted: {
  readonly namespace: string;
  readonly name: string;
  readonly service: string;
  readonly arn: string;
  readonly multiCluster?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}): string => `
apiVersion: elbv2.k8s.aws/v1beta1
kind: TargetGroupBinding
metadata: { name: ${wanted.name}, namespace: ${wanted.namespace}, labels: ${JSON.stringify(wanted.labels ?? {})} }
spec:
  targetGroupARN: ${wanted.arn}
  serviceRef: { name: ${wanted.service}, port: 80 }
  multiClusterTargetGroup: ${wanted.multiCluster ?? false}
`;
