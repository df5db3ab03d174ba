import type { LoadBalancerStatus } from '../core/domain/cluster.ts';
import { InvariantError } from '../core/domain/invariant-error.ts';
import type { ObjectRef } from '../core/domain/problem.ts';
import { drainedAnnotation, type NodeAnnotation } from '../core/domain/draining.ts';
import type { PodConditionPatch } from '../core/domain/readiness-gate.ts';
import type { Clock } from '../lib/clock.ts';
import { Field } from './decode/field.ts';
import { isClusterKind, objectPath } from './kinds.ts';
import { KubeError } from './kube-error.ts';
import type { KubeTransport } from './transport.ts';

type Options = { readonly signal: AbortSignal };

/**
 * What we write to objects of others: only our own fields, each by the smallest patch that can hit nothing else. With a
 * `uid` in the reference, a new object of the same name is never written to.
 */
export type KubeWriter = {
  /** Sets the load balancers in the status of an Ingress. One that is gone by now is done. @throws KubeError */
  readonly patchStatus: (
    object: ObjectRef,
    loadBalancers: readonly LoadBalancerStatus[],
    options: Options,
  ) => Promise<void>;
  /** Says on a Node since now that it has drained, or takes that back. One that is gone is done. @throws KubeError */
  readonly annotateNode: (annotation: NodeAnnotation, options: Options) => Promise<void>;
  /** Sets one condition of a Pod. One that is gone by now, or another one of its name, is done. @throws KubeError */
  readonly patchPodCondition: (patch: PodConditionPatch, options: Options) => Promise<void>;
  /** Adds a finalizer unless it is there. @throws KubeError; `notFound` when the object is gone. */
  readonly addFinalizer: (object: ObjectRef, finalizer: string, options: Options) => Promise<void>;
  /** Removes a finalizer. One that is gone by now, or its object, is done. @throws KubeError */
  readonly removeFinalizer: (object: ObjectRef, finalizer: string, options: Options) => Promise<void>;
  /** Sets what generation of the object was last brought about. One that is gone by now is done. @throws KubeError */
  readonly patchObservedGeneration: (
    object: ObjectRef,
    generation: number,
    options: Options,
  ) => Promise<void>;
  /** Sets the condition Ready=False for a cleanup that failed (albc-behaviour §7.1). One that is gone is done. @throws KubeError */
  readonly patchFailedCleanup: (object: ObjectRef, message: string, options: Options) => Promise<void>;
  /**
   * Removes a finalizer and then the object itself, if it is still the one of the reference. Whoever waits for the
   * finalizer finds it gone before the object is. One that is gone by now is done. @throws KubeError
   */
  readonly discard: (object: ObjectRef, finalizer: string, options: Options) => Promise<void>;
  /** Sets annotations; undefined removes one. @throws KubeError */
  readonly annotate: (
    object: ObjectRef,
    annotations: Readonly<Record<string, string | undefined>>,
    options: Options,
  ) => Promise<void>;
};

/** How often a finalizer is tried again when somebody else writes to the same object in between. */
const attempts = 5;

export function kubeWriter(transport: KubeTransport, clock: Pick<Clock, 'now'>): KubeWriter {
  const mergePatch = async (
    object: ObjectRef,
    what: {
      readonly patch: object;
      readonly operation: string;
      readonly subresource?: 'status';
      readonly strategic?: true;
    },
    { signal }: Options,
  ): Promise<void> => {
    await transport.call({
      method: 'PATCH',
      path: pathOf(object, what.subresource),
      contentType:
        what.strategic === true ? 'application/strategic-merge-patch+json' : 'application/merge-patch+json',
      body: what.patch,
      operation: what.operation,
      signal,
    });
  };

  const read = async (object: ObjectRef, signal: AbortSignal): Promise<Present> => {
    const operation = `read ${textOf(object)}`;
    const raw = await transport.call({ method: 'GET', path: pathOf(object), operation, signal });
    const metadata = new Field(raw).at('metadata');
    const conditions = new Field(raw)
      .at('status')
      .at('conditions')
      .list((item) => ({
        name: `${item.at('type').textOr('')} ${item.at('status').textOr('')}`,
        since: item.at('lastTransitionTime').optionalText(),
      }));
    return {
      uid: metadata.at('uid').textOr(''),
      resourceVersion: metadata.at('resourceVersion').textOr(''),
      finalizers: metadata.at('finalizers').list((item) => item.text()),
      notReadySince: conditions.find(({ name }) => name === 'Ready False')?.since,
    };
  };

  /** Reads, and patches what was read; again when it is no longer what was read. */
  const changeFinalizers = async (
    object: ObjectRef,
    what: { readonly operation: string; readonly change: (present: Present) => readonly JsonPatch[] },
    { signal }: Options,
  ): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      const present = await read(object, signal);
      checkIdentity(object, present, what.operation);
      const patch = what.change(present);
      if (patch.length === 0) return;
      try {
        await transport.call({
          method: 'PATCH',
          path: pathOf(object),
          contentType: 'application/json-patch+json',
          body: [{ op: 'test', path: '/metadata/uid', value: present.uid }, ...patch],
          operation: what.operation,
          signal,
        });
        return;
      } catch (error) {
        if (attempt >= attempts || !changedMeanwhile(error)) throw error;
      }
    }
  };

  const removeFinalizer: KubeWriter['removeFinalizer'] = (object, finalizer, options) =>
    goneIsDone(
      changeFinalizers(
        object,
        {
          operation: `remove the finalizer ${finalizer} from ${textOf(object)}`,
          change: ({ finalizers }) => removal(finalizers, finalizer),
        },
        options,
      ),
    );

  return {
    patchStatus: (object, loadBalancers, options) => {
      const ingress = loadBalancers.map(({ hostname, ports }) => ({
        hostname,
        ports: ports.map((port) => ({ port, protocol: 'TCP' })),
      }));
      return goneIsDone(
        mergePatch(
          object,
          {
            patch: { metadata: uidOf(object), status: { loadBalancer: { ingress } } },
            operation: `patch the status of ${textOf(object)}`,
            subresource: 'status',
          },
          options,
        ),
      );
    },
    annotateNode: ({ node, drained }, options) => {
      const { namespace, name, uid } = node.meta;
      const object = { apiVersion: 'v1', kind: 'Node', namespace, name, uid };
      const annotations = withNulls({ [drainedAnnotation]: drained ? timeOf(clock) : undefined });
      const operation = `annotate ${textOf(object)}`;
      const patch = { metadata: { ...uidOf(object), annotations } };
      return goneIsDone(mergePatch(object, { patch, operation }, options));
    },
    // A strategic merge finds the condition in the list by its type, so that the kubelet's own are never touched.
    patchPodCondition: ({ pod, condition, changesStatus }, options) => {
      const lastTransitionTime = timeOf(clock);
      const conditions = [{ ...condition, ...(changesStatus && { lastTransitionTime }) }];
      return goneIsDone(
        mergePatch(
          pod,
          {
            patch: { metadata: uidOf(pod), status: { conditions } },
            operation: `patch the condition ${condition.type} of ${textOf(pod)}`,
            subresource: 'status',
            strategic: true,
          },
          options,
        ),
      );
    },
    addFinalizer: (object, finalizer, options) =>
      changeFinalizers(
        object,
        {
          operation: `add the finalizer ${finalizer} to ${textOf(object)}`,
          change: (present) => addition(present, finalizer),
        },
        options,
      ),
    removeFinalizer,
    patchObservedGeneration: (object, observedGeneration, options) =>
      goneIsDone(
        mergePatch(
          object,
          {
            patch: { metadata: uidOf(object), status: { observedGeneration } },
            operation: `patch the status of ${textOf(object)}`,
            subresource: 'status',
          },
          options,
        ),
      ),
    patchFailedCleanup: (object, message, options) => {
      const patched = async (): Promise<void> => {
        const { notReadySince } = await read(object, options.signal);
        const lastTransitionTime = notReadySince ?? timeOf(clock);
        const failed = { type: 'Ready', status: 'False', reason: 'FailedCleanup', message };
        const conditions = [{ ...failed, lastTransitionTime }];
        const patch = { metadata: uidOf(object), status: { conditions } };
        const operation = `patch the status of ${textOf(object)}`;
        await mergePatch(object, { patch, operation, subresource: 'status' }, options);
      };
      return goneIsDone(patched());
    },
    discard: async (object, finalizer, options) => {
      await removeFinalizer(object, finalizer, options);
      await goneIsDone(
        transport
          .call({
            method: 'DELETE',
            path: pathOf(object),
            body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: uidOf(object) },
            operation: `delete ${textOf(object)}`,
            signal: options.signal,
          })
          .then(() => undefined),
      );
    },
    annotate: (object, annotations, options) =>
      mergePatch(
        object,
        {
          patch: { metadata: { ...uidOf(object), annotations: withNulls(annotations) } },
          operation: `annotate ${textOf(object)}`,
        },
        options,
      ),
  };
}

/** RFC 3339 without fractions, as Kubernetes writes times. */
function timeOf(clock: Pick<Clock, 'now'>): string {
  return new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
}

type Present = {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly finalizers: readonly string[];
  /** Of the condition Ready, where it is False. */
  readonly notReadySince: string | undefined;
};

type JsonPatch =
  | { readonly op: 'test' | 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

const path = '/metadata/finalizers';

function addition({ finalizers, resourceVersion }: Present, finalizer: string): readonly JsonPatch[] {
  if (finalizers.includes(finalizer)) return [];
  if (finalizers.length > 0) {
    return [
      { op: 'test', path, value: finalizers },
      { op: 'add', path: `${path}/-`, value: finalizer },
    ];
  }
  // There is no list to test, and `add` would replace one that came meanwhile: the resource version stands for it.
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path, value: [finalizer] },
  ];
}

function removal(finalizers: readonly string[], finalizer: string): readonly JsonPatch[] {
  const at = finalizers.indexOf(finalizer);
  if (at < 0) return [];
  return [
    { op: 'test', path: `${path}/${at}`, value: finalizer },
    { op: 'remove', path: `${path}/${at}` },
  ];
}

/** A failed `test` is a 422 to the API server, a lost race inside it a 409. */
function changedMeanwhile(error: unknown): boolean {
  return error instanceof KubeError && (error.kind === 'conflict' || error.status === 422);
}

function checkIdentity(object: ObjectRef, { uid }: Present, operation: string): void {
  if (object.uid === undefined || object.uid === '' || object.uid === uid) return;
  const message = 'it was deleted and made anew meanwhile';
  throw new KubeError({ kind: 'notFound', operation, message, reason: 'UidChanged' });
}

async function goneIsDone(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof KubeError) || !isGone(error)) throw error;
  }
}

/** A uid in a patch that is not the object's: refused as a change of an immutable field, or as a failed precondition. */
function isGone({ kind, message }: KubeError): boolean {
  const otherUid = message.includes('metadata.uid') || message.includes('UID in precondition');
  return kind === 'notFound' || ((kind === 'invalid' || kind === 'conflict') && otherUid);
}

function uidOf({ uid }: ObjectRef): { readonly uid?: string } {
  return uid === undefined || uid === '' ? {} : { uid };
}

function withNulls(
  values: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | null>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value ?? null]));
}

function pathOf(object: ObjectRef, subresource?: 'status'): string {
  if (!isClusterKind(object.kind)) throw new InvariantError('no path is known for this kind', { ...object });
  return objectPath(object.kind, object, subresource);
}

/** `Ingress shop/web`. */
export function textOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
}
