// Admission by AWS's quotas: what does not fit is refused whole and before anything is written, so that no member is
// ever half there and nobody else is hurt.

import type { CoreConfig } from '../domain/config.ts';
import type { DesiredGroup } from '../domain/desired-group.ts';
import type { Quota, QuotaName, RegionUse } from '../domain/facts.ts';
import type { Member } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';
import { addKept } from './quota-kept.ts';
import { exceeded } from './quota-problem.ts';
import { limitOf } from '../domain/quotas.ts';
import { ruleQuotaProblems } from './quota-rule.ts';
import { type Usage, isMore, keptUsage, rulesPresent, memberUsage } from './quota-usage.ts';

type Input = {
  readonly desired: DesiredGroup;
  readonly observed: ObservedGroup;
  readonly quotas: readonly Quota[];
  readonly config: CoreConfig;
  /** What was last applied; undefined after a restart. */
  readonly previous?: DesiredGroup | undefined;
  /** Undefined: not known. */
  readonly regionUse?: RegionUse | undefined;
};

/**
 * `QuotaExceeded` for each member that does not fit, judged in group order; members that have rules already come before
 * newcomers, and unchanged ones before those that grow, so that nobody pushes out who was there before. Deletes are never judged.
 *
 * More targets than fit are an error only for a newcomer: an older member that scales up keeps its rules, and its
 * targets loop registers as many as there is room for.
 */
export function quotaProblems(input: Input): readonly Problem[] {
  // ALBC leaves the shape of single rules to AWS (docs/compatibility.md).
  const isAlbc = input.config.policy.compatibility === 'albc';
  const single = isAlbc ? [] : ruleQuotaProblems(input.desired, input.quotas, input.config.region);
  const refused = new Set(single.map(({ object }) => namespacedName(object.namespace, object.name)));
  const members = input.desired.model.members.filter(({ id }) => !refused.has(id));
  const unplaced = isAlbc ? [] : loadBalancerProblems(members, input);
  if (unplaced.length > 0) return [...single, ...unplaced];
  return [
    ...single,
    ...admission(members, input),
    ...certificateProblems(input),
    ...targetGroupProblems(input),
  ];
}

const dimensions = [
  { usage: 'rules', quota: 'rules-per-application-load-balancer' },
  { usage: 'listeners', quota: 'listeners-per-application-load-balancer' },
  { usage: 'targetGroups', quota: 'target-groups-per-application-load-balancer' },
  { usage: 'targets', quota: 'targets-per-application-load-balancer' },
  { usage: 'certificates', quota: 'certificates-per-application-load-balancer' },
  { usage: 'ipv4Rules', quota: 'rules-per-security-group' },
  { usage: 'ipv6Rules', quota: 'rules-per-security-group' },
  { usage: 'newTargetGroups', quota: 'target-groups' },
  { usage: 'newNetworks', quota: 'network-load-balancers' },
  { usage: 'networkListeners', quota: 'listeners-per-network-load-balancer' },
  { usage: 'networkTargets', quota: 'targets-per-network-load-balancer' },
  { usage: 'networkTargets', quota: 'targets-per-availability-zone-per-network-load-balancer' },
] as const satisfies readonly { usage: keyof Usage; quota: QuotaName }[];

/** Under ALBC's preset these are left to AWS, as ALBC does. */
const leftToAws: ReadonlySet<keyof Usage> = new Set([
  'certificates',
  'ipv4Rules',
  'ipv6Rules',
  'newTargetGroups',
  'newNetworks',
  'networkListeners',
  'networkTargets',
]);

/** A new group needs a place in the region, where everybody's load balancers count. */
function loadBalancerProblems(members: readonly Member[], input: Input): readonly Problem[] {
  const { desired, observed, quotas, regionUse, config } = input;
  const quota = 'application-load-balancers';
  const isThere = observed.loadBalancers.some(({ type }) => type === 'application');
  const used = regionUse?.loadBalancers ?? 0;
  if (desired.loadBalancer === undefined || isThere || used < limitOf(quota, quotas)) return [];
  const { region } = config;
  return members.map(({ ref }) =>
    exceeded({ object: ref, quota, quotas, used, wanted: 1, severity: 'error', region }),
  );
}

function admission(members: readonly Member[], input: Input): readonly Problem[] {
  const { desired, observed, quotas, regionUse, config } = input;
  const isAlbc = config.policy.compatibility === 'albc';
  const counted = dimensions.filter(({ usage }) => !isAlbc || !leftToAws.has(usage));
  const ranked = members
    .map((member) => {
      const wanted = memberUsage(member.id, desired, observed);
      const have = rulesPresent(member.id, desired, observed);
      return { member, wanted, have, isMore: wanted.rules.size > have || isMore(wanted, observed) };
    })
    .toSorted((a, b) => turn(a) - turn(b));
  const used = keptUsage(input);
  addKept(used, input);
  const problems: Problem[] = [];
  for (const { member, wanted, have: present, isMore: grows } of ranked) {
    const lacking = counted
      .map(({ usage, quota }) => ({
        quota,
        have: used[usage].size + inRegion(usage, regionUse),
        add: additions(wanted[usage], used[usage]),
      }))
      .filter(({ quota, have, add }) => add > 0 && have + add > limitOf(quota, quotas));
    const isNew = present === 0;
    const isJudged = (quota: QuotaName): boolean =>
      // What AWS has it has, whatever anybody says of a limit.
      isNew || grows || quota === 'targets-per-application-load-balancer';
    const refusal = lacking
      .filter(({ quota }) => isJudged(quota))
      .map(({ quota, have, add }) =>
        exceeded({
          object: member.ref,
          quota,
          quotas,
          used: have,
          wanted: add,
          region: config.region,
          severity: !isNew && quota === 'targets-per-application-load-balancer' ? 'warning' : 'error',
        }),
      );
    problems.push(...refusal);
    if (refusal.some(({ severity }) => severity === 'error')) continue;
    for (const { usage } of counted) for (const item of wanted[usage]) used[usage].add(item);
  }
  return problems;
}

/** What everybody has of it in the region. */
function inRegion(usage: keyof Usage, use: RegionUse | undefined): number {
  if (usage === 'newTargetGroups') return use?.targetGroups ?? 0;
  return usage === 'newNetworks' ? (use?.networkLoadBalancers ?? 0) : 0;
}

/** Members that ask for no more than there is, then those that grow, then newcomers; group order among equals. */
function turn(member: { readonly isMore: boolean; readonly have: number }): number {
  if (member.have === 0) return 2;
  return member.isMore ? 1 : 0;
}

/** Certificates that were found for hosts are not blamed on one member; AWS turns down the last ones and the rest serves. */
function certificateProblems({ desired, quotas, config: { region } }: Input): readonly Problem[] {
  const quota = 'certificates-per-application-load-balancer';
  const listeners = desired.loadBalancer?.listeners ?? [];
  const count = listeners.reduce(
    (sum, { certificateArns }) => sum + Math.max(0, certificateArns.length - 1),
    0,
  );
  const isFound = desired.model.listeners.some(
    ({ discoverCertificatesFor }) => discoverCertificatesFor.length > 0,
  );
  const object = desired.model.members[0]?.ref;
  if (object === undefined || !isFound || count <= limitOf(quota, quotas)) return [];
  return [exceeded({ object, quota, quotas, used: 0, wanted: count, severity: 'warning', region })];
}

/** A Service that grows keeps its rules and the targets that fit; one that never fitted would begin with too few. */
function targetGroupProblems({ desired, observed, quotas, config }: Input): readonly Problem[] {
  const { region, policy } = config;
  const isThere = ({ namespace, name }: ObjectRef): boolean =>
    policy.compatibility === 'albc' || rulesPresent(namespacedName(namespace, name), desired, observed) > 0;
  const quota = 'targets-per-target-group';
  return desired.targetGroups
    .filter(({ targets }) => targets.length > limitOf(quota, quotas))
    .map(({ member, targets }) =>
      exceeded({
        object: member,
        quota,
        quotas,
        used: 0,
        wanted: targets.length,
        severity: isThere(member) ? 'warning' : 'error',
        region,
      }),
    );
}

function additions(wanted: ReadonlySet<string>, used: ReadonlySet<string>): number {
  return [...wanted].filter((item) => !used.has(item)).length;
}
