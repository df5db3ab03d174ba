// When a limit will be reached, if Ingresses go on coming as they came. Kubernetes keeps when each was created, so that the
// history is there after a restart and needs no store. What was deleted since is not seen: the forecast is the earliest day.

import { memberUsage, type Usage } from '../desired/quota-usage.ts';
import type { DesiredGroup } from '../domain/desired-group.ts';
import type { QuotaName } from '../domain/facts.ts';
import type { NamespacedName } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { Forecast, LimitRow } from './rows.ts';

export type Growing = {
  readonly desired: DesiredGroup;
  readonly observed: ObservedGroup;
};

const dayMs = 24 * 60 * 60_000;
const windowDays = 30;
/** What came on the first day is how it began, and no growth. */
const firstDays = 1;

/** What the rows of a load balancer and of its security group count, as members' usage has it. */
const dimensions: Partial<Readonly<Record<QuotaName, readonly (keyof Usage)[]>>> = {
  'rules-per-application-load-balancer': ['rules'],
  'listeners-per-application-load-balancer': ['listeners'],
  'certificates-per-application-load-balancer': ['certificates'],
  'target-groups-per-application-load-balancer': ['targetGroups'],
  'targets-per-application-load-balancer': ['targets'],
  'rules-per-security-group': ['ipv4Rules', 'ipv6Rules'],
};

/**
 * The forecast of a row of one of these groups, or of the region, whose growth by others is not known. Undefined: such a
 * limit does not fill with time, or nobody knows the group.
 *
 * `createdAt`: epoch milliseconds of an Ingress; undefined: not known.
 */
export function forecaster(
  groups: readonly Growing[],
  {
    createdAt,
    now,
  }: { readonly createdAt: (id: NamespacedName) => number | undefined; readonly now: number },
): (row: LimitRow) => Forecast | undefined {
  const histories = groups.map((group) => ({ ...group, history: history(group, createdAt) }));
  return (row) => {
    if (row.group !== undefined) {
      const found = histories.find(({ desired }) => desired.key === row.group);
      const isOwn = row.scope === 'load balancer' || row.scope === 'security group';
      const counted = isOwn ? dimensions[row.quota] : undefined;
      if (found === undefined || counted === undefined) return undefined;
      return extrapolated(row, added(found.history, counted), now);
    }
    if (row.quota === 'application-load-balancers') {
      const firsts = histories.flatMap(({ history: all }) =>
        all.slice(0, 1).map(({ at }) => ({ at, count: 1 })),
      );
      return extrapolated(row, firsts, now);
    }
    if (row.quota !== 'target-groups') return undefined;
    return extrapolated(
      row,
      histories.flatMap(({ history: all }) => added(all, ['targetGroups'])),
      now,
    );
  };
}

type Arrival = { readonly at: number; readonly usage: Usage };
type Added = { readonly at: number; readonly count: number };

/** Members in the order in which they came. */
function history(
  { desired, observed }: Growing,
  createdAt: (id: NamespacedName) => number | undefined,
): readonly Arrival[] {
  return desired.model.members
    .flatMap(({ id }) => {
      const at = createdAt(id);
      return at === undefined ? [] : [{ at, usage: memberUsage(id, desired, observed) }];
    })
    .toSorted((a, b) => a.at - b.at);
}

/** What each brought that nobody had before; of several dimensions the one that grew most counts. */
function added(arrivals: readonly Arrival[], dimensions: readonly (keyof Usage)[]): readonly Added[] {
  const seen = new Map(dimensions.map((dimension) => [dimension, new Set<string>()]));
  return arrivals.map(({ at, usage }) => {
    const counts = dimensions.map((dimension) => {
      const before = seen.get(dimension) ?? new Set<string>();
      const fresh = [...usage[dimension]].filter((item) => !before.has(item));
      for (const item of fresh) before.add(item);
      return fresh.length;
    });
    return { at, count: Math.max(...counts) };
  });
}

function extrapolated(
  { used = 0, wanted = 0, limit }: LimitRow,
  all: readonly Added[],
  now: number,
): Forecast {
  const oldest = Math.min(...all.map(({ at }) => at));
  const days = Math.min(windowDays, (now - oldest) / dayMs - firstDays);
  if (all.length === 0 || days < firstDays) return 'tooShort';
  const from = Math.max(now - windowDays * dayMs, oldest + firstDays * dayMs);
  const growth = all.reduce((sum, { at, count }) => sum + (at > from ? count : 0), 0);
  if (growth === 0) return 'steady';
  return Math.max(0, Math.floor(((limit - Math.max(used, wanted)) * days) / growth));
}
