import type { ForwardAction } from '../domain/rule.ts';

/**
 * The target group that a draw from [0, 1) falls on, by weight; undefined when no weight is above 0, where ALB answers
 * 503. There is no fail-over away from one without targets.
 */
export function pickTargetGroup<TargetGroup>(
  { targetGroups }: ForwardAction<TargetGroup>,
  random01: number,
): TargetGroup | undefined {
  const total = targetGroups.reduce((sum, { weight }) => sum + weight, 0);
  let rest = random01 * total;
  for (const { targetGroup, weight } of targetGroups) {
    if (rest < weight) return targetGroup;
    rest -= weight;
  }
  return undefined;
}
