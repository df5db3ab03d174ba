// AWS's refusals, sorted into the few kinds that the controller acts on.

import type { AwsErrorKind, Refusal } from '../core/domain/outcome.ts';
import { kindOfCode } from './error-codes.ts';

/** AWS said no, or could not be asked. Its fields are a `Refusal`. */
export class AwsError extends Error implements Refusal {
  readonly kind: AwsErrorKind;
  readonly code: string;
  readonly action: string;
  readonly requestId: string | undefined;
  readonly status: number | undefined;
  readonly isModelled: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(refusal: Refusal, options: { readonly cause?: unknown } = {}) {
    super(refusal.message, options);
    this.name = 'AwsError';
    this.kind = refusal.kind;
    this.code = refusal.code;
    this.action = refusal.action;
    this.requestId = refusal.requestId;
    this.status = refusal.status;
    this.isModelled = refusal.isModelled === true;
    this.retryAfterMs = refusal.retryAfterMs;
  }
}

/** A refusal that we make ourselves because AWS would not do what was asked, with a code of our own. */
export function refused(
  kind: AwsErrorKind,
  { code, action, message }: { readonly code: string; readonly action: string; readonly message: string },
): AwsError {
  return new AwsError({ kind, code, action, message, requestId: undefined, retryAfterMs: undefined });
}

export const isKind = (error: unknown, ...kinds: readonly AwsErrorKind[]): error is AwsError =>
  error instanceof AwsError && kinds.includes(error.kind);

/** The same refusal with what was attempted in front of AWS's words: "create rule 443/3: …". */
export function withSubject(error: AwsError, subject: string): AwsError {
  return new AwsError({ ...refusal(error), message: `${subject}: ${error.message}` }, { cause: error });
}

/** What AWS refused, as data; undefined for an error that is not AWS's doing. */
export const refusalOf = (error: unknown): Refusal | undefined =>
  error instanceof AwsError ? refusal(error) : undefined;

function refusal(error: AwsError): Refusal {
  const { kind, code, action, message, requestId, status, isModelled, retryAfterMs } = error;
  return { kind, code, action, message, requestId, status, isModelled, retryAfterMs };
}

/** What the SDK throws: the fields of its service exceptions and of Node's network errors that are read here. */
type Thrown = {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly Code?: string;
  readonly Error?: { readonly Code?: string };
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
};

/**
 * Translates what the SDK threw. A failure without an answer is `unknownOutcome` for a write that may have been
 * carried out, `unavailable` otherwise.
 */
export function awsError(
  error: unknown,
  { action, isWrite }: { readonly action: string; readonly isWrite: boolean },
): AwsError {
  const thrown: Thrown = typeof error === 'object' && error !== null ? error : { message: String(error) };
  const code = wireCode(thrown);
  const answered = thrown.$metadata?.httpStatusCode !== undefined;
  const kind = kindOfCode(code) ?? kindWithoutCode(thrown, { answered, isWrite });
  return new AwsError(
    {
      kind,
      code,
      action,
      message: explain(kind, { code, action, message: thrown.message ?? '' }),
      requestId: thrown.$metadata?.requestId,
      status: thrown.$metadata?.httpStatusCode,
      isModelled: isModelled(thrown, code),
      retryAfterMs: retryAfter(thrown),
    },
    { cause: error },
  );
}

/**
 * Whether asking again can help: throttles, failures of the service, and failures to reach it. Repeating a write is
 * safe: a handler takes what an earlier try left behind for its own.
 */
export function isTransient(error: AwsError): boolean {
  if (error.kind === 'throttled' || error.kind === 'unknownOutcome') return true;
  return error.kind === 'unavailable' && !isClientFault(error.cause);
}

/** Whether AWS's answer had a code that the table of codes does not know. */
export const hasUnknownCode = (error: AwsError): boolean =>
  kindOfCode(error.code) === undefined && httpStatus(error.cause) !== undefined;

const httpStatus = (error: unknown): number | undefined =>
  (error as Thrown | undefined)?.$metadata?.httpStatusCode;

const isClientFault = (error: unknown): boolean => {
  const status = httpStatus(error);
  return status !== undefined && status < 500 && status !== 429;
};

/** A modelled error carries the wire code beside its class name, an unmodelled one is named by it (elbv2-facts §1.9). */
function wireCode(thrown: Thrown): string {
  return thrown.Code ?? thrown.Error?.Code ?? thrown.code ?? thrown.name ?? 'Unknown';
}

/** The SDK names its class for a code of the query protocol with an ending that the wire does not have. */
const isModelled = ({ name = '' }: Thrown, code: string): boolean =>
  name === `${code}Exception` || /^WAF.*Exception$/.test(name);

/** Network failures in which nothing was sent yet: no connection, so no half-done write either. */
const notSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

function kindWithoutCode(
  thrown: Thrown,
  { answered, isWrite }: { readonly answered: boolean; readonly isWrite: boolean },
): AwsErrorKind {
  if (answered) return thrown.$metadata?.httpStatusCode === 429 ? 'throttled' : 'unavailable';
  return isWrite && !notSent.has(wireCode(thrown)) ? 'unknownOutcome' : 'unavailable';
}

function explain(
  kind: AwsErrorKind,
  { code, action, message }: { readonly code: string; readonly action: string; readonly message: string },
): string {
  const said = message.trim().replace(/\.$/, '') || code;
  switch (kind) {
    case 'credentials':
      return `AWS did not accept the controller's credentials (${code}): ${said}; check the IAM role of its service account (EKS Pod Identity or IRSA) or the AWS_* environment`;
    case 'denied':
      return code === 'OperationNotPermitted'
        ? said
        : `the controller's IAM role may not call ${action}; allow this action, as iam/policy.json does: ${said}`;
    case 'unknownOutcome':
      return `no answer came to ${action} (${said}), so it may or may not have happened; it is looked at again`;
    case 'unavailable':
    case 'throttled':
      return `${said} (${code})`;
    default:
      return said;
  }
}

/** The Retry-After header, in milliseconds; only its form in seconds, which is what AWS sends. */
function retryAfter(thrown: Thrown): number | undefined {
  const seconds = Number(thrown.$response?.headers?.['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}
