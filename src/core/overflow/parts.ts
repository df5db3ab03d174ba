import { mostParts, type TargetGroupIntent } from '../domain/group-model.ts';
import type { GroupKey } from '../domain/ids.ts';
import { targetGroupName } from '../desired/names.ts';

/** The target group at a place among those that share a Service's pods; the first one is what it would be alone. */
export function partOf(intent: TargetGroupIntent, index: number): TargetGroupIntent {
  return index === 0 ? intent : { ...intent, id: `${intent.id}/${index + 1}`, part: { ...whole, index } };
}

/** Every target group that may stand for an intent. */
export function variants(intent: TargetGroupIntent): readonly TargetGroupIntent[] {
  const { overflow } = intent;
  if (overflow?.kind === 'node-port') return [intent, overflow.instead];
  const count = overflow === undefined ? 1 : mostParts;
  return Array.from({ length: count }, (_, index) => partOf(intent, index));
}

const whole = { index: 0, of: 1, parts: 1, limit: Number.POSITIVE_INFINITY, gate: '' };

/**
 * The target groups that share the pods of a Service. When another one comes, those that have requests keep all their pods
 * until it has requests too: `of` is what counts for now, and `parts` what shall be. When one goes, the others get its pods
 * first, and it stays until they have them (`isFilled`).
 */
export function split(
  intent: TargetGroupIntent,
  input: {
    readonly parts: number;
    readonly used: number;
    readonly limit: number;
    /** Whether `part` of the target groups that are to stay has all its pods registered. */
    readonly isFilled: (part: TargetGroupIntent) => boolean;
    readonly key: GroupKey;
    readonly clusterName: string;
  },
): readonly TargetGroupIntent[] {
  const { parts, used, limit, isFilled, key, clusterName } = input;
  if (parts === 1 && used <= 1) return [intent];
  const gate = targetGroupName(clusterName, key, intent);
  const shrinks = parts < used;
  const at = (index: number): TargetGroupIntent => {
    const stays = index < Math.min(parts, used);
    const of = stays && !shrinks ? used : index < parts ? parts : used;
    const absorbs = shrinks && stays ? ({ absorbs: true } as const) : {};
    return { ...partOf(intent, index), part: { index, of, parts, limit, gate, ...absorbs } };
  };
  const remaining = Array.from({ length: parts }, (_, index) => at(index));
  if (!shrinks || remaining.every(isFilled)) return remaining;
  return Array.from({ length: used }, (_, index) => at(index));
}

/** Whether pods have yet to leave target groups for another one, which had to get its requests first. */
export const isSettling = ({ part }: Pick<TargetGroupIntent, 'part'>): boolean =>
  part !== undefined && (part.of !== part.parts || part.absorbs === true);
