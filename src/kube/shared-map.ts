/** A map that hands out views of itself which never change: the first write after a view was taken goes to a copy. */
export class SharedMap<Key, Value> {
  #map: Map<Key, Value>;
  #viewed = false;

  constructor(map: Map<Key, Value> = new Map()) {
    this.#map = map;
  }

  get size(): number {
    return this.#map.size;
  }

  /** The present content, for good. */
  view(): ReadonlyMap<Key, Value> {
    this.#viewed = true;
    return this.#map;
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key);
  }

  set(key: Key, value: Value): void {
    this.#writable().set(key, value);
  }

  delete(key: Key): void {
    if (this.#map.has(key)) this.#writable().delete(key);
  }

  #writable(): Map<Key, Value> {
    if (this.#viewed) {
      this.#map = new Map(this.#map);
      this.#viewed = false;
    }
    return this.#map;
  }
}
