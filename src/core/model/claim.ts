// A claim is what one member says about something that only one of them can decide: the scheme, the protocol of a port, the
// value of one tag. Two members whose claims on a slot differ cannot both be served.

import type { ProblemCode } from '../domain/problem.ts';

export type Claim = {
  /** What is claimed, such as `scheme` or `port 443 ssl-policy`. */
  readonly slot: string;
  /** Equal text means agreement. */
  readonly value: string;
  /** The value as a reader writes it. */
  readonly shown: string;
  /** The value as ALBC prints it. */
  readonly print: string;
  /** `scheme`, `protocol of port 443`. */
  readonly subject: string;
  /** Where in the Ingress. */
  readonly path: string;
  readonly stage: number;
  readonly code?: ProblemCode;
  /** ALBC's words for a conflict; the claim it belongs to is the first one. */
  readonly albc: (other: Claim, ids: { readonly first: string; readonly second: string }) => string;
};

/** Go's print of a set of strings. */
export function goSet(...values: readonly string[]): string {
  return `map[${values
    .toSorted()
    .map((value) => `${value}:{}`)
    .join(' ')}]`;
}

/** Go's print of a list. */
export function goList(values: readonly (string | number)[]): string {
  return `[${values.join(' ')}]`;
}
