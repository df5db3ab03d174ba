// What of a step is not compared, and why (README.md beside this file).

import { type Json, type JsonObject, present } from './json.ts';
import { withLists } from './requests.ts';

export type Step = Readonly<Record<string, Json>>;
type Binding = { readonly labels: JsonObject | null };
type Event = { readonly object: string; readonly type: string; readonly message: string };

/** A step, recorded or ours, without what says nothing about equality. `earlier`: the recorded steps before it. */
export function comparable(step: Step, earlier: readonly Step[]): Step {
  const kubernetes = (step['kubernetes'] ?? {}) as JsonObject;
  const told = new Set(earlier.flatMap(eventsOf).map((event) => JSON.stringify(event)));
  return present({
    ...step,
    aws: withPolicies((step['aws'] ?? {}) as JsonObject),
    kubernetes: withoutBindings(kubernetes),
    events: eventsOf(step).filter(
      (event) =>
        !madeByAlbc.test(event.object) && !(event.type === 'Warning' && told.has(JSON.stringify(event))),
    ),
    requests: byName(requestsOf(step))
      .filter(({ operation }) => !leftOut.has(operation))
      .map(({ operation, params }) => ({ operation, params: withSubnets(withLists(params)) })),
  });
}

/** Which of two load balancers is made first says nothing. */
const byName = (requests: readonly Request[]): readonly Request[] =>
  requests.every(({ operation }) => operation === 'CreateLoadBalancer')
    ? requests.toSorted((a, b) => (String(a.params['Name']) < String(b.params['Name']) ? -1 : 1))
    : requests;

/** `Subnets` is short for mappings without addresses, whose order AWS does not keep. */
function withSubnets(params: JsonObject): JsonObject {
  const { Subnets, SubnetMappings, ...rest } = params;
  const mappings = (SubnetMappings ??
    (Subnets as readonly Json[] | undefined)?.map((SubnetId) => ({ SubnetId }))) as
    | readonly JsonObject[]
    | undefined;
  if (mappings === undefined) return params;
  const isPlain = mappings.every((mapping) => !('AllocationId' in mapping));
  const id = (mapping: JsonObject): string => String(mapping['SubnetId']);
  return {
    ...rest,
    SubnetMappings: isPlain ? mappings.toSorted((a, b) => (id(a) < id(b) ? -1 : 1)) : mappings,
  };
}

/** AWS gives an HTTPS listener its default policy when none is named; the recordings' account left some without. */
function withPolicies(aws: JsonObject): JsonObject {
  const loadBalancers = Object.entries((aws['loadBalancers'] ?? {}) as Readonly<Record<string, JsonObject>>);
  return present({
    ...aws,
    loadBalancers: Object.fromEntries(
      loadBalancers.map(([name, value]) => [name, present({ ...value, listeners: listenersOf(value) })]),
    ),
  });
}

function listenersOf(loadBalancer: JsonObject): JsonObject {
  const listeners = Object.entries((loadBalancer['listeners'] ?? {}) as Readonly<Record<string, JsonObject>>);
  return Object.fromEntries(
    listeners.map(([name, listener]) => [
      name,
      name.startsWith('HTTPS:') ? { sslPolicy: 'ELBSecurityPolicy-2016-08', ...listener } : listener,
    ]),
  );
}

/** TargetGroupBindings that ALBC makes for Ingresses: those that users wrote stay. */
function withoutBindings(kubernetes: JsonObject): JsonObject {
  const bindings = (kubernetes['targetGroupBindings'] ?? {}) as JsonObject;
  const kept = Object.entries(bindings).filter(([, binding]) => !isOfIngress(binding as Binding));
  return present({
    ...kubernetes,
    targetGroupBindings: Object.fromEntries(kept),
  });
}

const isOfIngress = ({ labels }: Binding): boolean =>
  Object.keys(labels ?? {}).some((label) => label.startsWith('ingress.k8s.aws/stack'));

/** ALBC's bindings have the name of their target group. */
const madeByAlbc = /^TargetGroupBinding [^/]+\/k8s-/;

/**
 * Our order of rule writes is our own (no request may meet a wrong rule on the way); what comes out is compared. Validation
 * records are recorded as bytes on the wire with names by chance, one a request; ours go in batches.
 */
const leftOut = new Set([
  'CreateRule',
  'ModifyRule',
  'DeleteRule',
  'SetRulePriorities',
  'ChangeResourceRecordSets',
]);

const eventsOf = (step: Step): readonly Event[] => (step['events'] ?? []) as readonly Event[];
type Request = { readonly operation: string; readonly params: JsonObject };
const requestsOf = (step: Step): readonly Request[] => (step['requests'] ?? []) as readonly Request[];
