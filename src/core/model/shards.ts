// Groups that are spread over several load balancers (docs/shards.md). Each shard is a group of its own to every later
// stage; here it is told which groups are spread, over how many, and which member is where.

import type { Ingress } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import { type GroupKey, groupKey, type NamespacedName } from '../domain/ids.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { bornAt } from './age.ts';
import { type ProblemWords, problemOf } from './context.ts';
import { groupOf } from './group-of.ts';
import { ingressClassOf } from './host-policy.ts';
import { baseOf, finalizerKeys, keyOf } from './identity.ts';
import { ingressId, ingressRef } from './ingress-ref.ts';
import { hostsOf, isForAnyHost, weightOf } from './shard-hosts.ts';
import { type Conflict, type Placed, placements } from './shard-placement.ts';

/** On an Ingress of a group, or on an IngressClass for all groups of its Ingresses: over how many load balancers. */
export const shardsAnnotation = 'albatross.dev/shards';

const mostShards = 10;
/** A finalizer's name ends after 63 characters, and that of the last shard adds three. */
const longestName = 60;

export type Spread = {
  /** Of shards that some member is in. */
  readonly keys: readonly GroupKey[];
  /** The same, and of those that members only hold finalizers of. */
  readonly allKeys: readonly GroupKey[];
  readonly places: ReadonlyMap<NamespacedName, Place>;
};

export type Place = {
  readonly home: GroupKey;
  readonly isEverywhere: boolean;
  /** Hosts that it has on its shard and others on theirs. */
  readonly strays: readonly Stray[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly ProblemWords[];
};

export type Stray = Omit<Conflict, 'shard'> & { readonly otherGroup: GroupKey };

/** `shop` is the first shard of `shop`, and keeps what it has; then come `shop_2` to `shop_10`, which no user can name. */
function shardKey(base: GroupKey, shard: number): GroupKey {
  return shard === 0 ? base : groupKey(`${base}_${shard + 1}`);
}

function shardOf(key: GroupKey): number {
  const [, number] = /_(\d+)$/.exec(key) ?? [];
  return number === undefined ? 0 : Number(number) - 1;
}

/** Snapshots never change, and each is asked for every Ingress: what was found is kept as long as the snapshot is. */
const known = new WeakMap<Snapshot, WeakMap<CoreConfig, ReadonlyMap<GroupKey, Spread>>>();

/** The spread groups of a snapshot by the key of the first shard. Groups that nobody wants to spread, and that never were, are not there. */
export function spreadGroups(snapshot: Snapshot, config: CoreConfig): ReadonlyMap<GroupKey, Spread> {
  const ofSnapshot = known.get(snapshot) ?? new WeakMap<CoreConfig, ReadonlyMap<GroupKey, Spread>>();
  const found = ofSnapshot.get(config) ?? findSpread(snapshot, config);
  known.set(snapshot, ofSnapshot.set(config, found));
  return found;
}

type Said = { readonly ingress: Ingress; readonly text: string | undefined; readonly isOfClass: boolean };

function findSpread(snapshot: Snapshot, config: CoreConfig): ReadonlyMap<GroupKey, Spread> {
  const { explicitPrefix } = config.policy.finalizer;
  const isOfShard = (name: string): boolean => name.startsWith(explicitPrefix) && name.includes('_');
  const all = [...snapshot.ingresses.values()].map((ingress) => said(ingress, snapshot));
  const touched = all.filter(
    ({ ingress, text }) => text !== undefined || ingress.meta.finalizers.some(isOfShard),
  );
  const bases = new Set(touched.flatMap(({ ingress }) => baseKeyOf(ingress, snapshot, config) ?? []));
  if (bases.size === 0) return new Map();
  const members = Map.groupBy(all, ({ ingress }) => baseKeyOf(ingress, snapshot, config));
  return new Map([...bases].map((base) => [base, spread(base, members.get(base) ?? [], config)]));
}

function said(ingress: Ingress, snapshot: Snapshot): Said {
  const ofClass = ingressClassOf(ingress, snapshot)?.meta.annotations[shardsAnnotation];
  const text = ofClass ?? ingress.meta.annotations[shardsAnnotation];
  return { ingress, text, isOfClass: ofClass !== undefined };
}

/** Undefined: it is in no group that has a name. */
function baseKeyOf(ingress: Ingress, snapshot: Snapshot, config: CoreConfig): GroupKey | undefined {
  const { current, problems } = groupOf(ingress, snapshot, config);
  return current?.kind === 'explicit' && problems.length === 0 ? keyOf(current) : undefined;
}

function spread(base: GroupKey, members: readonly Said[], config: CoreConfig): Spread {
  const isTooLong = base.length > longestName;
  const numbers = members.flatMap(({ text }) => shardsFrom(text) ?? []);
  const isUnread = members.some(({ text }) => text !== undefined && shardsFrom(text) === undefined);
  // While somebody's number cannot be read, nobody moves because of it.
  const most = numbers.length === 0 || isTooLong ? undefined : Math.max(...numbers);
  const stated = isUnread && most !== undefined ? Math.max(most, inUse(base, members, config)) : most;
  const candidates = members.map(({ ingress }) => ({
    id: ingressId(ingress),
    createdAt: bornAt(ingress.meta),
    hosts: hostsOf(ingress),
    isEverywhere: isForAnyHost(ingress),
    weight: weightOf(ingress),
    shards: shardsHeld(base, ingress, config),
    isServed: ingress.status.length > 0,
  }));
  const placed = placements(candidates, stated);
  const places = new Map(
    members.map((one, index): [NamespacedName, Place] => {
      const id = ingressId(one.ingress);
      const place = placed.get(id) as Placed;
      const home = shardKey(base, place.shard);
      const strays = place.conflicts.map(({ host, other, shard }) => ({
        host,
        other,
        otherGroup: shardKey(base, shard),
      }));
      return [
        id,
        {
          home,
          isEverywhere: candidates[index]?.isEverywhere === true,
          strays: place.isTurnedAway ? [] : strays,
          problems: [
            ...unreadable(one),
            ...(place.isTurnedAway ? [strayProblem(one.ingress, home, strays)] : []),
          ],
          warnings: warnings(base, one, { most, isTooLong }),
        },
      ];
    }),
  );
  const homes = new Set([...placed.values()].filter((one) => !one.isTurnedAway).map(({ shard }) => shard));
  const held = candidates.flatMap(({ shards }) => shards);
  const keysOf = (shards: Iterable<number>): readonly GroupKey[] =>
    [...new Set(shards)].toSorted((a, b) => a - b).map((shard) => shardKey(base, shard));
  return { keys: keysOf(homes), allKeys: keysOf([...homes, ...held]), places };
}

/** Undefined: nothing is written, or nothing that can be read. */
function shardsFrom(text: string | undefined): number | undefined {
  return text !== undefined && /^([1-9]|10)$/.test(text) ? Number(text) : undefined;
}

function shardsHeld(base: GroupKey, ingress: Ingress, config: CoreConfig): readonly number[] {
  return finalizerKeys(ingress, config)
    .filter((key) => !key.includes('/') && baseOf(key) === base)
    .map(shardOf);
}

const inUse = (base: GroupKey, members: readonly Said[], config: CoreConfig): number =>
  Math.max(0, ...members.flatMap(({ ingress }) => shardsHeld(base, ingress, config))) + 1;

const path = `metadata.annotations[${shardsAnnotation}]`;

/** A number that cannot be read holds its Ingress, as with other annotations; that of a class only has no effect. */
function unreadable({ ingress, text, isOfClass }: Said): readonly Problem[] {
  if (text === undefined || shardsFrom(text) !== undefined || isOfClass) return [];
  return [
    problemOf(ingressRef(ingress), {
      code: 'AnnotationInvalid',
      path,
      message: `Ingress ${ingressId(ingress)}: annotation ${shardsAnnotation} is "${text}", which is no number of load balancers; allowed: a whole number from 1 to ${mostShards}`,
      hint: `For example ${shardsAnnotation}: '3'`,
    }),
  ];
}

function warnings(
  base: GroupKey,
  { ingress, text, isOfClass }: Said,
  { most, isTooLong }: { readonly most: number | undefined; readonly isTooLong: boolean },
): readonly ProblemWords[] {
  if (text === undefined) return [];
  const where = isOfClass ? 'the IngressClass' : `Ingress ${ingressId(ingress)}`;
  const own = shardsFrom(text);
  const warn = (message: string, hint: string): readonly ProblemWords[] => [
    { code: 'AnnotationConflict', severity: 'warning', path, message, hint },
  ];
  if (isTooLong)
    return warn(
      `${where}: annotation ${shardsAnnotation} has no effect, because the name of group ${base} has ${base.length} characters; at most ${longestName} are allowed for a group that is spread`,
      'Shorten the name of the group',
    );
  if (own === undefined)
    return isOfClass
      ? warn(
          `${where}: annotation ${shardsAnnotation} is "${text}", which is no whole number from 1 to ${mostShards}, and has no effect`,
          `For example ${shardsAnnotation}: '3'`,
        )
      : [];
  if (most === undefined || own === most) return [];
  return warn(
    `${where} asks for ${own} load balancers (annotation ${shardsAnnotation}) and another member of group ${base} for ${most}; the highest number counts, so that no host moves before all agree`,
    `Write ${shardsAnnotation}: '${most}' here, or the same number on all`,
  );
}

/** Somebody asks for hosts that are on different shards, or for one that is not on its own. */
export function strayProblem(ingress: Ingress, home: GroupKey, strays: readonly Stray[]): Problem {
  const id = ingressId(ingress);
  const [first] = strays;
  const hosts = strays.map(({ host, other, otherGroup }) => `${host} with Ingress ${other} on ${otherGroup}`);
  return problemOf(ingressRef(ingress), {
    code: 'ShardConflict',
    path: 'spec.rules',
    message: `Ingress ${id} asks for hosts that are on another load balancer of its group than its own, ${home}: ${[...new Set(hosts)].join(', ')}; an Ingress is on one of them, and hosts stay where they are`,
    hint: `Write the rules for ${first?.host ?? 'these hosts'} in an Ingress of their own, which goes where that host is; rules without a host and default backends, which all load balancers of the group have, go with hosts of ${baseOf(home)} or with none`,
  });
}
