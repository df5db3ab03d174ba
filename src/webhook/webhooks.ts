// Which webhook answers at which path (albc-behaviour §9.7), and what it needs of the world.

import type { Ingress, IngressClass } from '../core/domain/cluster.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { allowed } from './admission.ts';
import { judgeIngress, missingClass, withClass } from './ingress.ts';
import { judgeIngressClassParams } from './ingress-class-params.ts';
import { gatedPod } from './pod.ts';
import type { Webhook } from './server.ts';
import { wantedGates } from './wanted-gates.ts';

type Options = { readonly signal: AbortSignal };

/** The cluster as the webhooks see it; kube/ implements it, main.ts joins them. */
export type WebhookCluster = {
  readonly snapshot: () => Snapshot;
  /** Undefined for an Ingress that cannot be decoded, which the controller reports on the object. */
  readonly decodeIngress: (raw: unknown) => Ingress | undefined;
  /** Asks the API server: a class made a moment ago is not in the snapshot yet. */
  readonly readClass: (name: string, options: Options) => Promise<IngressClass | undefined>;
};

export type WebhookWorld = {
  readonly cluster: WebhookCluster;
  readonly config: CoreConfig;
  readonly forbidden: { readonly classAnnotation: boolean; readonly groupName: boolean };
  /** `--enable-pod-readiness-gate-inject` */
  readonly injectsGates: boolean;
};

/** Every webhook by its path. */
export function webhooks(world: WebhookWorld): Readonly<Record<string, Webhook>> {
  return {
    '/validate-networking-v1-ingress': validatingIngress(world),
    '/validate-elbv2-k8s-aws-v1beta1-ingressclassparams': {
      kind: 'validating',
      judge: async ({ object }) => judgeIngressClassParams(object),
    },
    '/mutate-v1-pod': mutatingPod(world),
  };
}

function validatingIngress({ cluster, config, forbidden }: WebhookWorld): Webhook {
  return {
    kind: 'validating',
    judge: async ({ object, oldObject }, options) => {
      const ingress = object === undefined ? undefined : cluster.decodeIngress(object);
      if (ingress === undefined) return allowed;
      const before = oldObject === undefined ? undefined : cluster.decodeIngress(oldObject);
      const seen = cluster.snapshot();
      const missing = missingClass(ingress, seen);
      const found = missing === undefined ? undefined : await cluster.readClass(missing, options);
      const snapshot = found === undefined ? seen : withClass(seen, found);
      return judgeIngress({ ingress, before }, { snapshot, config, forbidden });
    },
  };
}

function mutatingPod({ cluster, config, injectsGates }: WebhookWorld): Webhook {
  return {
    kind: 'mutating',
    judge: async ({ operation, object, namespace }) => {
      if (!injectsGates || operation !== 'CREATE') return allowed;
      return gatedPod(object, namespace, (pod) => wantedGates(pod, cluster.snapshot(), config));
    },
  };
}
