// What AWS confirmed a moment ago outweighs what it describes: its descriptions are eventually consistent, each may show
// an older state than the one before. Writes are not: one that finds nothing is the proof that something is gone.

import { isEqual } from '../../lib/canonical.ts';
import type { Known } from '../domain/desired-group.ts';
import type {
  ObservedGroup,
  ObservedListener,
  ObservedLoadBalancer,
  ObservedRule,
} from '../domain/observed-group.ts';
import type { Look } from '../domain/operation.ts';
import type { Outcome } from '../domain/outcome.ts';

type Confirmation = {
  /** In epoch milliseconds. */
  readonly at: number;
  readonly isNew: boolean;
};

/** By ARN or ID, each resource that was made, changed or deleted. */
export type Confirmed = ReadonlyMap<string, Confirmation>;

export const nothingConfirmed: Confirmed = new Map();

export type Written = {
  readonly before: ObservedGroup;
  readonly after: ObservedGroup;
  readonly outcomes: readonly Outcome[];
  readonly look: Look;
  /** Epoch milliseconds. */
  readonly at: number;
};

/** What is confirmed after some outcomes: what differs between the two observations by what was done. */
export function confirmedAfter(
  confirmed: Confirmed,
  { before, after, at, outcomes, look }: Written,
): Confirmed {
  if (outcomes.length === 0) return confirmed;
  const [old, now] = [partsOf(before), partsOf(after)];
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter(
    (id) => !isEqual(old.get(id), now.get(id)),
  );
  const isNew = (id: string): boolean => !old.has(id) || confirmed.get(id)?.isNew === true;
  const all = new Map([...confirmed, ...changed.map((id) => [id, { at, isNew: isNew(id) }] as const)]);
  for (const id of outcomes.flatMap((outcome) => refutedBy(outcome, look))) all.delete(id);
  return all;
}

/** Without what was confirmed before a time, which AWS has had time to show, and without some others. */
export const confirmedSince = (confirmed: Confirmed, since: number, without: readonly string[]): Confirmed =>
  new Map([...confirmed].filter(([id, { at }]) => at > since && !without.includes(id)));

/** A reading, with what is confirmed as it is known. */
export function corrected(
  read: ObservedGroup,
  { known, confirmed }: { readonly known: ObservedGroup | undefined; readonly confirmed: Confirmed },
): ObservedGroup {
  if (known === undefined) return read;
  const merged = mergeOf(confirmed);
  const listener = (
    seen: ObservedListener,
    ours: ObservedListener,
    own: ObservedListener,
  ): ObservedListener => ({
    ...own,
    rules: merged(seen.rules, ours.rules, byArn).toSorted((a, b) => a.priority - b.priority),
  });
  const loadBalancer = (
    seen: ObservedLoadBalancer,
    ours: ObservedLoadBalancer,
    own: ObservedLoadBalancer,
  ): ObservedLoadBalancer => ({
    ...own,
    listeners: merged(seen.listeners, ours.listeners, byArn, listener).toSorted((a, b) => a.port - b.port),
  });
  return {
    key: read.key,
    loadBalancers: merged(read.loadBalancers, known.loadBalancers, byArn, loadBalancer).toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    ),
    targetGroups: merged(read.targetGroups, known.targetGroups, byArn),
    securityGroups: merged(read.securityGroups, known.securityGroups, ({ id }) => id),
    certificates: merged(read.certificates, known.certificates, byArn).toSorted((a, b) =>
      a.arn < b.arn ? -1 : 1,
    ),
  };
}

const byArn = ({ arn }: { readonly arn: string }): string => arn;

type Merge = <Item extends object>(
  read: readonly Item[],
  known: readonly Item[],
  idOf: (item: Item) => string,
  /** Puts what hangs on an item of both on the one that holds. */
  withParts?: (read: Item, known: Item, own: Item) => Item,
) => readonly Item[];

function mergeOf(confirmed: Confirmed): Merge {
  return (read, known, idOf, withParts = (_read, _known, own) => own) => {
    const before = new Map(known.map((item) => [idOf(item), item]));
    const listed = new Set(read.map(idOf));
    return [
      ...read.flatMap((item) => {
        const ours = before.get(idOf(item));
        const isConfirmed = confirmed.has(idOf(item));
        // Confirmed, and not known any more: we deleted it.
        if (ours === undefined) return isConfirmed ? [] : [item];
        return [withParts(item, ours, isConfirmed ? { ...ours, ...onlyRead(ours, item) } : item)];
      }),
      // What was there long before we changed it would be listed.
      ...known.filter((item) => !listed.has(idOf(item)) && confirmed.get(idOf(item))?.isNew === true),
    ];
  };
}

/** What AWS alone changes, and nobody writes. */
const ownWay: ReadonlySet<string> = new Set(['state', 'status', 'isSpent', 'why']);

/** Fields that are undefined where they have not been read. */
const readOnDemand: ReadonlySet<string> = new Set([
  'attributes',
  'capacityUnits',
  'certificates',
  'classicWebAclId',
  'placement',
  'shieldProtection',
  'targets',
  'webAclArn',
]);

/** Fields of a reading that what is known says nothing of. */
function onlyRead<Item extends object>(known: Item, read: Item): Partial<Item> {
  const fields = Object.entries(read).filter(
    ([name]) => ownWay.has(name) || (readOnDemand.has(name) && known[name as keyof Item] === undefined),
  );
  return Object.fromEntries(fields) as Partial<Item>;
}

type Part =
  | Omit<ObservedLoadBalancer, 'listeners'>
  | Omit<ObservedListener, 'rules'>
  | ObservedRule
  | ObservedGroup[Exclude<keyof ObservedGroup, 'key' | 'loadBalancers'>][number];

/** Every resource by ARN or ID, without those that hang on it. */
function partsOf({
  loadBalancers,
  targetGroups,
  securityGroups,
  certificates,
}: ObservedGroup): ReadonlyMap<string, Part> {
  const parts = new Map<string, Part>();
  for (const { listeners, ...loadBalancer } of loadBalancers) {
    parts.set(loadBalancer.arn, loadBalancer);
    for (const { rules, ...listener } of listeners) {
      parts.set(listener.arn, listener);
      for (const rule of rules) parts.set(rule.arn, rule);
    }
  }
  for (const part of [...targetGroups, ...certificates]) parts.set(part.arn, part);
  for (const part of securityGroups) parts.set(part.id, part);
  return parts;
}

/** What a write did not find; waiting for something only reads. */
function refutedBy(outcome: Outcome, look: Look): readonly string[] {
  if (outcome.kind !== 'failed' || outcome.refusal.kind !== 'notFound') return [];
  const { operation } = outcome;
  if (operation.kind === 'awaitHealthyTargets' || operation.kind === 'awaitActiveLoadBalancer') return [];
  return idsIn(operation, look);
}

function idsIn(value: unknown, look: Look): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return 'ref' in value
    ? [look(value as Known<string>)]
    : Object.values(value).flatMap((inner) => idsIn(inner, look));
}
