// Which webhook answers at which path (albc-behaviour §9.7), and what it needs of the world.

import type { Ingress, IngressClass } from '../core/domain/cluster.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import type { Clock } from '../lib/clock.ts';
import { allowed } from './admission.ts';
import { readBinding, type WrittenBinding } from './binding.ts';
import { completeBinding } from './complete-binding.ts';
import { judgeIngress, missingClass, withClass } from './ingress.ts';
import { judgeIngressClassParams } from './ingress-class-params.ts';
import { judgeChange, judgeNew } from './judge-binding.ts';
import { type LookUp, lookUpWith, type ReadTargetGroup } from './look-up.ts';
import { gatedPod } from './pod.ts';
import type { Webhook } from './server.ts';
import { gateFinder } from './wanted-gates.ts';

type Options = { readonly signal: AbortSignal };

/** The cluster as the webhooks see it; kube/ implements it, main.ts joins them. */
export type WebhookCluster = {
  readonly snapshot: () => Snapshot;
  /** Undefined for an Ingress that cannot be decoded, which the controller reports on the object. */
  readonly decodeIngress: (raw: unknown) => Ingress | undefined;
  /** Asks the API server: a class made a moment ago is not in the snapshot yet. */
  readonly readClass: (name: string, options: Options) => Promise<IngressClass | undefined>;
  /** Asks the API server for every TargetGroupBinding, as stored; none where the kind is not known. */
  readonly listBindings: (options: Options) => Promise<readonly unknown[]>;
};

export type WebhookWorld = {
  readonly cluster: WebhookCluster;
  readonly readTargetGroup: ReadTargetGroup;
  readonly clock: Clock;
  readonly config: CoreConfig;
  readonly forbidden: { readonly classAnnotation: boolean; readonly groupName: boolean };
  /** `--enable-pod-readiness-gate-inject` */
  readonly injectsGates: boolean;
};

/** Every webhook by its path. */
export function webhooks(world: WebhookWorld): Readonly<Record<string, Webhook>> {
  const lookUp = lookUpWith(world.readTargetGroup, world.clock);
  return {
    '/validate-networking-v1-ingress': validatingIngress(world),
    '/validate-elbv2-k8s-aws-v1beta1-ingressclassparams': {
      kind: 'validating',
      judge: async ({ object }) => judgeIngressClassParams(object),
    },
    '/mutate-elbv2-k8s-aws-v1beta1-targetgroupbinding': mutatingBinding(lookUp),
    '/validate-elbv2-k8s-aws-v1beta1-targetgroupbinding': validatingBinding(world, lookUp),
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
  const find = gateFinder(config);
  return {
    kind: 'mutating',
    judge: async ({ operation, object, namespace }) => {
      if (!injectsGates || operation !== 'CREATE') return allowed;
      return gatedPod(object, namespace, (pod) => find(pod, cluster.snapshot()));
    },
  };
}

function mutatingBinding(lookUp: LookUp): Webhook {
  return {
    kind: 'mutating',
    judge: async ({ operation, object, namespace }, options) => {
      const binding = readBinding(object, namespace);
      if (operation !== 'CREATE' || binding === undefined) return allowed;
      return completeBinding(binding, (spec) => lookUp(spec, options));
    },
  };
}

function validatingBinding({ cluster, config }: WebhookWorld, lookUp: LookUp): Webhook {
  return {
    kind: 'validating',
    judge: async ({ object, oldObject, namespace }, options) => {
      const binding = readBinding(object, namespace);
      if (binding === undefined) return allowed;
      const bindings = (await cluster.listBindings(options)).flatMap((raw) => readBinding(raw) ?? []);
      const world = { bindings, vpcId: config.vpcId };
      const before: WrittenBinding | undefined = readBinding(oldObject, namespace);
      return before === undefined
        ? judgeNew(binding, world, (spec) => lookUp(spec, options))
        : judgeChange(binding, before.spec, world);
    },
  };
}
