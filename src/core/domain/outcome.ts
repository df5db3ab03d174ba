import type { Attributes, Operation } from './operation.ts';

export type AwsErrorKind =
  | 'notFound'
  | 'alreadyExists'
  | 'inUse'
  | 'throttled'
  | 'quotaExceeded'
  | 'denied'
  | 'invalid'
  | 'conflict'
  | 'credentials'
  | 'unavailable'
  /** Sent, and no answer came: it may or may not have happened. */
  | 'unknownOutcome';

/** The world's refusal as data (the class AwsError in aws/ carries the same fields). */
export type Refusal = {
  readonly kind: AwsErrorKind;
  /** AWS's own code, such as `TooManyRules`. */
  readonly code: string;
  /** `elasticloadbalancing:CreateRule`. */
  readonly action: string;
  /** "create rule 3 of listener 443: …", no trailing period. */
  readonly message: string;
  readonly requestId: string | undefined;
  /** Of AWS's answer over HTTP, where there was one. */
  readonly status?: number | undefined;
  /** The code is in AWS's model of the API, so that SDKs have a type for it. */
  readonly isModelled?: boolean;
  readonly retryAfterMs: number | undefined;
};

export type Outcome =
  | { readonly kind: 'done'; readonly operation: Operation; readonly attributes: Attributes }
  | { readonly kind: 'failed'; readonly operation: Operation; readonly refusal: Refusal }
  | { readonly kind: 'skipped'; readonly operation: Operation; readonly because: string };
