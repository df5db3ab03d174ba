import type { Clock } from '../../lib/clock.ts';
import { conflict } from './api-error.ts';
import type { Catalogue } from './catalogue.ts';
import { at, listOf, textOf } from './json.ts';
import type { KubeObject } from './object.ts';
import { timestamp, withMeta } from './object.ts';
import type { Target } from './object-api.ts';
import type { Resource } from './resource.ts';
import type { Store, StoreEvent } from './store.ts';
import { keyOf, storeKey } from './store.ts';

export type DeleteOptions = {
  readonly dryRun: boolean;
  /** Preconditions: refuse with 409 when the object is another one, or has changed. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Leave what the object owns. */
  readonly orphan?: boolean;
};

/** The last state of a deleted object; `gone` is false while finalizers hold it. */
export type Deleted = { readonly object: KubeObject; readonly gone: boolean };

/**
 * Deletion as the API server and two controllers of the controller manager do it together: finalizers, garbage collection of
 * owned objects, and namespaces that take their contents along. The controllers' part happens at once.
 */
export class Deletion {
  readonly #store: Store;
  readonly #catalogue: Catalogue;
  readonly #clock: Clock;
  /** UID of an owner → where the objects are that name it. */
  readonly #owned = new Map<string, Map<string, StoreEvent>>();

  constructor(store: Store, catalogue: Catalogue, clock: Clock) {
    this.#store = store;
    this.#catalogue = catalogue;
    this.#clock = clock;
    store.subscribe((event) => this.#index(event));
  }

  /** Deletes `old`, or marks it as being deleted when finalizers hold it. */
  delete(resource: Resource, old: KubeObject, options: DeleteOptions): Deleted {
    checkPreconditions(resource, old, options);
    if (options.dryRun) return { object: old, gone: !isHeld(old) };
    if (resource.storage === '/namespaces') return this.#deleteNamespace(old);
    if (!isHeld(old)) return { object: this.remove(resource.storage, old, options), gone: true };
    if (old.metadata.deletionTimestamp !== undefined) return { object: old, gone: false };
    const marked = withMeta(this.#terminating(old), { deletionGracePeriodSeconds: 0 });
    return { object: this.#store.put(resource.storage, marked), gone: false };
  }

  /** Takes an object out, whatever holds it, with what it owned alone. */
  remove(storage: string, object: KubeObject, options: Pick<DeleteOptions, 'orphan'> = {}): KubeObject {
    const removed = this.#store.delete(storage, object);
    if (options.orphan !== true) this.#collectGarbage(object.metadata.uid);
    if (object.metadata.namespace) this.#finishNamespace(object.metadata.namespace);
    return removed;
  }

  #index(event: StoreEvent): void {
    const place = `${event.storage} ${keyOf(event.object)}`;
    for (const owner of ownersOf(event.previous)) this.#owned.get(owner)?.delete(place);
    if (event.type === 'DELETED') return;
    for (const owner of ownersOf(event.object)) {
      const owned = this.#owned.get(owner) ?? new Map<string, StoreEvent>();
      this.#owned.set(owner, owned.set(place, event));
    }
  }

  #collectGarbage(owner: string): void {
    const owned = this.#owned.get(owner);
    this.#owned.delete(owner);
    for (const { storage, object } of owned?.values() ?? []) {
      const left = ownersOf(object).some((other) => other !== owner);
      if (!left) this.#deleteAt(storage, keyOf(object));
    }
  }

  #deleteAt(storage: string, key: string): void {
    const object = this.#store.get(storage, key);
    const resource = this.#catalogue.stored().find((each) => each.storage === storage);
    if (object && resource) this.delete(resource, object, { dryRun: false });
  }

  #terminating(object: KubeObject): KubeObject {
    const { generation } = object.metadata;
    return withMeta(object, {
      deletionTimestamp: timestamp(this.#clock.now()),
      generation: generation === undefined ? undefined : generation + 1,
    });
  }

  /** A namespace goes when its last object has gone; what finalizers hold keeps it in phase Terminating. */
  #deleteNamespace(namespace: KubeObject): Deleted {
    const { name, deletionTimestamp } = namespace.metadata;
    const marked =
      deletionTimestamp === undefined
        ? this.#store.put('/namespaces', {
            ...this.#terminating(namespace),
            status: { phase: 'Terminating' },
          })
        : namespace;
    for (const { storage } of this.#catalogue.stored().filter((each) => each.namespaced)) {
      for (const object of this.#store.list(storage, name)) this.#deleteAt(storage, keyOf(object));
    }
    this.#finishNamespace(name);
    return { object: marked, gone: this.#store.get('/namespaces', storeKey('', name)) === undefined };
  }

  #finishNamespace(name: string): void {
    const namespace = this.#store.get('/namespaces', storeKey('', name));
    if (namespace?.metadata.deletionTimestamp === undefined) return;
    const resources = this.#catalogue.stored().filter((each) => each.namespaced);
    const empty = resources.every(({ storage }) => this.#store.list(storage, name).length === 0);
    if (empty) this.#store.delete('/namespaces', namespace);
  }
}

export function isHeld(object: KubeObject): boolean {
  return (object.metadata.finalizers ?? []).length > 0;
}

export function targetOf(resource: Resource, object: KubeObject): Target {
  const { name, namespace = '' } = object.metadata;
  return { resource, namespace, name, subresource: '' };
}

function checkPreconditions(resource: Resource, old: KubeObject, options: DeleteOptions): void {
  const { name, uid, resourceVersion } = old.metadata;
  if (options.uid !== undefined && options.uid !== uid) {
    const why = `the UID in the precondition (${options.uid}) does not match the UID in record (${uid})`;
    throw conflict(resource, name, `${why}. The object might have been deleted and then recreated`);
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    const given = `the ResourceVersion in the precondition (${options.resourceVersion})`;
    const why = `${given} does not match the ResourceVersion in record (${resourceVersion})`;
    throw conflict(resource, name, `${why}. The object might have been modified`);
  }
}

function ownersOf(object: KubeObject | undefined): readonly string[] {
  return listOf(object?.metadata['ownerReferences']).map((owner) => textOf(at(owner, 'uid')));
}
