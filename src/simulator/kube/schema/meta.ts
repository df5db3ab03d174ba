import type { ObjectSchema, Schema } from './schema.ts';
import * as s from './schema.ts';

const objectMeta = s.object('v1.ObjectMeta', {
  name: s.string,
  generateName: s.string,
  namespace: s.string,
  selfLink: s.string,
  uid: s.string,
  resourceVersion: s.string,
  generation: s.int64,
  creationTimestamp: s.time,
  deletionTimestamp: s.time,
  deletionGracePeriodSeconds: s.int64,
  labels: s.stringMap,
  annotations: s.stringMap,
  ownerReferences: s.keyedList(
    s.atomicObject('v1.OwnerReference', {
      apiVersion: s.string,
      kind: s.string,
      name: s.string,
      uid: s.string,
      controller: s.boolean,
      blockOwnerDeletion: s.boolean,
    }),
    'uid',
  ),
  finalizers: s.set(s.string),
  managedFields: s.atomicList(s.any),
});

/** A whole object: the common fields and those of the kind. */
export function topLevel(type: string, fields: { readonly [field: string]: Schema }): ObjectSchema {
  return s.object(type, { apiVersion: s.string, kind: s.string, metadata: objectMeta, ...fields });
}

const condition = s.object('v1.Condition', {
  type: s.string,
  status: s.string,
  observedGeneration: s.int64,
  lastTransitionTime: s.time,
  lastProbeTime: s.time,
  lastHeartbeatTime: s.time,
  lastUpdateTime: s.time,
  reason: s.string,
  message: s.string,
});

export const conditions = s.keyedList(condition, 'type');

export const labelSelector = s.atomicObject('v1.LabelSelector', {
  matchLabels: s.stringMap,
  matchExpressions: s.atomicList(
    s.object('v1.LabelSelectorRequirement', {
      key: s.string,
      operator: s.string,
      values: s.atomicList(s.string),
    }),
  ),
});

export const objectReference = s.atomicObject('v1.ObjectReference', {
  kind: s.string,
  namespace: s.string,
  name: s.string,
  uid: s.string,
  apiVersion: s.string,
  resourceVersion: s.string,
  fieldPath: s.string,
});
