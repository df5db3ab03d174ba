// ALBC leaves the stickiness of a forward as it is where nothing is said of it any more and the rest is equal
// (albc-internals §B.3); with its policy so do we.

import type { Action } from '../domain/rule.ts';
import { targetGroupKey, type PlanContext } from './context.ts';
import type { Known } from '../domain/desired-group.ts';
import type { TargetGroupArn } from '../domain/ids.ts';
import { actionsKey } from './rule-content.ts';

type Actions = readonly Action<Known<TargetGroupArn>>[];

/** The wanted actions, with the stickiness that the first of the existing ones has which are equal but for that. */
export function withUnsaidStickiness(
  wanted: Actions,
  existing: readonly Actions[],
  { config }: PlanContext,
): Actions {
  if (config.policy.compatibility === 'none' || !wanted.some(isSilent)) return wanted;
  const same = existing.find((actions) => keyOf(actions) === keyOf(wanted));
  const found = same?.find(({ kind }) => kind === 'forward');
  if (found?.kind !== 'forward') return wanted;
  return wanted.map((action) =>
    isSilent(action) ? { ...action, stickinessSeconds: found.stickinessSeconds } : action,
  );
}

const isSilent = (action: Actions[number]): boolean =>
  action.kind === 'forward' && action.stickinessSeconds === undefined && action.stickinessOff !== true;

const keyOf = (actions: Actions): string =>
  actionsKey(
    actions.map((action) =>
      action.kind === 'forward' ? { ...action, stickinessSeconds: undefined } : action,
    ),
    targetGroupKey,
  );
