import type { KubeSimulator } from '../../src/simulator/kube/simulator.ts';
import { type Json, type JsonObject, present } from './json.ts';

type Raw = {
  readonly metadata: {
    readonly namespace?: string;
    readonly name: string;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status?: {
    readonly loadBalancer?: {
      readonly ingress?: readonly {
        readonly hostname?: string;
        readonly ports?: readonly { readonly port: number }[];
      }[];
    };
  };
};
type RawEvent = {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly involvedObject?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
  readonly metadata: { readonly uid?: string };
};

/** Finalizers, status and pending deletion of every Ingress. */
export function collectIngresses(kube: KubeSimulator): JsonObject {
  const ingresses = kube.store.list('networking.k8s.io/v1', 'Ingress') as unknown as readonly Raw[];
  return Object.fromEntries(
    ingresses.map(({ metadata, status }) => [
      `${metadata.namespace}/${metadata.name}`,
      present({
        finalizers: metadata.finalizers,
        deleting: metadata.deletionTimestamp === undefined ? undefined : true,
        status: (status?.loadBalancer?.ingress ?? []).map((entry) => ({
          ...present({ hostname: entry.hostname }),
          ports: (entry.ports ?? []).map(({ port }) => port),
        })),
        dryRunPlan: planOf(metadata),
      }),
    ]),
  );
}

function planOf({ annotations }: Raw['metadata']): JsonObject | undefined {
  const text = annotations?.['alb.ingress.kubernetes.io/dry-run-plan'];
  return text === undefined ? undefined : (JSON.parse(text) as JsonObject);
}

/** The bindings that users wrote: we make none. */
export function collectBindings(kube: KubeSimulator): JsonObject {
  const bindings = kube.store.list(
    'elbv2.k8s.aws/v1beta1',
    'TargetGroupBinding',
  ) as unknown as readonly (Raw & {
    readonly metadata: { readonly labels?: JsonObject };
    readonly spec?: JsonObject;
  })[];
  return Object.fromEntries(
    bindings.map(({ metadata, spec }) => [
      `${metadata.namespace}/${metadata.name}`,
      { labels: metadata.labels ?? null, ...present({ finalizers: metadata.finalizers, spec }) },
    ]),
  );
}

/** Lists of own targets in target groups that clusters share; undefined where there are none. */
export function collectTargetLists(kube: KubeSimulator): JsonObject | undefined {
  const configMaps = kube.store.list('v1', 'ConfigMap') as unknown as readonly (Raw & {
    readonly data?: JsonObject;
  })[];
  const lists = configMaps.filter(({ metadata }) => metadata.name.startsWith('aws-lbc-targets-'));
  if (lists.length === 0) return undefined;
  return Object.fromEntries(
    lists.map(({ metadata, data }) => [`${metadata.namespace}/${metadata.name}`, data ?? {}]),
  );
}

type RawPod = Raw & {
  readonly spec?: { readonly readinessGates?: readonly { readonly conditionType: string }[] };
  readonly status?: { readonly conditions?: readonly (JsonObject & { readonly type: string })[] };
};

/** Pods that wait for the health of a target, with what they have been told; undefined where there are none. */
export function collectReadinessGates(kube: KubeSimulator): JsonObject | undefined {
  const pods = kube.store.list('v1', 'Pod') as unknown as readonly RawPod[];
  const gated = pods.filter(({ spec }) => (spec?.readinessGates ?? []).length > 0);
  if (gated.length === 0) return undefined;
  return Object.fromEntries(
    gated.map(({ metadata, spec, status }) => [
      `${metadata.namespace}/${metadata.name}`,
      {
        gates: (spec?.readinessGates ?? []).map(({ conditionType }) => ({ conditionType })),
        conditions: (status?.conditions ?? [])
          .filter(({ type }) => type.startsWith('target-health.'))
          .map(({ type, status: is = '', reason, message }) =>
            present({ type, status: is, reason, message }),
          ),
      },
    ]),
  );
}

/** The counts of all events so far, to tell later which came or came again since. */
export function eventCounts(kube: KubeSimulator): ReadonlyMap<string, number> {
  return new Map(events(kube).map((event) => [event.metadata.uid ?? '', countOf(event)]));
}

/** The events since `before`, each text once. */
export function collectEvents(kube: KubeSimulator, before: ReadonlyMap<string, number>): readonly Json[] {
  const fresh = events(kube).filter((event) => countOf(event) > (before.get(event.metadata.uid ?? '') ?? 0));
  const shown = fresh.map(({ involvedObject, type, reason, message }) => ({
    object: `${involvedObject?.kind} ${involvedObject?.namespace}/${involvedObject?.name}`,
    type: type ?? '',
    reason: reason ?? '',
    message: message ?? '',
  }));
  return [...new Map(shown.map((event) => [JSON.stringify(event), event])).values()];
}

function events(kube: KubeSimulator): readonly RawEvent[] {
  return kube.store.list('v1', 'Event') as unknown as readonly RawEvent[];
}

function countOf(event: RawEvent & { readonly count?: number }): number {
  return event.count ?? 1;
}
