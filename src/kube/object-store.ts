import type { ClusterObject } from '../core/domain/cluster.ts';
import { type NamespacedName, namespacedName } from '../core/domain/ids.ts';
import { SharedMap } from './shared-map.ts';

export type ObjectChange<T> = { readonly before: T | undefined; readonly after: T | undefined };

/**
 * The decoded objects of one kind.
 *
 * An object that does not decode keeps the last version that did. One that never did is *unreadable*: it exists and we
 * do not know it, so whoever wants to delete something must wait (see `unreadable`).
 */
export class ObjectStore<T extends ClusterObject> {
  readonly #decode: (raw: unknown) => T;
  readonly #keeps: (raw: unknown) => boolean;
  readonly #report: (message: string) => void;
  #objects = new SharedMap<NamespacedName, T>();
  #unreadable: ReadonlySet<string> = new Set();

  /** `report` is told about each object version that does not decode; what `keeps` refuses is as if it did not exist. */
  constructor(
    decode: (raw: unknown) => T,
    report: (message: string) => void,
    keeps: (raw: unknown) => boolean = () => true,
  ) {
    this.#decode = decode;
    this.#keeps = keeps;
    this.#report = report;
  }

  get objects(): ReadonlyMap<NamespacedName, T> {
    return this.#objects.view();
  }

  get size(): number {
    return this.#objects.size;
  }

  /** How many objects exist of which no version could be decoded. */
  get unreadable(): number {
    return this.#unreadable.size;
  }

  /** Starts a new whole list. Nothing shows until `commit`, so a list that breaks off changes nothing. */
  replacement(): { readonly add: (raw: unknown) => void; readonly commit: () => readonly ObjectChange<T>[] } {
    const objects = new Map<NamespacedName, T>();
    const unreadable = new Set<string>();
    return {
      add: (raw) => {
        if (!this.#keeps(raw)) return;
        const id = identity(raw);
        const previous = id.key === undefined ? undefined : this.#objects.get(id.key);
        const unchanged = previous !== undefined && previous.meta.resourceVersion === id.resourceVersion;
        const object = unchanged ? previous : (this.#decoded(raw) ?? previous);
        if (object !== undefined) objects.set(keyOf(object), object);
        else unreadable.add(id.key ?? `#${unreadable.size}`);
      },
      commit: () => {
        const changes = changesBetween(this.#objects.view(), objects);
        this.#objects = new SharedMap(objects);
        this.#unreadable = unreadable;
        return changes;
      },
    };
  }

  /** Takes in an added or changed object; undefined when nothing became visible. */
  set(raw: unknown): ObjectChange<T> | undefined {
    if (!this.#keeps(raw)) return this.delete(raw);
    const after = this.#decoded(raw);
    const key = after === undefined ? identity(raw).key : keyOf(after);
    const before = key === undefined ? undefined : this.#objects.get(key);
    if (after === undefined || key === undefined) {
      if (before === undefined)
        this.#unreadable = new Set([...this.#unreadable, key ?? `#${this.unreadable}`]);
      return undefined;
    }
    this.#objects.set(key, after);
    this.#forget(key);
    return { before, after };
  }

  /** Takes out a deleted object, whether or not its last version decodes; undefined when it was not there. */
  delete(raw: unknown): ObjectChange<T> | undefined {
    const { key } = identity(raw);
    if (key === undefined) return undefined;
    this.#forget(key);
    const before = this.#objects.get(key);
    if (before === undefined) return undefined;
    this.#objects.delete(key);
    return { before, after: undefined };
  }

  #decoded(raw: unknown): T | undefined {
    try {
      return this.#decode(raw);
    } catch (error) {
      // A DecodeError, or a bug in a decoder: neither may stop the objects beside this one.
      this.#report(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #forget(key: string): void {
    if (this.#unreadable.has(key))
      this.#unreadable = new Set([...this.#unreadable].filter((other) => other !== key));
  }
}

function keyOf(object: ClusterObject): NamespacedName {
  return namespacedName(object.meta.namespace, object.meta.name);
}

function identity(raw: unknown): {
  readonly key: NamespacedName | undefined;
  readonly resourceVersion: unknown;
} {
  const metadata = record(record(raw)['metadata']);
  const { namespace, name, resourceVersion } = metadata;
  if (typeof name !== 'string' || name === '') return { key: undefined, resourceVersion };
  return { key: namespacedName(typeof namespace === 'string' ? namespace : '', name), resourceVersion };
}

function changesBetween<T extends ClusterObject>(
  before: ReadonlyMap<NamespacedName, T>,
  after: ReadonlyMap<NamespacedName, T>,
): readonly ObjectChange<T>[] {
  const changes: ObjectChange<T>[] = [];
  for (const [key, object] of after) {
    const previous = before.get(key);
    if (previous !== object) changes.push({ before: previous, after: object });
  }
  for (const [key, object] of before) {
    if (!after.has(key)) changes.push({ before: object, after: undefined });
  }
  return changes;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
