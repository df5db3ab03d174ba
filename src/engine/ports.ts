// What the loop needs of the world. kube/ and aws/ implement these shapes without knowing this file; main.ts joins them.

import type { Facts, FactsQuery } from '../core/domain/facts.ts';
import type {
  NamespacedName,
  CertificateArn,
  GroupKey,
  LoadBalancerArn,
  SecurityGroupId,
  TargetGroupArn,
} from '../core/domain/ids.ts';
import type { NetworkQuery, ObservedNetwork } from '../core/domain/network.ts';
import type { ObservedCertificate, ObservedGroup } from '../core/domain/observed-group.ts';
import type { Handlers } from '../core/domain/operation.ts';
import type { Refusal } from '../core/domain/outcome.ts';
import type { NodeAnnotation, PodEnding } from '../core/domain/draining.ts';
import type { PodConditionPatch } from '../core/domain/readiness-gate.ts';
import type { ClusterChange, Snapshot } from '../core/domain/snapshot.ts';
import type { ObservedTarget } from '../core/domain/target.ts';
import type { ReportEvent } from '../core/report/events.ts';
import type { FinalizerChange } from '../core/report/finalizers.ts';
import type { PlanAnnotation } from '../core/report/plan-annotations.ts';
import type { StatusPatch } from '../core/report/status.ts';

export type Options = { readonly signal: AbortSignal };

/** What carries one group's tags. */
export type GroupResources = {
  readonly loadBalancerArns: readonly LoadBalancerArn[];
  readonly targetGroupArns: readonly TargetGroupArn[];
  readonly securityGroupIds: readonly SecurityGroupId[];
  readonly certificateArns: readonly CertificateArn[];
};
export type Inventory = ReadonlyMap<GroupKey, GroupResources>;

/** How much of a group is read: attributes and certificates cost a call for each resource. */
export type ObservationDepth = {
  readonly loadBalancerAttributes: boolean;
  readonly capacityReservation: boolean;
  readonly webAcl: boolean;
  readonly classicWebAcl: boolean;
  readonly shieldProtection: boolean;
  readonly listenerAttributes: boolean;
  /** AWS names of the target groups whose attributes are read. */
  readonly targetGroupAttributes: ReadonlySet<string>;
  readonly listenerCertificates: boolean;
};

/** Reads reject with an error that `refusalOf` understands, or with the signal's reason. */
export type AwsPort = {
  readonly inventory: (options: Options) => Promise<Inventory>;
  readonly observeGroup: (
    key: GroupKey,
    resources: GroupResources,
    depth: ObservationDepth,
    options: Options,
  ) => Promise<ObservedGroup>;
  /** The same certificates as they are now, but for their tags. */
  readonly presentCertificates: (
    known: readonly ObservedCertificate[],
    options: Options,
  ) => Promise<readonly ObservedCertificate[]>;
  readonly observeTargets: (arn: TargetGroupArn, options: Options) => Promise<readonly ObservedTarget[]>;
  readonly facts: (query: FactsQuery, options: Options) => Promise<Facts>;
  /** `before`: what is known already; the answer has that too. */
  readonly observeNetwork: (
    query: NetworkQuery,
    options: Options & { readonly before?: ObservedNetwork | undefined },
  ) => Promise<ObservedNetwork>;
  readonly handlers: Handlers;
  /** What an error of these functions says in AWS's terms; undefined: not AWS's doing. */
  readonly refusalOf: (error: unknown) => Refusal | undefined;
};

export type ClusterPort = {
  readonly snapshot: () => Snapshot;
  /** Calls back for every change, when `snapshot()` already shows it; returns what ends that. */
  readonly onChange: (listener: (change: ClusterChange) => void) => () => void;
  /** How a pod ends; undefined when it is gone. */
  readonly podEnding: (pod: NamespacedName, options: Options) => Promise<PodEnding | undefined>;
};

/** Each resolves when it is done, or when the object is gone; rejects when it may help to come back (see WriteFailed). */
export type WritePort = {
  readonly addFinalizer: (change: FinalizerChange, options: Options) => Promise<void>;
  readonly removeFinalizer: (change: FinalizerChange, options: Options) => Promise<void>;
  readonly patchStatus: (patch: StatusPatch, options: Options) => Promise<void>;
  readonly annotatePlan: (annotation: PlanAnnotation, options: Options) => Promise<void>;
  readonly annotateNode: (annotation: NodeAnnotation, options: Options) => Promise<void>;
  readonly patchPodCondition: (patch: PodConditionPatch, options: Options) => Promise<void>;
  readonly recordEvent: (event: ReportEvent, options: Options) => Promise<void>;
};

/** Kubernetes did not take a write: no bug, and worth a retry. What a WritePort rejects with becomes its cause. */
export class WriteFailed extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'WriteFailed';
  }
}

/** Waits for a write; its rejection becomes a WriteFailed. */
export async function written(what: string, write: Promise<void>): Promise<void> {
  try {
    await write;
  } catch (error) {
    throw new WriteFailed(what, error);
  }
}
