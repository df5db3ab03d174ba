// What the loop needs of the world. kube/ and aws/ implement these shapes without knowing this file; main.ts joins them.

import type { Change, KnownDrift } from '../core/domain/change.ts';
import type { Facts, FactsQuery, TargetGroupFact, TargetGroupQuery } from '../core/domain/facts.ts';
import type { GroupKey, NamespacedName, TargetGroupArn } from '../core/domain/ids.ts';
import type { NetworkQuery, ObservedNetwork } from '../core/domain/network.ts';
import type { GroupResources, Inventory, ObservationDepth } from '../core/domain/observation.ts';
import type { ObservedCertificate, ObservedGroup } from '../core/domain/observed-group.ts';
import type { Handlers } from '../core/domain/operation.ts';
import type { Refusal } from '../core/domain/outcome.ts';
import type { NodeAnnotation, PodEnding } from '../core/domain/draining.ts';
import type { PodConditionPatch } from '../core/domain/readiness-gate.ts';
import type { ClusterChange, Snapshot } from '../core/domain/snapshot.ts';
import type { AssumedRole, ObservedTarget } from '../core/domain/target.ts';
import type { ObjectRef } from '../core/domain/problem.ts';
import type { ReportEvent } from '../core/report/events.ts';
import type { IngressAnnotation } from '../core/report/plan-annotations.ts';
import type { StatusPatch } from '../core/report/status.ts';

export type Options = { readonly signal: AbortSignal };

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
  readonly observeTargets: (
    arn: TargetGroupArn,
    options: Options & { readonly role?: AssumedRole | undefined },
  ) => Promise<readonly ObservedTarget[]>;
  /** Somebody else's target group; undefined: there is none. */
  readonly targetGroup: (query: TargetGroupQuery, options: Options) => Promise<TargetGroupFact | undefined>;
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

/** The list of a cluster's own targets, kept beside the object that asks for them. */
export type TargetList = { readonly namespace: string; readonly binding: string };

/** Each resolves when it is done, or when the object is gone; rejects when it may help to come back (see WriteFailed). */
export type WritePort = {
  readonly addFinalizer: (object: ObjectRef, finalizer: string, options: Options) => Promise<void>;
  readonly removeFinalizer: (object: ObjectRef, finalizer: string, options: Options) => Promise<void>;
  readonly patchStatus: (patch: StatusPatch, options: Options) => Promise<void>;
  readonly annotate: (annotation: IngressAnnotation, options: Options) => Promise<void>;
  readonly annotateNode: (annotation: NodeAnnotation, options: Options) => Promise<void>;
  readonly patchPodCondition: (patch: PodConditionPatch, options: Options) => Promise<void>;
  readonly patchObservedGeneration: (
    object: ObjectRef,
    generation: number,
    options: Options,
  ) => Promise<void>;
  /** Says on a binding that its targets could not be taken out. */
  readonly patchFailedCleanup: (object: ObjectRef, message: string, options: Options) => Promise<void>;
  /** Removes what ALBC remembers on a binding. */
  readonly dropCheckpoint: (object: ObjectRef, options: Options) => Promise<void>;
  /** Deletes an object that ALBC made for itself, without what its finalizer waits for. */
  readonly discard: (object: ObjectRef, finalizer: string, options: Options) => Promise<void>;
  /** Keys of the targets that this cluster has in a target group that it shares; none where there is no list. */
  readonly ownTargets: (list: TargetList, options: Options) => Promise<ReadonlySet<string>>;
  readonly storeOwnTargets: (
    list: TargetList,
    targets: ReadonlySet<string>,
    options: Options,
  ) => Promise<void>;
  readonly dropOwnTargets: (list: TargetList, options: Options) => Promise<void>;
  readonly recordEvent: (event: ReportEvent, options: Options) => Promise<void>;
};

/** What one run of a group found that somebody else changed. */
export type DriftOfRun = {
  readonly repaired: readonly KnownDrift[];
  /** Left alone, or not put back yet. */
  readonly open: readonly KnownDrift[];
  /** The Ingresses of the group. */
  readonly members: readonly ObjectRef[];
};

/** Where what was written and what has drifted is kept for people; nothing depends on it. */
export type ChangePort = {
  readonly wrote: (change: Change) => void;
  readonly drifted: (group: GroupKey, drift: DriftOfRun) => void;
};

/** Kubernetes did not take a write: no bug, and worth a retry. What a WritePort rejects with becomes its cause. */
export class WriteFailed extends Error {
  readonly what: string;
  constructor(what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'WriteFailed';
    this.what = what;
  }
}

/** Waits for a write, or a read that one rests on; its rejection becomes a WriteFailed. */
export async function written<T>(what: string, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    throw new WriteFailed(what, error);
  }
}
