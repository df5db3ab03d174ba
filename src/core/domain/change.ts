import type { Drift } from './drift.ts';
import type { FieldChange, OperationKind } from './operation.ts';
import type { Because } from './operation.ts';

/** One write to AWS as it is kept for people: what, why, and how it ended. */
export type Change = {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Absent: it was for several groups. */
  readonly group?: string;
  readonly operation: OperationKind;
  readonly subject: string;
  readonly reason: Because['reason'];
  readonly because: string;
  /** The object in Kubernetes that it is for: `Ingress shop/web`. */
  readonly object?: string;
  readonly changes?: readonly FieldChange[];
  /** AWS's code, where it refused. */
  readonly refused?: string;
};

/** Drift with when it was found, and when AWS was last read without it (epoch milliseconds). */
export type KnownDrift = Drift & { readonly since: number; readonly lastRight: number };
