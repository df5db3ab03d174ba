// AdmissionReview admission.k8s.io/v1: what the API server asks, and what it is answered.

import { z } from 'zod';

/** One write that the API server asks about. */
export type AdmissionRequest = {
  readonly uid: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  /** '' for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  /** As it would be stored; undefined on deletion. */
  readonly object: unknown;
  /** As it is stored; undefined on creation. */
  readonly oldObject: unknown;
};

/** One operation of a JSON patch (RFC 6902). */
export type PatchOperation = {
  readonly op: 'add' | 'replace';
  readonly path: string;
  readonly value: unknown;
};

export type Allowed = {
  readonly allowed: true;
  readonly patch?: readonly PatchOperation[];
  /** Shown by kubectl; nothing is refused on their account. */
  readonly warnings?: readonly string[];
};
export type Denied = {
  readonly allowed: false;
  /** What ALBC says, after the API server's `admission webhook "…" denied the request: `. */
  readonly words: string;
  /** The next step, told where ALBC's words alone are not asked for. */
  readonly hint: string;
  /** ALBC's name of the check that failed, for the metrics. */
  readonly check: string;
};
export type Verdict = Allowed | Denied;

export const allowed: Allowed = { allowed: true };

/** The first refusal among checks that are made one after the other. */
export function firstDenied(...checks: readonly (() => Denied | undefined)[]): Denied | undefined {
  for (const check of checks) {
    const denied = check();
    if (denied !== undefined) return denied;
  }
  return undefined;
}

const text = z.string().nullish();
const review = z.object({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.object({
    uid: z.string().min(1),
    operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    namespace: text,
    name: text,
    object: z.unknown().optional(),
    oldObject: z.unknown().optional(),
  }),
});

/** A body that is no AdmissionReview; the message says which field is wrong. */
export class ReviewError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReviewError';
  }
}

/** Reads the body of a request. @throws ReviewError */
export function parseReview(body: string): AdmissionRequest {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    throw new ReviewError(`the body is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  const parsed = review.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
    throw new ReviewError(
      `the body is no AdmissionReview of admission.k8s.io/v1: ${where}${issue?.message ?? ''}`,
    );
  }
  const { uid, operation, namespace, name, object, oldObject } = parsed.data.request;
  return {
    uid,
    operation,
    namespace: namespace ?? '',
    name: name ?? '',
    object: object ?? undefined,
    oldObject: oldObject ?? undefined,
  };
}

/** The answer to the request with that uid. `withHints`: the next step follows ALBC's words. */
export function renderReview(uid: string, verdict: Verdict, withHints: boolean): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, ...(verdict.allowed ? allowedResponse(verdict) : deniedResponse(verdict, withHints)) },
  });
}

function allowedResponse({ patch = [], warnings = [] }: Allowed): object {
  return {
    allowed: true,
    ...(warnings.length > 0 && { warnings }),
    ...(patch.length > 0 && {
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    }),
  };
}

function deniedResponse({ words, hint }: Denied, withHints: boolean): object {
  const message = withHints && hint !== '' ? `${words}; ${hint}` : words;
  return { allowed: false, status: { status: 'Failure', message, reason: 'Forbidden', code: 403 } };
}
