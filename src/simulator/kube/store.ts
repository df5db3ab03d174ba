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
  /** The keys of a storage in order, kept so at every change: sorting 10,000 of them at each list would be felt. */
  readonly #keys = new Map<string, string[]>();
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
    return pick(this.#of(storage), this.#keysOf(storage), namespace);
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
    if (!previous) {
      const keys = this.#keysOf(storage);
      keys.splice(placeOf(keys, keyOf(object)), 0, keyOf(object));
    }
    this.#record({ revision: this.#revision, storage, type, object: stored, previous });
    return stored;
  }

  /** Removes an object; the deletion has a revision of its own, which the watch event carries. */
  delete(storage: string, object: KubeObject): KubeObject {
    const previous = this.#of(storage).get(keyOf(object));
    this.#of(storage).delete(keyOf(object));
    const keys = this.#keysOf(storage);
    if (previous) keys.splice(placeOf(keys, keyOf(object)), 1);
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

  #keysOf(storage: string): string[] {
    let keys = this.#keys.get(storage);
    if (!keys) {
      keys = [];
      this.#keys.set(storage, keys);
    }
    return keys;
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
  // '0' follows '/', so these two places enclose all keys of the namespace.
  const wanted =
    namespace === undefined
      ? keys
      : keys.slice(placeOf(keys, `${namespace}/`), placeOf(keys, `${namespace}0`));
  return wanted.flatMap((key) => objects.get(key) ?? []);
}

/** Where a key is in an ordered list, or where it belongs. */
function placeOf(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
