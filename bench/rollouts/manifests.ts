import type { Settings } from './settings.ts';

export type App = {
  readonly name: string;
  readonly targetType: 'ip' | 'instance';
  readonly gate?: string;
};

export const replicas = 4;

/** As a careful user writes it: never fewer pods than wanted, a `preStop` sleep that covers deregistration, a budget. */
export const appManifests = ({ name, targetType, gate }: App, settings: Settings): string => `
apiVersion: v1
kind: Namespace
metadata: { name: ${name} }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: ${name} }
spec: { type: NodePort, selector: { app: web }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web, namespace: ${name} }
spec: { maxUnavailable: 1, selector: { matchLabels: { app: web } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: ${name} }
spec:
  replicas: ${replicas}
  minReadySeconds: ${gate === undefined ? settings.minReadySeconds : 0}
  strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } }
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      labels: { app: web }
      annotations:
        test.albatross.dev/ready-after: ${settings.podReadyAfterSeconds}s
        test.albatross.dev/terminate-after: ${settings.preStopSeconds}s
    spec:
      terminationGracePeriodSeconds: ${settings.preStopSeconds + 5}
      readinessGates: ${JSON.stringify(gate === undefined ? [] : [{ conditionType: gate }])}
      containers: [{ name: web, image: web, ports: [{ containerPort: 8080 }, { containerPort: 9090 }] }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: ${name}
  annotations:
    alb.ingress.kubernetes.io/scheme: internet-facing
    alb.ingress.kubernetes.io/target-type: ${targetType}
    alb.ingress.kubernetes.io/healthcheck-interval-seconds: "5"
    alb.ingress.kubernetes.io/healthcheck-timeout-seconds: "2"
    alb.ingress.kubernetes.io/target-group-attributes: deregistration_delay.timeout_seconds=${settings.deregistrationDelaySeconds}
spec:
  ingressClassName: alb
  rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] } }]
`;
