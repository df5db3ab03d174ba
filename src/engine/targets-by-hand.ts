// What the targets loop remembers of changes by hand, and tells the group that asked for the target group.

import { isDeepStrictEqual } from 'node:util';
import type { CoreConfig } from '../core/domain/config.ts';
import { type Drift, foreignTargetsTag, repairAll } from '../core/domain/drift.ts';
import type { GroupKey } from '../core/domain/ids.ts';
import type { Operation } from '../core/domain/operation.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import { isDraining, targetKey } from '../core/domain/target.ts';
import { restingAt } from '../core/plan/drift/flapping.ts';
import {
  type ByHand,
  address,
  foreignTargetsNote,
  type HandInput,
  nothingByHand,
} from '../core/targets/by-hand.ts';
import type { Clock } from '../lib/clock.ts';
import type { Binding, Memory } from './memory.ts';

type Context = { readonly config: CoreConfig; readonly memory: Memory; readonly clock: Clock };

/** What is known of the hands of others before a run. */
export function handOf(
  { byHand = nothingByHand, targets, modes = repairAll, noted, group }: Binding,
  { config, memory, clock }: Context,
): HandInput {
  return {
    before: byHand,
    isReading: targets === undefined,
    noted,
    foreign: config.policy.foreign,
    modes,
    resting: restingAt(clock.now(), memory.group(group).drift.repairs),
  };
}

/** Remembers what a run found before it writes: what is registered then is ours, whatever answer comes. Returns what is to be noted in AWS. */
export function noteHands(
  name: string,
  byHand: ByHand,
  { memory }: Pick<Context, 'memory'>,
): readonly Operation[] {
  const binding = memory.binding(name);
  if (binding === undefined) return [];
  memory.bind({ ...binding, byHand });
  const { arn, noted } = binding;
  // The tags of a target group that a user's binding names are not ours to write.
  return noted === undefined ? [] : foreignTargetsNote(byHand.foreign, { name, arn, noted });
}

/** Takes in what a run did; the group tells its users. */
export function handsDone(
  name: string,
  run: { readonly outcomes: readonly Outcome[]; readonly drift: readonly Drift[] | undefined },
  { memory, onNews }: Pick<Context, 'memory'> & { readonly onNews: (binding: Binding) => void },
): void {
  const binding = memory.binding(name);
  if (binding?.byHand === undefined || binding.modes === undefined) return;
  const { targets = [], byHand, drift: before = { open: [], putBack: [] } } = binding;
  const registered = new Set(targets.filter(({ state }) => !isDraining(state)).map(targetKey));
  const back = new Set([...registered].map((key) => `target ${address(key)}`));
  const isBack = ({ what }: Drift): boolean => back.has(what);
  const drift = {
    open: (run.drift ?? []).filter((one) => !isBack(one)),
    putBack: [...before.putBack, ...(run.drift ?? []).filter(isBack)],
  };
  const gone = new Set([...byHand.gone].filter((key) => !registered.has(key)));
  memory.bind({ ...binding, byHand: { ...byHand, gone }, drift, ...notedBy(run.outcomes) });
  if (drift.putBack.length > 0 || !isDeepStrictEqual(drift.open, before.open)) onNews(binding);
}

function notedBy(outcomes: readonly Outcome[]): Pick<Binding, 'noted'> {
  const written = outcomes.flatMap(({ kind, operation }) =>
    kind === 'done' && operation.kind === 'setTags' ? [operation.add[foreignTargetsTag] ?? ''] : [],
  );
  const [noted] = written;
  return noted === undefined ? {} : { noted };
}

/** What has drifted in the targets of a group, and what was put back. What was put back is told once. */
export function driftOfTargets(
  key: GroupKey,
  memory: Memory,
): { readonly open: readonly Drift[]; readonly putBack: readonly Drift[] } {
  const bindings = [...memory.bindings()].filter(({ group, drift }) => group === key && drift !== undefined);
  for (const binding of bindings) {
    const { drift } = binding;
    if (drift !== undefined && drift.putBack.length > 0)
      memory.bind({ ...binding, drift: { ...drift, putBack: [] } });
  }
  return {
    open: bindings.flatMap(({ drift }) => drift?.open ?? []),
    putBack: bindings.flatMap(({ drift }) => drift?.putBack ?? []),
  };
}
