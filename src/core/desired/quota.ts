// Admission by AWS's quotas: what does not fit is refused whole and before anything is written, so that no member is
// ever half there and nobody else is hurt. Counting is per load balancer; the region's totals are the ledger's business.

import type { CoreConfig } from '../domain/config.ts';
import type { DesiredGroup } from '../domain/desired-group.ts';
import type { Quota, QuotaName } from '../domain/facts.ts';
import type { Member } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { Problem } from '../domain/problem.ts';
import { exceeded } from './quota-problem.ts';
import { limitOf } from '../domain/quotas.ts';
import { ruleQuotaProblems } from './quota-rule.ts';
import { type Usage, keptUsage, rulesPresent, memberUsage } from './quota-usage.ts';

type Input = {
  readonly desired: DesiredGroup;
  readonly observed: ObservedGroup;
  readonly quotas: readonly Quota[];
  readonly config: CoreConfig;
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
] as const satisfies readonly { usage: keyof Usage; quota: QuotaName }[];

function admission(members: readonly Member[], input: Input): readonly Problem[] {
  const { desired, observed, quotas } = input;
  const ranked = members
    .map((member) => ({
      member,
      wanted: memberUsage(member.id, desired),
      have: rulesPresent(member.id, observed),
    }))
    .toSorted((a, b) => turn(a) - turn(b));
  const used = keptUsage(input);
  const problems: Problem[] = [];
  for (const { member, wanted, have: present } of ranked) {
    const lacking = dimensions
      .map(({ usage, quota }) => ({
        quota,
        have: used[usage].size,
        add: additions(wanted[usage], used[usage]),
      }))
      .filter(({ quota, have, add }) => add > 0 && have + add > limitOf(quota, quotas));
    const refusal = lacking.map(({ quota, have, add }) =>
      exceeded({
        object: member.ref,
        quota,
        quotas,
        used: have,
        wanted: add,
        region: input.config.region,
        severity: present > 0 && quota === 'targets-per-application-load-balancer' ? 'warning' : 'error',
      }),
    );
    problems.push(...refusal);
    if (refusal.some(({ severity }) => severity === 'error')) continue;
    for (const { usage } of dimensions) for (const item of wanted[usage]) used[usage].add(item);
  }
  return problems;
}

/** Members that ask for no more rules than they have, then those that grow, then newcomers; group order among equals. */
function turn({ wanted, have }: { readonly wanted: Usage; readonly have: number }): number {
  if (have === 0) return 2;
  return wanted.rules.size > have ? 1 : 0;
}

/** A listener's surplus certificates cannot be blamed on one member; AWS turns down the last ones and the rest serves. */
function certificateProblems({ desired, quotas, config: { region } }: Input): readonly Problem[] {
  const quota = 'certificates-per-application-load-balancer';
  const listeners = desired.loadBalancer?.listeners ?? [];
  const count = listeners.reduce(
    (sum, { certificateArns }) => sum + Math.max(0, certificateArns.length - 1),
    0,
  );
  const object = desired.model.members[0]?.ref;
  if (object === undefined || count <= limitOf(quota, quotas)) return [];
  return [exceeded({ object, quota, quotas, used: 0, wanted: count, severity: 'warning', region })];
}

function targetGroupProblems({ desired, quotas, config: { region } }: Input): readonly Problem[] {
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
        severity: 'warning',
        region,
      }),
    );
}

function additions(wanted: ReadonlySet<string>, used: ReadonlySet<string>): number {
  return [...wanted].filter((item) => !used.has(item)).length;
}
