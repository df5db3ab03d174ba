import { type DesiredTarget, type ObservedTarget, targetKey } from '../domain/target.ts';

/** By target, the uid of the pod whose health is known. */
export type Holders = ReadonlyMap<string, string>;

/** Without the targets whose address has another pod than the one whose health is known: nobody has looked at that yet. */
export function withoutReused(
  observed: readonly ObservedTarget[],
  desired: readonly DesiredTarget[],
  holders: Holders,
): readonly ObservedTarget[] {
  const reused = new Set(
    desired.filter((target) => isReused(target, holders)).map((target) => targetKey(target)),
  );
  return reused.size === 0 ? observed : observed.filter((target) => !reused.has(targetKey(target)));
}

/** The pods of now; an address that has got another one keeps the old one until somebody has `looked`. */
export function holdersOf(desired: readonly DesiredTarget[], before: Holders, looked: boolean): Holders {
  return new Map(
    desired.map((target) => {
      const key = targetKey(target);
      const stays = !looked && isReused(target, before);
      return [key, stays ? (before.get(key) ?? '') : target.object.uid];
    }),
  );
}

function isReused(target: DesiredTarget, holders: Holders): boolean {
  const holder = holders.get(targetKey(target));
  return holder !== undefined && holder !== target.object.uid;
}
