// The webhooks that are registered for a write (admissionregistration.k8s.io/v1), in the order they are asked.

import type { Json } from '../json.ts';
import { at, listOf, objectOf, textOf } from '../json.ts';
import type { KubeObject } from '../object.ts';
import type { AdmissionAsk } from '../object-api.ts';
import type { Store } from '../store.ts';
import { storeKey } from '../store.ts';

export type RegisteredWebhook = {
  readonly name: string;
  readonly clientConfig: Json | undefined;
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly timeoutMs: number;
};

const storages = {
  mutating: 'admissionregistration.k8s.io/mutatingwebhookconfigurations',
  validating: 'admissionregistration.k8s.io/validatingwebhookconfigurations',
} as const;

/**
 * By name of the configuration, then as written. Rules and selectors count, `matchConditions` do not: a webhook may be
 * asked more often than by a real API server. Nobody is asked about the configurations themselves.
 */
export function registeredWebhooks(store: Store, ask: AdmissionAsk): readonly RegisteredWebhook[] {
  if (ask.target.resource.group === 'admissionregistration.k8s.io') return [];
  return store
    .list(storages[ask.phase])
    .flatMap((configuration) => listOf(configuration['webhooks']))
    .filter((webhook) => isMeant(webhook, ask, store))
    .map((webhook) => ({
      name: textOf(at(webhook, 'name')),
      clientConfig: at(webhook, 'clientConfig'),
      failurePolicy: at(webhook, 'failurePolicy') === 'Ignore' ? 'Ignore' : 'Fail',
      timeoutMs: Number(at(webhook, 'timeoutSeconds') ?? 10) * 1000,
    }));
}

function isMeant(webhook: Json, ask: AdmissionAsk, store: Store): boolean {
  if (!listOf(at(webhook, 'rules')).some((rule) => isInRule(rule, ask))) return false;
  const inNamespace = selects(at(webhook, 'namespaceSelector'), namespaceLabels(ask, store));
  const selector = at(webhook, 'objectSelector');
  const candidates = [ask.object, ...(ask.old === undefined ? [] : [ask.old])];
  return inNamespace && candidates.some((object) => selects(selector, object.metadata.labels ?? {}));
}

function isInRule(rule: Json, { target, old }: AdmissionAsk): boolean {
  const { group, version, plural, namespaced } = target.resource;
  const resource = target.subresource === '' ? plural : `${plural}/${target.subresource}`;
  const has = (field: string, value: string) =>
    listOf(at(rule, field)).some((item) => item === '*' || item === value);
  const scope = at(rule, 'scope') ?? '*';
  return (
    has('operations', old === undefined ? 'CREATE' : 'UPDATE') &&
    has('apiGroups', group) &&
    has('apiVersions', version) &&
    listOf(at(rule, 'resources')).some((item) => isResource(textOf(item), resource)) &&
    (scope === '*' || scope === (namespaced ? 'Namespaced' : 'Cluster'))
  );
}

/** A star is every resource without its subresources; a second one after the slash is every subresource too. */
function isResource(pattern: string, resource: string): boolean {
  const [kind = '', sub = ''] = resource.split('/');
  const [kindPattern, subPattern = ''] = pattern.split('/');
  const fits = (wanted: string, found: string) => wanted === '*' || wanted === found;
  return fits(kindPattern ?? '', kind) && (subPattern === '*' || subPattern === sub);
}

/** Undefined for objects that are in no namespace, which no namespaceSelector leaves out. */
function namespaceLabels(
  { target, object }: AdmissionAsk,
  store: Store,
): Readonly<Record<string, string>> | undefined {
  if (target.resource.storage === '/namespaces') return object.metadata.labels ?? {};
  if (!target.resource.namespaced) return undefined;
  const namespace: KubeObject | undefined = store.get('/namespaces', storeKey('', target.namespace));
  // The API server labels every namespace with its name.
  return { 'kubernetes.io/metadata.name': target.namespace, ...namespace?.metadata.labels };
}

function selects(selector: Json | undefined, labels: Readonly<Record<string, string>> | undefined): boolean {
  if (labels === undefined) return true;
  const exact = Object.entries(objectOf(at(selector, 'matchLabels'))).every(
    ([key, value]) => labels[key] === value,
  );
  return exact && listOf(at(selector, 'matchExpressions')).every((each) => isExpressed(each, labels));
}

function isExpressed(expression: Json, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[textOf(at(expression, 'key'))];
  const values = listOf(at(expression, 'values'));
  switch (at(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}
