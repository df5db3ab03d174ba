import * as api from './api-error.ts';
import { toCoreEvent } from './event-versions.ts';
import type { Json, JsonObject } from './json.ts';
import { isObject, objectOf, textOf } from './json.ts';
import type { KubeObject, ObjectMeta } from './object.ts';
import type { Target, WriteOptions, Written } from './object-api.ts';
import type { Resource } from './resource.ts';
import { apiVersionOf } from './resource.ts';
import { decode } from './schema/decode.ts';

const coreEvent = { apiVersion: 'v1', kind: 'Event' };

/**
 * Reads a request body as an object of the target's kind, in the form in which it is stored. Wrong kinds, versions, types and (in
 * strict validation) unknown fields are refused with 400; otherwise unknown fields become warnings.
 */
export function decodeObject(target: Target, body: Json, options: WriteOptions): Written {
  const { resource } = target;
  const decoded = decode(resource.schema, checkedKind(resource, body));
  if (decoded.mismatch !== undefined) throw cannotHandle(resource, decoded.mismatch);
  const unknown = decoded.unknown.map((field) => `unknown field "${field}"`);
  if (options.fieldValidation === 'Strict' && unknown.length > 0) {
    throw cannotHandle(resource, `strict decoding error: ${unknown.join(', ')}`);
  }
  const { apiVersion, kind } =
    resource.storage === '/events' ? coreEvent : { apiVersion: apiVersionOf(resource), kind: resource.kind };
  const value = resource.group === 'events.k8s.io' ? toCoreEvent(decoded.value) : decoded.value;
  const metadata = objectOf(value['metadata']);
  const namespace = textOf(metadata['namespace']);
  if (resource.namespaced && namespace && namespace !== target.namespace) {
    throw api.badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  const object: KubeObject = {
    ...value,
    apiVersion,
    kind,
    metadata: { name: '', ...metadata } as ObjectMeta,
  };
  return { object, warnings: options.fieldValidation === 'Ignore' ? [] : unknown };
}

function cannotHandle(resource: Resource, why: string): api.ApiError {
  return api.badRequest(
    `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ${why}`,
  );
}

function checkedKind(resource: Resource, body: Json): JsonObject {
  if (!isObject(body)) {
    throw api.badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): couldn't get version/kind; it is not a JSON object`,
    );
  }
  const apiVersion = textOf(body['apiVersion']) || apiVersionOf(resource);
  if (apiVersion !== apiVersionOf(resource)) {
    throw api.badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(resource)})`,
    );
  }
  const kind = textOf(body['kind']) || resource.kind;
  if (kind !== resource.kind) {
    throw api.badRequest(
      `${kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: the endpoint serves ${resource.kind}`,
    );
  }
  return body;
}
