// What a member says about the network load balancer in front of the group's load balancer (albc-behaviour §1.7).

import { parseMap } from '../annotations/string-map.ts';
import { parseBoolean, parseInteger, parseList } from '../annotations/values.ts';
import { fullKey } from '../annotations/table.ts';
import type { Scheme } from '../domain/config.ts';
import type { HealthCheck } from '../domain/group-model.ts';
import { type Finding, type MemberContext, problemOf } from './context.ts';
import { type AnnotationReader, annotationReader, oneOf } from './read-annotations.ts';
import { stage } from './stage.ts';

type StringMap = Readonly<Record<string, string>>;

/** One port of the network load balancer as one member sees it; undefined fields of the check: the member does not say. */
export type FrontendPortDraft = {
  readonly targetPort: number;
  readonly healthCheck: { readonly [Field in keyof HealthCheck]: HealthCheck[Field] | undefined };
};

/** `undefined`: this member does not say. */
export type FrontendNlbDraft = {
  readonly enabled: boolean | undefined;
  readonly scheme: Scheme | undefined;
  readonly subnets: readonly string[] | undefined;
  readonly securityGroups: readonly string[] | undefined;
  readonly allocationIds: readonly string[] | undefined;
  readonly attributes: StringMap | undefined;
  readonly tags: StringMap | undefined;
  /** By its port. */
  readonly ports: ReadonlyMap<number, FrontendPortDraft>;
  /** Mistakes that only count where some member of the group switches the network load balancer on. */
  readonly findings: readonly Finding[];
};

/** Reads the annotations `frontend-nlb-*`; `listens` are the member's listen ports. */
export function frontendNlbDraft(member: MemberContext, listens: readonly number[]): FrontendNlbDraft {
  const findings: Finding[] = [];
  const context: MemberContext = {
    ...member,
    report: (place, words) => findings.push({ stage: place, problem: problemOf(member.ref, words) }),
  };
  const reader = annotationReader(context, { stage: stage.frontendNlb, albcPrefix: false });
  const enabled = annotationReader(member, { stage: stage.frontendNlb, albcPrefix: false }).value(
    'enable-frontend-nlb',
    parseBoolean,
  );
  return {
    enabled,
    scheme: oneOf(
      reader,
      'frontend-nlb-scheme',
      ['internal', 'internet-facing'],
      (text) => `unknown scheme: ${text}`,
    ),
    securityGroups: list(reader, 'frontend-nlb-security-groups'),
    subnets: list(reader, 'frontend-nlb-subnets'),
    allocationIds: list(reader, 'frontend-nlb-eip-allocations'),
    attributes: attributes(reader),
    tags: reader.value('frontend-nlb-tags', parseMap),
    ports: ports(context, listens),
    findings,
  };
}

function list(reader: AnnotationReader, key: string): readonly string[] | undefined {
  const entries = reader.value(key, parseList);
  return entries?.length === 0 ? undefined : entries;
}

const routingPolicy = 'dns_record.client_routing_policy';
const routingPolicies = [
  'any_availability_zone',
  'partial_availability_zone_affinity',
  'availability_zone_affinity',
];

function attributes(reader: AnnotationReader): StringMap | undefined {
  const key = 'frontend-nlb-attributes';
  const found = reader.value(key, parseMap);
  const policy = found?.[routingPolicy];
  if (policy === undefined || routingPolicies.includes(policy)) return found;
  const allowed = routingPolicies.map((word) => `'${word}'`).join(', ');
  // ALBC names another annotation than the one it read.
  const albc = `invalid ${routingPolicy} set in annotation aws-load-balancer-attributes: got '${policy}' expected one of [${allowed}]`;
  reader.refuse(key, `where ${routingPolicy} must be one of ${routingPolicies.join(', ')}`, albc);
  return undefined;
}

/** Each listen port as it is, or those of the mapping; a mapping to a port that the member does not listen on is left out. */
function ports(context: MemberContext, listens: readonly number[]): ReadonlyMap<number, FrontendPortDraft> {
  const healthCheck = checkOf(context);
  const mapping = portMapping(context);
  const pairs = mapping ?? listens.map((port) => [port, port] as const);
  return new Map(
    pairs
      .filter(([, targetPort]) => listens.includes(targetPort))
      .map(([port, targetPort]) => [port, { targetPort, healthCheck }]),
  );
}

const wordsOf = (context: MemberContext, words: string): string =>
  `failed to compute listenPort config for ingress: ${context.id}: ${words}`;

function portMapping(context: MemberContext): readonly (readonly [number, number])[] | undefined {
  const key = 'frontend-nlb-listener-port-mapping';
  const reader = annotationReader(context, { stage: stage.frontendNlb, albcPrefix: false });
  const text = reader.text(key);
  if (text === undefined) return undefined;
  const found = parseMap(text);
  if (!found.ok) {
    const albc = `failed to parse ${key} for ingress map[]: failed to parse stringMap annotation, ${fullKey(key)}: ${text}`;
    reader.refuse(key, found.why, wordsOf(context, albc));
    return undefined;
  }
  const entries = Object.entries(found.value);
  // Without an entry ALBC takes the listen ports as they are.
  if (entries.length === 0) return undefined;
  return entries.flatMap(([from, to]) => {
    const wrong = [
      { text: from, albc: `invalid NLB listener port: ${from}` },
      { text: to, albc: `invalid ALB listener port: ${to}` },
    ].find((port) => !isPort(port.text));
    if (wrong === undefined) return [[Number(from), Number(to)] as const];
    reader.refuse(
      key,
      `where "${wrong.text}" is not a port between 1 and 65535`,
      wordsOf(context, wrong.albc),
    );
    return [];
  });
}

const isPort = (text: string): boolean =>
  /^[+]?[0-9]{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

function checkOf(context: MemberContext): FrontendPortDraft['healthCheck'] {
  const inner = annotationReader(context, { stage: stage.frontendNlb, albcPrefix: false });
  const reader: AnnotationReader = {
    ...inner,
    refuse: (key, why, albc) =>
      inner.refuse(key, why, albc === undefined ? undefined : wordsOf(context, albc)),
  };
  const seconds = (key: string, from: number, to: number): number | undefined => {
    const value = inner.value(key, parseInteger);
    const checks = context.config.policy.compatibility === 'none';
    if (checks && value !== undefined && (value < from || value > to))
      inner.refuse(key, `which is not within ${from} and ${to}`);
    return value;
  };
  return {
    port: checkPort(reader),
    protocol: oneOf(
      reader,
      'frontend-nlb-healthcheck-protocol',
      ['HTTP', 'HTTPS'],
      () => 'healthCheckProtocol must be within [HTTP, HTTPS]',
    ),
    path: reader.text('frontend-nlb-healthcheck-path'),
    intervalSeconds: seconds('frontend-nlb-healthcheck-interval-seconds', 5, 300),
    timeoutSeconds: seconds('frontend-nlb-healthcheck-timeout-seconds', 2, 120),
    healthyThreshold: seconds('frontend-nlb-healthcheck-healthy-threshold-count', 2, 10),
    unhealthyThreshold: seconds('frontend-nlb-healthcheck-unhealthy-threshold-count', 2, 10),
    successCodes: reader.text('frontend-nlb-healthcheck-success-codes'),
  };
}

function checkPort(reader: AnnotationReader): string | undefined {
  const key = 'frontend-nlb-healthcheck-port';
  const text = reader.text(key);
  if (text === undefined || text === 'traffic-port') return text;
  if (isPort(text)) return String(Number(text));
  reader.refuse(key, 'which is neither traffic-port nor a port number', 'failed to resolve healthCheckPort');
  return undefined;
}
