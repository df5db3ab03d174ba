import { createHash } from 'node:crypto';

/** Tag with the hash of the client secret that a rule or a default action was last given; ALBC has no such tag. */
export const clientSecretTag = 'albatross.dev/oidc-secret';

/**
 * A client secret that can be handed on and compared, and is not written out by accident: JSON, templates and
 * `util.inspect` show `***`. Only the handler that sends it to AWS calls `reveal`.
 */
export class ClientSecret {
  readonly #text: string;
  /** The beginning of a SHA-256, enough to notice a change: it goes into plans and tags, the text never does. */
  readonly hash: string;

  constructor(text: string) {
    this.#text = text;
    this.hash = createHash('sha256').update(`albatross client secret\n${text}`).digest('hex').slice(0, 16);
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  /** What console.log and assertion messages print (`util.inspect.custom`). */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***';
  }
}
