import type { FieldError } from '../api-error.ts';
import { at, isObject, sameJson, textOf } from '../json.ts';
import type { KubeObject } from '../object.ts';
import { invalidValue, required } from './field-error.ts';
import * as names from './names.ts';

/** Limits of the API server on the texts of an Event (kubernetes pkg/apis/core/validation/events.go), in bytes. */
const limits = { reportingInstance: 128, action: 128, reason: 128, message: 1024 };

/** Fields that an events.k8s.io client may not change once the Event exists. */
const fixed = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingInstance',
];

/**
 * What is wrong with an Event, given in its core form. Events with an `eventTime` are new-style and checked more strictly;
 * writers through events.k8s.io (`strict`) must make new-style ones.
 */
export function validateEvent(
  event: KubeObject,
  old: KubeObject | undefined,
  strict: boolean,
): readonly FieldError[] {
  const isNew = textOf(event['eventTime']) !== '';
  const errors = [...(isNew ? validateNewStyle(event, strict) : validateNamespace(event, ['default']))];
  if (!strict) return errors;
  if (old) {
    const changed = fixed.filter((field) => !sameJson(event[field], old[field]));
    return [...errors, ...changed.map((field) => invalidValue(field, event[field], 'field is immutable'))];
  }
  return [...errors, ...validateSeries(event), ...validateStrict(event, isNew)];
}

function validateNamespace(event: KubeObject, whenUnset: readonly string[]): readonly FieldError[] {
  const { namespace = '' } = event.metadata;
  const involved = textOf(at(event['involvedObject'], 'namespace'));
  const agrees = involved === '' ? whenUnset.includes(namespace) : involved === namespace;
  return agrees ? [] : [invalidValue('involvedObject.namespace', involved, 'does not match event.namespace')];
}

function validateNewStyle(event: KubeObject, strict: boolean): readonly FieldError[] {
  const controller = textOf(event['reportingComponent']);
  const controllerField = strict ? 'reportingController' : 'reportingComponent';
  const unset = textOf(at(event['involvedObject'], 'namespace')) === '';
  const errors = unset ? [...validateNamespace(event, ['default', 'kube-system'])] : [];
  if (!controller) errors.push(required(controllerField));
  errors.push(...names.labelKey(controller).map((text) => invalidValue(controllerField, controller, text)));
  for (const [field, limit] of Object.entries(limits)) {
    const text = textOf(event[field]);
    if (!text && field !== 'message') errors.push(required(field));
    if (Buffer.byteLength(text) > limit)
      errors.push(invalidValue(field, '', `can have at most ${limit} characters`));
  }
  return errors;
}

function validateSeries({ series }: KubeObject): readonly FieldError[] {
  if (!isObject(series)) return [];
  const few = Number(series['count'] ?? 0) < 2;
  return [
    ...(few ? [invalidValue('series.count', '', 'should be at least 2')] : []),
    ...(series['lastObservedTime'] === undefined ? [required('series.lastObservedTime')] : []),
  ];
}

function validateStrict(event: KubeObject, isNew: boolean): readonly FieldError[] {
  const type = textOf(event['type']);
  const outdated = [
    ['firstTimestamp', textOf(event['firstTimestamp']) !== ''],
    ['lastTimestamp', textOf(event['lastTimestamp']) !== ''],
    ['count', Number(event['count'] ?? 0) !== 0],
    ['source', textOf(at(event['source'], 'component')) + textOf(at(event['source'], 'host')) !== ''],
  ] as const;
  return [
    ...(isNew ? [] : [required('eventTime')]),
    ...(type === 'Normal' || type === 'Warning'
      ? []
      : [invalidValue('type', '', `has invalid value: ${type}`)]),
    ...outdated.flatMap(([field, isSet]) => (isSet ? invalidValue(field, '', 'needs to be unset') : [])),
  ];
}
