import { badRequest } from './api-error.ts';
import { at, shownText } from './json.ts';
import type { KubeObject } from './object.ts';
import type { Resource } from './resource.ts';

export type Matcher = (object: KubeObject) => boolean;

const nameOrValue = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const labelKey = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** Parses a label selector (`a=b,c!=d,e in (f,g),h notin (i),j,!k`); a malformed one is refused with 400. */
export function labelMatcher(selector: string): Matcher {
  if (!selector.trim()) return () => true;
  const requirements = splitOutsideBrackets(selector).map((part) => labelRequirement(part.trim(), selector));
  return (object) => requirements.every((matches) => matches(object.metadata.labels ?? {}));
}

type Labels = { readonly [key: string]: string };

function labelRequirement(part: string, whole: string): (labels: Labels) => boolean {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    checkLabel(key, values, whole);
    return (labels) => values.includes(labels[key] ?? '\0') === (operator === 'in');
  }
  const equality = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(part);
  if (equality) {
    const [, key = '', operator, value = ''] = equality;
    checkLabel(key, [value], whole);
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const absent = part.startsWith('!');
  const key = absent ? part.slice(1).trim() : part;
  checkLabel(key, [], whole);
  return (labels) => Object.hasOwn(labels, key) !== absent;
}

function checkLabel(key: string, values: readonly string[], whole: string): void {
  const bad =
    !labelKey.test(key) ||
    values.some((value) => value !== '' && (!nameOrValue.test(value) || value.length > 63));
  if (bad) throw badRequest(`unable to parse requirement: invalid label selector "${whole}"`);
}

function splitOutsideBrackets(text: string): readonly string[] {
  return text.split(/,(?![^()]*\))/);
}

/** Parses a field selector; a field that the kind cannot be selected by is refused with 400, as the API server does. */
export function fieldMatcher(resource: Resource, selector: string): Matcher {
  if (!selector.trim()) return () => true;
  const requirements = selector.split(',').map((part) => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part.trim());
    if (!match) throw badRequest(`invalid selector: '${selector}'; can't understand '${part}'`);
    const [, field = '', operator, value = ''] = match;
    const path = selectableFields(resource)[field];
    if (!path) throw badRequest(unknownField(resource, field));
    return (object: KubeObject) => {
      const found = at(object, ...path);
      return (shownText(found) === unescaped(value)) === (operator !== '!=');
    };
  });
  return (object) => requirements.every((matches) => matches(object));
}

/** Kinds with fields of their own are checked by their conversion, all others by their table of common fields. */
function unknownField(resource: Resource, field: string): string {
  if (byKind[resource.kind] || resource.storage === '/events') return `field label not supported: ${field}`;
  return `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

function unescaped(value: string): string {
  return value.replace(/\\([\\,=])/g, '$1');
}

const everyKind = { 'metadata.name': ['metadata', 'name'], 'metadata.namespace': ['metadata', 'namespace'] };

const byKind: { readonly [kind: string]: readonly string[] } = {
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
  ],
  Node: ['spec.unschedulable'],
  Namespace: ['status.phase'],
  Secret: ['type'],
  Service: ['spec.clusterIP', 'spec.type'],
  ReplicaSet: ['status.replicas'],
};

const eventFields = [
  'involvedObject.kind',
  'involvedObject.namespace',
  'involvedObject.name',
  'involvedObject.uid',
  'involvedObject.apiVersion',
  'involvedObject.resourceVersion',
  'involvedObject.fieldPath',
  'reason',
  'reportingComponent',
  'type',
];

function selectableFields(resource: Resource): { readonly [field: string]: readonly string[] } {
  const fields: Record<string, readonly string[]> = { ...everyKind };
  for (const field of byKind[resource.kind] ?? []) fields[field] = field.split('.');
  if (resource.storage === '/events') {
    // Events are kept in the core form; events.k8s.io calls the same field `regarding`.
    for (const field of eventFields) {
      fields[field] = field.split('.');
      fields[
        field.replace('involvedObject', 'regarding').replace('reportingComponent', 'reportingController')
      ] = field.split('.');
    }
    fields['source'] = ['source', 'component'];
  }
  return fields;
}
