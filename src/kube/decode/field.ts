import { DecodeError } from './decode-error.ts';
import { intern } from './intern.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A place in an object that came from outside. It remembers the way back to the root, so that a wrong value is
 * reported with its full path, and costs nothing more while all is well. JSON null counts as absent, as in Kubernetes.
 */
export class Field {
  readonly #value: unknown;
  readonly #parent: Field | undefined;
  readonly #key: string | number;

  constructor(value: unknown, parent?: Field, key: string | number = '') {
    this.#value = value ?? undefined;
    this.#parent = parent;
    this.#key = key;
  }

  get present(): boolean {
    return this.#value !== undefined;
  }

  /** The field of that name; absent when this one is. Fails when this is not an object. */
  at(key: string): Field {
    return new Field(this.#object()?.[key], this, key);
  }

  /** A string that must be there, empty or not. */
  text(): string {
    return this.optionalText() ?? this.fail('a string');
  }

  optionalText(): string | undefined {
    if (this.#value === undefined || typeof this.#value === 'string') return this.#value;
    const quotes = typeof this.#value === 'object' ? '' : ' (put quotes around the value)';
    return this.fail(`a string${quotes}`);
  }

  textOr(fallback: string): string {
    return this.optionalText() ?? fallback;
  }

  integer(): number {
    return this.optionalInteger() ?? this.fail('an integer');
  }

  optionalInteger(): number | undefined {
    if (this.#value === undefined) return undefined;
    return Number.isSafeInteger(this.#value) ? Number(this.#value) : this.fail('an integer');
  }

  flag(fallback: boolean): boolean {
    if (this.#value === undefined) return fallback;
    return typeof this.#value === 'boolean' ? this.#value : this.fail('true or false');
  }

  /** One of the values; `fallback` when absent, and without a fallback it must be there. */
  oneOf<const T extends string>(values: readonly T[], fallback?: T): T {
    const found = this.#value === undefined ? fallback : values.find((value) => value === this.#value);
    return found ?? this.fail(`one of ${values.join(', ')}`);
  }

  /** An integer or a string (Kubernetes IntOrString). */
  integerOrText(): number | string {
    return typeof this.#value === 'string' ? this.#value : this.integer();
  }

  /** Every item through `decode`; an absent list is an empty one. */
  list<T>(decode: (item: Field) => T): readonly T[] {
    if (this.#value === undefined) return [];
    if (!Array.isArray(this.#value)) return this.fail('a list');
    return this.#value.map((item: unknown, at) => decode(new Field(item, this, at)));
  }

  /** As `list`, but undefined where there is none. */
  optionalList<T>(decode: (item: Field) => T): readonly T[] | undefined {
    return this.present ? this.list(decode) : undefined;
  }

  optional<T>(decode: (field: Field) => T): T | undefined {
    return this.present ? decode(this) : undefined;
  }

  /** Every value through `decode`, keyed as found; an absent object is an empty one. */
  record<T>(
    decode: (item: Field) => T,
    keep: (key: string) => boolean = () => true,
  ): Readonly<Record<string, T>> {
    const entries = Object.entries(this.#object() ?? {}).filter(([key]) => keep(key));
    return Object.fromEntries(entries.map(([key, value]) => [key, decode(new Field(value, this, key))]));
  }

  /** Labels and the like, with shared strings. */
  texts(keep?: (key: string) => boolean): Readonly<Record<string, string>> {
    return this.record((item) => intern(item.text()), keep);
  }

  /** Reports this place as wrong. */
  fail(wanted: string): never {
    const path = this.#path();
    const root = new Field(this.#root());
    throw new DecodeError({
      kind: root.#peek('kind'),
      namespace: new Field(root.#peekValue('metadata')).#peek('namespace'),
      name: new Field(root.#peekValue('metadata')).#peek('name'),
      path,
      found: this.#value,
      wanted,
    });
  }

  #object(): JsonObject | undefined {
    if (this.#value === undefined) return undefined;
    return isObject(this.#value) ? this.#value : this.fail('an object');
  }

  #root(): unknown {
    return this.#parent === undefined ? this.#value : this.#parent.#root();
  }

  #path(): readonly (string | number)[] {
    return this.#parent === undefined ? [] : [...this.#parent.#path(), this.#key];
  }

  #peekValue(key: string): unknown {
    return isObject(this.#value) ? this.#value[key] : undefined;
  }

  #peek(key: string): string {
    const value = this.#peekValue(key);
    return typeof value === 'string' ? value : '';
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
