import type { FieldError } from '../api-error.ts';
import { listOf, textOf } from '../json.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resource.ts';
import { forbiddenField, invalidValue, required } from './field-error.ts';
import type { NameFormat } from './names.ts';
import * as names from './names.ts';

const nameFormats: { readonly [kind: string]: NameFormat } = {
  Namespace: names.dnsLabel,
  Service: names.dns1035Label,
  Ingress: names.dnsSubdomain,
};

const annotationBytes = 256 * 1024;

/** What is wrong with an object's metadata. */
export function validateMetadata(resource: Resource, object: KubeObject): readonly FieldError[] {
  const { name, namespace, labels = {}, annotations = {}, finalizers = [] } = object.metadata;
  const errors: FieldError[] = [];
  const format = nameFormats[resource.kind] ?? names.dnsSubdomain;
  if (!name) errors.push(required('metadata.name', 'name or generateName is required'));
  else for (const message of format(name)) errors.push(invalidValue('metadata.name', name, message));
  if (resource.namespaced && !namespace) errors.push(required('metadata.namespace'));
  if (!resource.namespaced && namespace) {
    errors.push(forbiddenField('metadata.namespace', 'not allowed on this type'));
  }
  for (const [key, value] of Object.entries(labels)) {
    for (const message of names.labelKey(key)) errors.push(invalidValue('metadata.labels', key, message));
    for (const message of names.labelValue(value))
      errors.push(invalidValue('metadata.labels', value, message));
  }
  for (const key of Object.keys(annotations)) {
    for (const message of names.labelKey(key.toLowerCase())) {
      errors.push(invalidValue('metadata.annotations', key, message));
    }
  }
  const bytes = Object.entries(annotations).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (bytes > annotationBytes) {
    errors.push({
      kind: 'tooLong',
      field: 'metadata.annotations',
      body: `Too long: may not be more than ${annotationBytes} bytes`,
    });
  }
  for (const finalizer of finalizers) {
    for (const message of names.labelKey(finalizer)) {
      errors.push(invalidValue('metadata.finalizers', finalizer, message));
    }
  }
  return errors;
}

/** Metadata fields that an update cannot change. */
export function validateMetadataUpdate(object: KubeObject, old: KubeObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (object.metadata.uid !== old.metadata.uid) {
    errors.push(invalidValue('metadata.uid', object.metadata.uid, 'field is immutable'));
  }
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
