import type { JsonObject } from './json.ts';
import { present } from './json.ts';
import type { Resource } from './resource.ts';

/** One thing wrong with one field, in the API server's categories (k8s.io/apimachinery `field.Error`). */
export type FieldError = {
  readonly kind:
    | 'required'
    | 'invalid'
    | 'notSupported'
    | 'duplicate'
    | 'forbidden'
    | 'tooLong'
    | 'typeInvalid';
  readonly field: string;
  /** Category, value and detail as the API server prints them after the field's path. */
  readonly body: string;
};

/** A refusal, as the `Status` object that the API server answers with. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: JsonObject | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(options: {
    readonly code: number;
    readonly reason: string;
    readonly message: string;
    readonly details?: JsonObject;
    readonly retryAfterSeconds?: number;
  }) {
    super(options.message);
    this.name = 'ApiError';
    this.code = options.code;
    this.reason = options.reason;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  toStatus(): JsonObject {
    const details =
      this.retryAfterSeconds === undefined
        ? this.details
        : { ...this.details, retryAfterSeconds: this.retryAfterSeconds };
    return present({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      details,
      code: this.code,
    });
  }
}

/** `ingresses.networking.k8s.io`, `services`: how messages name a resource. */
function qualified(resource: Resource): string {
  return resource.group ? `${resource.plural}.${resource.group}` : resource.plural;
}

function detailsOf(resource: Resource, name: string): JsonObject {
  return present({ name, group: resource.group || undefined, kind: resource.plural });
}

export function notFound(resource: Resource, name: string): ApiError {
  return new ApiError({
    code: 404,
    reason: 'NotFound',
    message: `${qualified(resource)} "${name}" not found`,
    details: detailsOf(resource, name),
  });
}

/** What the API server says to a path or kind that it does not serve. */
export function noSuchResource(): ApiError {
  return new ApiError({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  });
}

export function alreadyExists(resource: Resource, name: string): ApiError {
  return new ApiError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${qualified(resource)} "${name}" already exists`,
    details: detailsOf(resource, name),
  });
}

export function conflict(resource: Resource, name: string, why: string): ApiError {
  return new ApiError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    details: detailsOf(resource, name),
  });
}

export const objectModified =
  'the object has been modified; please apply your changes to the latest version and try again';

const causeReasons: { readonly [K in FieldError['kind']]: string } = {
  required: 'FieldValueRequired',
  invalid: 'FieldValueInvalid',
  notSupported: 'FieldValueNotSupported',
  duplicate: 'FieldValueDuplicate',
  forbidden: 'FieldValueForbidden',
  tooLong: 'FieldValueTooLong',
  typeInvalid: 'FieldValueTypeInvalid',
};

export function invalid(resource: Resource, name: string, errors: readonly FieldError[]): ApiError {
  const lines = [...new Set(errors.map((error) => `${error.field}: ${error.body}`))];
  const list = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  // Both forms of Events are checked by the same code, which speaks of the core one.
  const group = resource.storage === '/events' ? '' : resource.group;
  const kind = group ? `${resource.kind}.${group}` : resource.kind;
  return new ApiError({
    code: 422,
    reason: 'Invalid',
    message: `${kind} "${name}" is invalid: ${list}`,
    details: present({
      name: name || undefined,
      group: group || undefined,
      kind: resource.kind,
      causes: errors.map((error) => ({
        reason: causeReasons[error.kind],
        message: error.body,
        field: error.field,
      })),
    }),
  });
}

/** 422 without field errors: a patch that does not apply. */
export function unprocessable(message: string): ApiError {
  return new ApiError({ code: 422, reason: 'Invalid', message, details: {} });
}

export function badRequest(message: string): ApiError {
  return new ApiError({ code: 400, reason: 'BadRequest', message });
}

export function unauthorized(): ApiError {
  return new ApiError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
}

export function methodNotAllowed(): ApiError {
  return new ApiError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  });
}

export function unsupportedMediaType(given: string, supported: readonly string[]): ApiError {
  return new ApiError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message:
      'the body of the request was in an unknown format - accepted media types include: ' +
      `${supported.join(', ')}${given ? ` (got ${given})` : ''}`,
    details: {},
  });
}

/** The history that the caller needs has been compacted away: it must list again. */
export function expired(message: string): ApiError {
  return new ApiError({ code: 410, reason: 'Expired', message });
}

export function namespaceTerminating(resource: Resource, name: string, namespace: string): ApiError {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  return new ApiError({
    code: 403,
    reason: 'Forbidden',
    message: `${qualified(resource)} "${name}" is forbidden: ${why}`,
    details: { ...detailsOf(resource, name), causes: [cause] },
  });
}

/** An error of a category that only faults produce (500, 429, 503 …). */
export function statusError(options: {
  readonly code: number;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
}): ApiError {
  const known = faultReasons[options.code] ?? { reason: 'InternalError', message: 'Internal error occurred' };
  return new ApiError({
    code: options.code,
    reason: known.reason,
    message: options.message ?? known.message,
    ...(options.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: options.retryAfterSeconds }),
  });
}

const faultReasons: { readonly [code: number]: { readonly reason: string; readonly message: string } } = {
  401: { reason: 'Unauthorized', message: 'Unauthorized' },
  403: { reason: 'Forbidden', message: 'forbidden: User "sandbox" cannot do this' },
  404: { reason: 'NotFound', message: 'the server could not find the requested resource' },
  409: { reason: 'Conflict', message: `Operation cannot be fulfilled: ${objectModified}` },
  410: { reason: 'Expired', message: 'The resourceVersion for the provided watch is too old.' },
  429: { reason: 'TooManyRequests', message: 'Too many requests, please try again later.' },
  500: { reason: 'InternalError', message: 'Internal error occurred: etcdserver: request timed out' },
  503: { reason: 'ServiceUnavailable', message: 'the server is currently unable to handle the request' },
  504: { reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout' },
};
