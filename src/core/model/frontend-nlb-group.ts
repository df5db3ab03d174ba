// What the members of a group say together about its network load balancer.

import { fullKey } from '../annotations/table.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { FrontendNlbIntent, HealthCheck } from '../domain/group-model.ts';
import type { NamespacedName } from '../domain/ids.ts';
import { type Claim, goList, goSet } from './claim.ts';
import type { FrontendNlbDraft, FrontendPortDraft } from './frontend-nlb.ts';
import { afterOwn, stage } from './stage.ts';

type Drafts = readonly {
  readonly member: { readonly id: NamespacedName };
  readonly frontendNlb: FrontendNlbDraft;
}[];

/** Whether some member switches the network load balancer on. */
export const wantsFrontendNlb = (drafts: Drafts): boolean =>
  drafts.some(({ frontendNlb }) => frontendNlb.enabled === true);

/** As ALBC; its documents say 3 for the thresholds. */
const defaultCheck: HealthCheck = {
  protocol: 'HTTP',
  port: 'traffic-port',
  path: '/',
  intervalSeconds: 15,
  timeoutSeconds: 5,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  successCodes: '200',
};

/** Undefined: no member wants one. `tags` are those of the load balancer, which it has unless it is given its own. */
export function mergedFrontendNlb(
  drafts: Drafts,
  tags: Readonly<Record<string, string>>,
  config: CoreConfig,
): FrontendNlbIntent | undefined {
  if (!wantsFrontendNlb(drafts)) return undefined;
  const first = <T>(pick: (draft: FrontendNlbDraft) => T | undefined): T | undefined =>
    drafts.map(({ frontendNlb }) => pick(frontendNlb)).find((value) => value !== undefined);
  const idsOrNames = first((draft) => draft.subnets);
  const ports = Map.groupBy(
    drafts.flatMap(({ member, frontendNlb }) =>
      [...frontendNlb.ports].map(([port, entry]) => ({ port, entry, member: member.id })),
    ),
    ({ port }) => port,
  );
  return {
    scheme: first((draft) => draft.scheme) ?? config.defaultLoadBalancerScheme,
    subnets: idsOrNames === undefined ? { kind: 'discover' } : { kind: 'named', idsOrNames },
    securityGroups: first((draft) => draft.securityGroups),
    allocationIds: first((draft) => draft.allocationIds) ?? [],
    attributes: first((draft) => draft.attributes) ?? {},
    tags: first((draft) => draft.tags) ?? tags,
    enabledBy: drafts
      .filter(({ frontendNlb }) => frontendNlb.enabled === true)
      .map(({ member }) => member.id),
    listeners: [...ports]
      .toSorted(([a], [b]) => a - b)
      .map(([port, entries]) => ({
        port,
        askedBy: entries.map(({ member }) => member),
        targetPort: entries[0]?.entry.targetPort ?? port,
        healthCheck: mergedCheck(entries.map(({ entry }) => entry.healthCheck)),
      })),
  };
}

function mergedCheck(checks: readonly FrontendPortDraft['healthCheck'][]): HealthCheck {
  const said = checks
    .toReversed()
    .map((check) => Object.entries(check).filter(([, value]) => value !== undefined));
  return { ...defaultCheck, ...Object.fromEntries(said.flat()) };
}

/**
 * What a member claims of it. ALBC's words of two members that disagree are recorded for `enable-frontend-nlb` and for the
 * ports (test/recordings/cases/ANN-65-invalid); nothing that we have says them for scheme, security groups, subnets,
 * addresses, attributes and tags: those are formed after what it says of the load balancer's own.
 *
 * `repeatsAttributes`: a member before it gave attributes, which ALBC then wants of all.
 */
export function frontendNlbClaims(
  draft: FrontendNlbDraft,
  { isWanted, repeatsAttributes }: { readonly isWanted: boolean; readonly repeatsAttributes: boolean },
): readonly Claim[] {
  const enabled = claim('enable-frontend-nlb', draft.enabled, () => 'conflicting enable frontend NLB values');
  if (!isWanted) return enabled;
  const { scheme, securityGroups, subnets, allocationIds, tags } = draft;
  const attributes = draft.attributes ?? (repeatsAttributes ? {} : undefined);
  return [
    ...enabled,
    ...claim(
      'frontend-nlb-scheme',
      scheme,
      (other) => `conflicting scheme: ${goSet(String(scheme), other.value)}`,
    ),
    ...claim(
      'frontend-nlb-security-groups',
      securityGroups && goList(securityGroups),
      (other) => `conflicting securityGroups: ${goList(securityGroups ?? [])} | ${other.value}`,
    ),
    ...claim(
      'frontend-nlb-subnets',
      subnets && goList(subnets.toSorted()),
      (other) => `conflicting subnets: ${goList((subnets ?? []).toSorted())} | ${other.value}`,
    ),
    ...claim(
      'frontend-nlb-eip-allocations',
      allocationIds && goList(allocationIds.toSorted()),
      (other) => `conflicting EIP allocations: ${goList((allocationIds ?? []).toSorted())} | ${other.value}`,
    ),
    ...claim(
      'frontend-nlb-attributes',
      attributes && printed(attributes),
      () => 'conflicting frontend NLB attributes',
    ),
    ...claim('frontend-nlb-tags', tags && printed(tags), () => 'conflicting frontend NLB tags'),
    ...[...draft.ports].flatMap(([port, entry]) => portClaims(port, entry)),
  ];
}

const printed = (map: Readonly<Record<string, string>>): string =>
  `map[${Object.keys(map)
    .toSorted()
    .map((key) => `${key}:${map[key]}`)
    .join(' ')}]`;

/** The annotation of each field, and what ALBC calls the field where two differ. */
const checkKeys: Readonly<Record<keyof HealthCheck, readonly [key: string, albc: string]>> = {
  port: ['healthcheck-port', 'Port'],
  protocol: ['healthcheck-protocol', 'Protocol'],
  path: ['healthcheck-path', 'Path'],
  intervalSeconds: ['healthcheck-interval-seconds', 'IntervalSeconds'],
  timeoutSeconds: ['healthcheck-timeout-seconds', 'TimeoutSeconds'],
  healthyThreshold: ['healthcheck-healthy-threshold-count', 'HealthyThresholdCount'],
  unhealthyThreshold: ['healthcheck-unhealthy-threshold-count', 'UnhealthyThresholdCount'],
  successCodes: ['healthcheck-success-codes', 'Matcher.HTTPCode'],
};

function portClaims(port: number, { targetPort, healthCheck }: FrontendPortDraft): readonly Claim[] {
  const one = (key: string, what: string, value: string | number | undefined): readonly Claim[] => {
    const albc: Claim['albc'] = (other) =>
      `failed to merge NLB listenPort config for port: ${port}: conflicting ${what}, config 2: ${other.value}, previous: ${value}`;
    return claim(`frontend-nlb-${key}`, value, albc, port);
  };
  const fields = Object.entries(checkKeys) as [keyof HealthCheck, readonly [string, string]][];
  return [
    ...one('listener-port-mapping', 'Target Port', targetPort),
    ...fields.flatMap(([field, [key, what]]) => one(key, what, healthCheck[field])),
  ];
}

function claim(
  key: string,
  value: string | number | boolean | undefined,
  albc: Claim['albc'],
  port?: number,
): readonly Claim[] {
  if (value === undefined) return [];
  const text = String(value);
  const subject = port === undefined ? key : `${key} of port ${port}`;
  return [
    {
      slot: subject,
      value: text,
      shown: text,
      print: text,
      subject,
      path: `metadata.annotations[${fullKey(key)}]`,
      stage: stage.frontendNlb + afterOwn,
      albc,
    },
  ];
}
