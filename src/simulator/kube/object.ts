import type { Json, JsonObject } from './json.ts';
import { isObject, textOf } from './json.ts';

export type ObjectMeta = JsonObject & {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly generation?: number;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly finalizers?: readonly string[];
  readonly deletionTimestamp?: string;
  readonly managedFields?: readonly Json[];
};

/** An object as the API server stores it: typed as far as every kind is alike, JSON beyond. */
export type KubeObject = JsonObject & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
};

/** The object with other metadata fields; an undefined value removes the field. */
export function withMeta(
  object: KubeObject,
  changes: { readonly [field: string]: Json | undefined },
): KubeObject {
  const metadata: Record<string, Json> = { ...object.metadata };
  for (const [field, value] of Object.entries(changes)) {
    if (value === undefined) delete metadata[field];
    else metadata[field] = value;
  }
  return { ...object, metadata: metadata as ObjectMeta };
}

/** A moment in the form of `creationTimestamp`: RFC 3339 in UTC, whole seconds. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** `Ingress web/site`, `Node node-a`: the way messages name an object. */
export function describeObject(object: unknown): string {
  if (!isObject(object)) return 'something that is not an object';
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const namespace = textOf(metadata['namespace']);
  const name = textOf(metadata['name']) || '(without a name)';
  return `${textOf(object['kind']) || '(without a kind)'} ${namespace ? `${namespace}/` : ''}${name}`;
}
