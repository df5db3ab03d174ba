import type { FieldError } from '../api-error.ts';
import { listOf, textOf } from '../json.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resource.ts';
import { forbiddenField, invalidValue, required, tooLong } from './field-error.ts';
import type { NameFormat } from './names.ts';
import * as names from './names.ts';

const nameFormats: { readonly [kind: string]: NameFormat } = {
  Namespace: names.dnsLabel,
  Service: names.dnsLabel,
  Ingress: names.dnsSubdomain,
};

const annotationBytes = 256 * 1024;

/** What is wrong with an object's metadata. */
export function validateMetadata(resource: Resource, object: KubeObject): readonly FieldError[] {
  const { labels = {}, finalizers = [] } = object.metadata;
  return [
    ...validateName(resource, object.metadata.name),
    ...validateNamespace(resource, object.metadata.namespace ?? ''),
    ...Object.entries(labels).flatMap(([key, value]) => [
      ...names.labelKey(key).map((message) => invalidValue('metadata.labels', key, message)),
      ...names.labelValue(value).map((message) => invalidValue('metadata.labels', value, message)),
    ]),
    ...validateAnnotations(object.metadata.annotations ?? {}),
    ...finalizers.flatMap((finalizer) =>
      names.labelKey(finalizer).map((message) => invalidValue('metadata.finalizers', finalizer, message)),
    ),
    ...(resource.custom ? [] : finalizers.flatMap(validateFinalizerOwner)),
  ];
}

const standardFinalizers = ['foregroundDeletion', 'kubernetes', 'orphan'];

function validateFinalizerOwner(finalizer: string, index: number): readonly FieldError[] {
  if (finalizer.includes('/') || standardFinalizers.includes(finalizer)) return [];
  const why = 'name is neither a standard finalizer name nor is it fully qualified';
  return [invalidValue(`metadata.finalizers[${index}]`, finalizer, why)];
}

function validateName(resource: Resource, name: string): readonly FieldError[] {
  if (!name) return [required('metadata.name', 'name or generateName is required')];
  const format = nameFormats[resource.kind] ?? names.dnsSubdomain;
  return format(name).map((message) => invalidValue('metadata.name', name, message));
}

function validateNamespace(resource: Resource, namespace: string): readonly FieldError[] {
  if (resource.namespaced && !namespace) return [required('metadata.namespace')];
  if (resource.namespaced || !namespace) return [];
  return [forbiddenField('metadata.namespace', 'not allowed on this type')];
}

function validateAnnotations(annotations: { readonly [key: string]: string }): readonly FieldError[] {
  const bytes = Object.entries(annotations).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return [
    ...Object.keys(annotations).flatMap((key) =>
      names.labelKey(key.toLowerCase()).map((message) => invalidValue('metadata.annotations', key, message)),
    ),
    ...(bytes > annotationBytes ? [tooLong('metadata.annotations', annotationBytes)] : []),
  ];
}

/** Metadata fields that an update cannot change. */
export function validateMetadataUpdate(object: KubeObject, old: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (old.metadata.deletionTimestamp !== undefined) {
    const before = listOf(old.metadata.finalizers);
    const added = listOf(object.metadata.finalizers).filter((finalizer) => !before.includes(finalizer));
    if (added.length > 0) {
      errors.push(
        forbiddenField(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added
            .map((item) => JSON.stringify(textOf(item)))
            .join(', ')}}`,
        ),
      );
    }
  }
  return errors;
}
