import { expired } from './api-error.ts';
import type { KubeObject } from './object.ts';
import { withMeta } from './object.ts';

/** One change as watches see it; `previous` lets a watch with a selector notice objects that stop matching. */
export type StoreEvent = {
  readonly revision: number;
  readonly storage: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
};

export type Listener = (event: StoreEvent) => void;

/**
 * Objects, one global revision counter, and the recent history: what etcd and the watch cache are to the API server.
 * It knows nothing about kinds; validation and defaulting happen before, HTTP after. Objects are never changed in place.
 */
export class Store {
  #revision = 1;
  #compacted = 0;
  #history: StoreEvent[] = [];
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  /** Sorted keys of a storage, kept until its set of keys changes. */
  readonly #keys = new Map<string, readonly string[]>();
  readonly #listeners = new Set<Listener>();
  readonly #historyLimit: number;

  /** `historyLimit`: how many changes a watch can lie behind before it gets 410 Gone. */
  constructor(historyLimit: number) {
    this.#historyLimit = historyLimit;
  }

  get revision(): number {
    return this.#revision;
  }

  get(storage: string, key: string): KubeObject | undefined {
    return this.#objects.get(storage)?.get(key);
  }

  /** All objects of a storage, or of one namespace of it, in the order of their keys, as etcd gives them. */
  list(storage: string, namespace?: string): readonly KubeObject[] {
    const objects = this.#of(storage);
    let keys = this.#keys.get(storage);
    if (!keys) {
      keys = [...objects.keys()].toSorted();
      this.#keys.set(storage, keys);
    }
    return pick(objects, keys, namespace);
  }

  /** The same as it was at an earlier revision; 410 when that is no longer known. */
  listAt(storage: string, revision: number, namespace?: string): readonly KubeObject[] {
    if (revision >= this.#revision) return this.list(storage, namespace);
    const objects = new Map(this.#objects.get(storage));
    for (const event of this.since(revision).toReversed()) {
      if (event.storage !== storage) continue;
      const key = keyOf(event.object);
      if (event.previous) objects.set(key, event.previous);
      else objects.delete(key);
    }
    return pick(objects, [...objects.keys()].toSorted(), namespace);
  }

  /** The changes after a revision, oldest first; throws 410 when some of them are forgotten. */
  since(revision: number): readonly StoreEvent[] {
    if (revision < this.#compacted) {
      throw expired(`too old resource version: ${revision} (${this.#compacted + 1})`);
    }
    let first = this.#history.length;
    while (first > 0 && (this.#history[first - 1]?.revision ?? 0) > revision) first--;
    return this.#history.slice(first);
  }

  /** Stores an object under a new revision and tells the watches. */
  put(storage: string, object: KubeObject): KubeObject {
    const objects = this.#of(storage);
    const previous = objects.get(keyOf(object));
    const stored = withMeta(object, { resourceVersion: String(++this.#revision) });
    objects.set(keyOf(stored), stored);
    const type = previous ? 'MODIFIED' : 'ADDED';
    if (!previous) this.#keys.delete(storage);
    this.#record({ revision: this.#revision, storage, type, object: stored, previous });
    return stored;
  }

  /** Removes an object; the deletion has a revision of its own, which the watch event carries. */
  delete(storage: string, object: KubeObject): KubeObject {
    const previous = this.#of(storage).get(keyOf(object));
    this.#of(storage).delete(keyOf(object));
    this.#keys.delete(storage);
    const last = withMeta(object, { resourceVersion: String(++this.#revision) });
    this.#record({ revision: this.#revision, storage, type: 'DELETED', object: last, previous });
    return last;
  }

  /** Forgets the history, so that every watch and every list in mid-paging gets 410 Gone. */
  compact(): void {
    this.#compacted = this.#revision;
    this.#history = [];
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #of(storage: string): Map<string, KubeObject> {
    let objects = this.#objects.get(storage);
    if (!objects) {
      objects = new Map();
      this.#objects.set(storage, objects);
    }
    return objects;
  }

  #record(event: StoreEvent): void {
    this.#history.push(event);
    // Trimmed in bulk: shifting a long array at every write would cost more than the write.
    if (this.#history.length > this.#historyLimit * 2) {
      this.#compacted =
        this.#history[this.#history.length - this.#historyLimit - 1]?.revision ?? this.#compacted;
      this.#history = this.#history.slice(-this.#historyLimit);
    }
    for (const listener of this.#listeners) listener(event);
  }
}

export function keyOf(object: KubeObject): string {
  return storeKey(object.metadata.namespace ?? '', object.metadata.name);
}

export function storeKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function pick(
  objects: ReadonlyMap<string, KubeObject>,
  keys: readonly string[],
  namespace: string | undefined,
): readonly KubeObject[] {
  const wanted = namespace === undefined ? keys : keys.filter((key) => key.startsWith(`${namespace}/`));
  return wanted.flatMap((key) => objects.get(key) ?? []);
}
