import { mostParts } from '../domain/group-model.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { Quota, VpcFact } from '../domain/facts.ts';
import type { TargetsIntent } from '../domain/group-model.ts';
import type { TargetGroupArn } from '../domain/ids.ts';
import type { Plan } from '../domain/plan.ts';
import type { ObjectRef } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { type AssumedRole, type ObservedTarget, targetKey } from '../domain/target.ts';
import { address, type ByHand, type HandInput, handsSeen, withDriftOfTargets } from './by-hand.ts';
import { knowsAll } from './complete.ts';
import { type Kept, keptTargets } from './floor.ts';
import { keptUntilHealthy } from './last-healthy.ts';
import { withOlderPorts } from './older-ports.ts';
import { targetLimit, targetsPlan } from './plan.ts';
import { desiredTargets } from './select.ts';
import type { Selection } from './selection.ts';
import { withUnprovenLabels } from './unproven-labels.ts';
import { withReason } from './why-none.ts';

export type Filling = {
  readonly selection: Selection;
  /** Whether the selection is known to be all; if not, nothing is deregistered. */
  readonly complete: boolean;
  readonly plan: Plan;
  /** What is known now of changes by hand. */
  readonly byHand: ByHand;
};

const nobody: Selection = { value: [], unready: [], leaving: [], problems: [] };

/**
 * What has to be done about the targets of one target group. The targets loop carries it out, and `albatross plan` prints
 * it. Problems of the plan are those of the selection and of `targetsPlan` and `keptTargets`.
 */
export function filling(input: {
  /** The target group's AWS name. */
  readonly name: string;
  readonly arn: TargetGroupArn;
  readonly role?: AssumedRole | undefined;
  /** Whom problems belong to. */
  readonly object: ObjectRef;
  /** Undefined: nothing is wanted in it any more, with proof. */
  readonly intent: TargetsIntent | undefined;
  readonly snapshot: Snapshot;
  readonly observed: readonly ObservedTarget[];
  /** As in `targetsPlan`. */
  readonly own?: ReadonlySet<string> | undefined;
  readonly hand: HandInput;
  readonly vpc: VpcFact | undefined;
  readonly quotas: readonly Quota[];
  readonly config: CoreConfig;
}): Filling {
  const { name, arn, role, object, intent, snapshot, observed, own, quotas, config } = input;
  const selection = intent === undefined ? nobody : selected(intent, input);
  const complete = intent === undefined || knowsAll(intent, snapshot, config);
  const maxTargets = config.maxTargetsPerTargetGroup;
  const limit = targetLimit({ quotas, maxTargets });
  const desired = selection.value;
  const { next, drift, withheld } = handsSeen(input.hand, { name, arn, object, desired, observed });
  const { unready, ending } = kept(selection, { ...input, limit });
  const plan = targetsPlan({
    name,
    arn,
    role,
    object,
    desired: desired.filter((target) => !withheld.has(targetKey(target))),
    kept: {
      targets: [...unready.targets, ...ending.targets],
      why: unready.why ?? ending.why,
    },
    observed,
    complete,
    own: ours(observed, own, next),
    silent: intent === undefined,
    quotas,
    maxTargets,
  });
  const problems = plan.problems.filter(
    (problem) => problem !== ending.why && (problem.code !== 'QuotaExceeded' || !isMakingRoom(intent)),
  );
  return {
    selection,
    complete,
    plan: {
      ...plan,
      operations: withDriftOfTargets(plan.operations, next.gone),
      problems: [...selection.problems, ...problems.map((problem) => withReason(problem, intent, snapshot))],
      drift,
      foreign: [...next.foreign].map((key) => `target ${address(key)} of target group ${name}`),
    },
    byHand: next,
  };
}

/** Keys of the targets that may be taken out. */
function ours(
  observed: readonly ObservedTarget[],
  own: ReadonlySet<string> | undefined,
  { foreign }: ByHand,
): ReadonlySet<string> | undefined {
  if (foreign.size === 0) return own;
  return new Set([...(own ?? observed.map(targetKey))].filter((key) => !foreign.has(key)));
}

/** What does not fit for a moment is about to be somewhere else. */
const isMakingRoom = (intent: TargetsIntent | undefined): boolean =>
  intent?.overflow !== undefined && (intent.part?.parts ?? 1) < mostParts;

/** What stays although it is not selected: because of how many are not ready, or until others are healthy. */
function kept(
  selection: Selection,
  input: Parameters<typeof filling>[0] & { readonly limit: number },
): { readonly unready: Kept; readonly ending: Kept } {
  const { intent } = input;
  return {
    unready: keptTargets(selection, input),
    ending:
      intent === undefined
        ? { targets: [], why: undefined }
        : keptUntilHealthy(selection, { ...input, intent }),
  };
}

function selected(
  intent: TargetsIntent,
  { snapshot, observed, vpc, config }: Parameters<typeof filling>[0],
): Selection {
  const now = desiredTargets(intent, snapshot, { vpc, config });
  const about = { intent, snapshot, config };
  return withUnprovenLabels(withOlderPorts(now, observed, about), observed, about);
}
