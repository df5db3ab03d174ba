// What an Ingress brings to the shard that it is in: the hosts that have to be where it is, and how much room it takes.

import { parseConditions } from '../annotations/conditions.ts';
import { parseListenPorts } from '../annotations/listen-ports.ts';
import { fullKey } from '../annotations/table.ts';
import { parseList } from '../annotations/values.ts';
import type { Ingress, IngressPath } from '../domain/cluster.ts';
import { addedPatterns } from './host-pattern.ts';
import { backendsOf } from './service-names.ts';

/** `example.com` or `*.example.com`, in lower case. */
export type HostName = string;

/** In the units of the limits of one load balancer. */
export type Weight = {
  readonly rules: number;
  readonly targetGroups: number;
  readonly certificates: number;
};

/** Hosts of all rules, without repeats. */
export function hostsOf(ingress: Ingress): readonly HostName[] {
  return [...new Set(rulesOf(ingress).flatMap(({ hosts }) => hosts ?? []))];
}

/** Where in the Ingress the rules stand that requests to any host may meet: `spec.rules[0].http.paths[1]`. */
export function anyHostRules(ingress: Ingress): ReadonlySet<string> {
  return new Set(rulesOf(ingress).flatMap(({ where, hosts }) => (hosts === undefined ? [where] : [])));
}

/** Whether every load balancer of the group has to answer for it. */
export function isForAnyHost(ingress: Ingress): boolean {
  return ingress.defaultBackend !== undefined || anyHostRules(ingress).size > 0;
}

/** How much of a load balancer it takes, as far as its own text tells. */
export function weightOf(ingress: Ingress): Weight {
  const { annotations } = ingress.meta;
  const ports = parseListenPorts(annotations[fullKey('listen-ports')] ?? '');
  const given = parseList(annotations[fullKey('certificate-arn')] ?? '');
  const arns = given.ok ? given.value.length : 0;
  return {
    rules: rulesOf(ingress).length * (ports.ok ? ports.value.length : 1),
    targetGroups: new Set(backendsOf(ingress).map((backend) => JSON.stringify(backend))).size,
    certificates: Math.max(arns, new Set(ingress.tls.flatMap(({ hosts }) => hosts)).size),
  };
}

/** Whether some request may be for both; a wildcard counts for any number of labels. */
export function overlap(a: HostName, b: HostName): boolean {
  return a === b || isBelow(a, b) || isBelow(b, a);
}

export const isWild = (host: HostName): boolean => host.startsWith('*.');

const isBelow = (host: HostName, wild: HostName): boolean => isWild(wild) && host.endsWith(wild.slice(1));

type PlacedRule = {
  readonly where: string;
  /** Undefined: any. */
  readonly hosts: readonly HostName[] | undefined;
};

function rulesOf(ingress: Ingress): readonly PlacedRule[] {
  return ingress.rules.flatMap(({ host, paths }, index) =>
    (paths ?? []).map((path, place) => ({
      where: `spec.rules[${index}].http.paths[${place}]`,
      hosts: hostsOfRule(host ?? '', addedHosts(ingress, path)),
    })),
  );
}

/** The host of a rule and those that the annotation `conditions.NAME` of its backend adds. */
function hostsOfRule(
  host: string,
  { values, regexValues }: ReturnType<typeof addedHosts>,
): readonly HostName[] | undefined {
  const all = [...(host === '' ? [] : [host]), ...values].map((value) => value.toLowerCase());
  const isPlain = all.every((value) => !/[*?]/.test(value.replace(/^\*\./, '')));
  return all.length > 0 && isPlain && regexValues.length === 0 ? all : undefined;
}

function addedHosts({ meta }: Ingress, { backend }: IngressPath): ReturnType<typeof addedPatterns> {
  const text =
    backend.kind === 'service' ? meta.annotations[fullKey(`conditions.${backend.name}`)] : undefined;
  const parsed = text === undefined ? undefined : parseConditions(text);
  return addedPatterns(parsed?.ok === true ? parsed.value.conditions : [], 'host-header');
}
