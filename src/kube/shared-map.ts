/** More pending writes than this are folded into the base: views stay cheap to make, and folding is rare. */
const longestOverlay = 256;

type Overlay<Key, Value> = ReadonlyMap<Key, { readonly value: Value } | undefined>;

/**
 * A map that hands out views of itself which never change, at a cost that depends on what changed and not on how much
 * there is: copying 20,000 Pods for each event took 3 ms. Writes after a view go to an overlay beside the shared base.
 */
export class SharedMap<Key, Value> {
  #base: Map<Key, Value>;
  #baseIsShared = false;
  /** undefined stands for a removed key. */
  #overlay = new Map<Key, { readonly value: Value } | undefined>();
  #size: number;
  #view: ReadonlyMap<Key, Value> | undefined;

  constructor(map: Map<Key, Value> = new Map()) {
    this.#base = map;
    this.#size = map.size;
  }

  get size(): number {
    return this.#size;
  }

  /** The present content, for good; iterated in the order of insertion. */
  view(): ReadonlyMap<Key, Value> {
    this.#baseIsShared = true;
    this.#view ??=
      this.#overlay.size === 0 ? this.#base : new OverlaidMap(this.#base, new Map(this.#overlay), this.#size);
    return this.#view;
  }

  get(key: Key): Value | undefined {
    return this.#overlay.has(key) ? this.#overlay.get(key)?.value : this.#base.get(key);
  }

  has(key: Key): boolean {
    return this.#overlay.has(key) ? this.#overlay.get(key) !== undefined : this.#base.has(key);
  }

  set(key: Key, value: Value): void {
    if (!this.has(key)) this.#size += 1;
    this.#view = undefined;
    if (!this.#baseIsShared) this.#base.set(key, value);
    else this.#write(key, { value });
  }

  delete(key: Key): void {
    if (!this.has(key)) return;
    this.#size -= 1;
    this.#view = undefined;
    if (!this.#baseIsShared) this.#base.delete(key);
    else this.#write(key, undefined);
  }

  #write(key: Key, entry: { readonly value: Value } | undefined): void {
    this.#overlay.set(key, entry);
    if (this.#overlay.size <= longestOverlay) return;
    this.#base = new Map(merged(this.#base, this.#overlay));
    this.#overlay = new Map();
    this.#baseIsShared = false;
  }
}

class OverlaidMap<Key, Value> implements ReadonlyMap<Key, Value> {
  readonly size: number;
  readonly #base: ReadonlyMap<Key, Value>;
  readonly #overlay: Overlay<Key, Value>;

  constructor(base: ReadonlyMap<Key, Value>, overlay: Overlay<Key, Value>, size: number) {
    this.#base = base;
    this.#overlay = overlay;
    this.size = size;
  }

  get(key: Key): Value | undefined {
    return this.#overlay.has(key) ? this.#overlay.get(key)?.value : this.#base.get(key);
  }

  has(key: Key): boolean {
    return this.#overlay.has(key) ? this.#overlay.get(key) !== undefined : this.#base.has(key);
  }

  entries(): MapIterator<[Key, Value]> {
    return merged(this.#base, this.#overlay);
  }

  *keys(): Generator<Key, undefined, unknown> {
    for (const [key] of this) yield key;
  }

  *values(): Generator<Value, undefined, unknown> {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.entries();
  }

  forEach(callback: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }
}

function* merged<Key, Value>(
  base: ReadonlyMap<Key, Value>,
  overlay: Overlay<Key, Value>,
): Generator<[Key, Value], undefined, unknown> {
  for (const [key, value] of base) {
    const entry = overlay.has(key) ? overlay.get(key) : { value };
    if (entry !== undefined) yield [key, entry.value];
  }
  for (const [key, entry] of overlay) {
    if (entry !== undefined && !base.has(key)) yield [key, entry.value];
  }
}
