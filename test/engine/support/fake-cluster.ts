// A cluster in memory: objects are put and taken, listeners hear of it, and what the engine writes changes the objects.

import type {
  ClusterKind,
  ClusterObject,
  Ingress,
  TargetGroupBinding,
} from '../../../src/core/domain/cluster.ts';
import { drainedAnnotation, type PodEnding } from '../../../src/core/domain/draining.ts';
import { namespacedName } from '../../../src/core/domain/ids.ts';
import type { ObjectRef } from '../../../src/core/domain/problem.ts';
import { type ClusterChange, type Snapshot, snapshotOf } from '../../../src/core/domain/snapshot.ts';
import type { ReportEvent } from '../../../src/core/report/events.ts';
import type { ClusterPort, WritePort } from '../../../src/engine/ports.ts';

const keyOf = ({ kind, meta }: ClusterObject): string =>
  `${kind} ${namespacedName(meta.namespace, meta.name)}`;

export class FakeCluster {
  readonly #objects = new Map<string, ClusterObject>();
  readonly #listeners = new Set<(change: ClusterChange) => void>();
  complete: ReadonlySet<ClusterKind> | undefined;
  /** Of every pod. */
  podEnding: PodEnding | undefined;
  readonly events: ReportEvent[] = [];
  /** Own targets in target groups that clusters share, by `namespace/binding`. */
  readonly lists = new Map<string, ReadonlySet<string>>();
  /** `namespace/binding: why`, as its status was told. */
  readonly failedCleanups: string[] = [];
  /** Rejects every write with this. */
  refuses: Error | undefined;

  /** Adds or replaces objects. */
  put(...objects: readonly ClusterObject[]): void {
    for (const object of objects) this.#change(this.#objects.get(keyOf(object)), object);
  }

  take(kind: ClusterKind, id: string): void {
    const before = this.#objects.get(`${kind} ${id}`);
    if (before !== undefined) this.#change(before, undefined);
  }

  /** As `kubectl delete`: at once without finalizers, otherwise when the last one is gone. */
  delete(id: string, kind: ClusterKind = 'Ingress'): void {
    const object = this.#objects.get(`${kind} ${id}`);
    if (object === undefined) throw new Error(`there is no ${kind} ${id}`);
    if (object.meta.finalizers.length === 0) this.take(kind, id);
    else this.put({ ...object, meta: { ...object.meta, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  }

  binding(id: string): TargetGroupBinding | undefined {
    const found = this.#objects.get(`TargetGroupBinding ${id}`);
    return found?.kind === 'TargetGroupBinding' ? found : undefined;
  }

  ingress(id: string): Ingress {
    const found = this.#objects.get(`Ingress ${id}`);
    if (found?.kind !== 'Ingress') throw new Error(`there is no Ingress ${id}`);
    return found;
  }

  has(id: string): boolean {
    return this.#objects.has(`Ingress ${id}`);
  }

  snapshot(): Snapshot {
    return snapshotOf(this.#objects.values(), this.complete);
  }

  /** `Ingress web/site: SuccessfullyReconciled`, since the last time this was asked. */
  told(): readonly string[] {
    return this.events.splice(0).map(({ object, reason }) => `${object.namespace}/${object.name}: ${reason}`);
  }

  port(): ClusterPort {
    return {
      snapshot: () => this.snapshot(),
      onChange: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      podEnding: async () => this.podEnding,
    };
  }

  writePort(): WritePort {
    const withFinalizers = (
      ref: ObjectRef,
      change: (finalizers: readonly string[]) => readonly string[],
    ): void => {
      const object = this.#objects.get(`${ref.kind} ${namespacedName(ref.namespace, ref.name)}`);
      if (object === undefined) return;
      const finalizers = change(object.meta.finalizers);
      if (finalizers.length === 0 && object.meta.deletionTimestamp !== undefined)
        this.#change(object, undefined);
      else this.put({ ...object, meta: { ...object.meta, finalizers } });
    };
    const allowed = (): void => {
      if (this.refuses !== undefined) throw this.refuses;
    };
    return {
      addFinalizer: async (object, finalizer) => {
        allowed();
        withFinalizers(object, (finalizers) => [...finalizers, finalizer]);
      },
      removeFinalizer: async (object, finalizer) => {
        allowed();
        withFinalizers(object, (finalizers) => finalizers.filter((each) => each !== finalizer));
      },
      patchStatus: async ({ object, loadBalancers }) => {
        allowed();
        const id = namespacedName(object.namespace, object.name);
        this.put({ ...this.ingress(id), status: loadBalancers });
      },
      annotate: async ({ object, key, text }) => {
        allowed();
        const ingress = this.ingress(namespacedName(object.namespace, object.name));
        const { [key]: _before, ...others } = ingress.meta.annotations;
        const annotations = text === undefined ? others : { ...others, [key]: text };
        this.put({ ...ingress, meta: { ...ingress.meta, annotations } });
      },
      annotateNode: async ({ node, drained }) => {
        allowed();
        const annotations: Record<string, string> = drained ? { [drainedAnnotation]: 'now' } : {};
        this.put({ ...node, meta: { ...node.meta, annotations } });
      },
      patchPodCondition: async ({ pod, condition }) => {
        allowed();
        const found = this.#objects.get(`Pod ${pod.namespace}/${pod.name}`);
        if (found?.kind !== 'Pod' || found.meta.uid !== pod.uid) return;
        const others = found.conditions.filter(({ type }) => type !== condition.type);
        this.put({ ...found, conditions: [...others, condition] });
      },
      patchObservedGeneration: async (object, observedGeneration) => {
        allowed();
        const binding = this.binding(namespacedName(object.namespace, object.name));
        if (binding !== undefined) this.put({ ...binding, observedGeneration });
      },
      patchFailedCleanup: async (object, message) => {
        allowed();
        this.failedCleanups.push(`${object.namespace}/${object.name}: ${message}`);
      },
      dropCheckpoint: async (object) => {
        allowed();
        const binding = this.binding(namespacedName(object.namespace, object.name));
        if (binding !== undefined) this.put({ ...binding, meta: { ...binding.meta, annotations: {} } });
      },
      discard: async (object, finalizer) => {
        allowed();
        withFinalizers(object, (finalizers) => finalizers.filter((each) => each !== finalizer));
        this.take('TargetGroupBinding', namespacedName(object.namespace, object.name));
      },
      ownTargets: async ({ namespace, binding }) => this.lists.get(`${namespace}/${binding}`) ?? new Set(),
      storeOwnTargets: async ({ namespace, binding }, targets) => {
        allowed();
        this.lists.set(`${namespace}/${binding}`, targets);
      },
      dropOwnTargets: async ({ namespace, binding }) => {
        this.lists.delete(`${namespace}/${binding}`);
      },
      recordEvent: async (event) => {
        this.events.push(event);
      },
    };
  }

  #change(before: ClusterObject | undefined, after: ClusterObject | undefined): void {
    const object = after ?? before;
    if (object === undefined) return;
    if (after === undefined) this.#objects.delete(keyOf(object));
    else this.#objects.set(keyOf(object), after);
    for (const listener of this.#listeners) listener({ kind: object.kind, before, after });
  }
}
