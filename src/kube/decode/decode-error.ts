/** An object that does not have the shape its API promises: whose, where, what was found and what was wanted. */
export class DecodeError extends Error {
  readonly kind: string;
  readonly namespace: string;
  readonly objectName: string;
  /** Keys and list positions from the root of the object. */
  readonly path: readonly (string | number)[];
  /** The path as people write it: `spec.rules[0].host`, `metadata.annotations[example.com/x]`. */
  readonly field: string;
  readonly found: string;
  readonly wanted: string;

  constructor(input: {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly path: readonly (string | number)[];
    readonly found: unknown;
    readonly wanted: string;
  }) {
    const field = fieldText(input.path);
    const found = foundText(input.found);
    const object = [input.namespace, input.name || '(no name)'].filter(Boolean).join('/');
    super(
      `${input.kind || 'object'} ${object}: ${field || 'the whole object'} is ${found}, wanted ${input.wanted}`,
    );
    this.name = 'DecodeError';
    this.kind = input.kind;
    this.namespace = input.namespace;
    this.objectName = input.name;
    this.path = input.path;
    this.field = field;
    this.found = found;
    this.wanted = input.wanted;
  }
}

function fieldText(path: readonly (string | number)[]): string {
  return path
    .map((key, at) => {
      if (typeof key === 'number') return `[${key}]`;
      if (!/^[A-Za-z_]\w*$/.test(key)) return `[${key}]`;
      return at === 0 ? key : `.${key}`;
    })
    .join('');
}

/** Long or nested values are cut: the message is for a log line. */
const longestFound = 80;

function foundText(value: unknown): string {
  if (value === undefined || value === null) return 'absent';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value);
  return text.length > longestFound ? `${text.slice(0, longestFound)}…` : text;
}
