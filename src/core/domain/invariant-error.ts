/** Our own bug: this key's work stops loudly, the others go on. Never thrown for a user's mistake or AWS's refusal. */
export class InvariantError extends Error {
  readonly context: Readonly<Record<string, unknown>>;

  constructor(message: string, context: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'InvariantError';
    this.context = context;
  }
}
