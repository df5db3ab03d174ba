// Whether a TargetGroupBinding that a user wrote is served, and with what.

import type { TargetGroupBinding } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { TargetGroupFact } from '../domain/facts.ts';
import type { TargetsIntent } from '../domain/group-model.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { bindingBackend, bindingIntent } from './binding-intent.ts';
import { ownedByIngress, targetGroupNotFound, withoutTargetGroup } from './binding-problem.ts';
import { rivalry } from './binding-rivalry.ts';

/** What is in the target group stays. `awaits`: what no event of the cluster announces. */
type Held = { readonly kind: 'held'; readonly awaits?: 'targetGroup' | 'wholeLists' };
/** Nothing is wanted in it any more. */
type Emptied = { readonly kind: 'emptied'; readonly fact: TargetGroupFact };
type Served = { readonly kind: 'served'; readonly fact: TargetGroupFact; readonly intent: TargetsIntent };

export type BindingVerdict = (Held | Emptied | Served) & { readonly problems: readonly Problem[] };

type World = {
  readonly snapshot: Snapshot;
  readonly config: CoreConfig;
  /** The Ingress that a target group was made for. */
  readonly ownerOf: (targetGroup: TargetGroupFact) => ObjectRef | undefined;
};

/** Whether the binding says which target group it is for. */
export const namesTargetGroup = ({ targetGroupArn, targetGroupName }: TargetGroupBinding): boolean =>
  targetGroupArn !== undefined || targetGroupName !== undefined;

/**
 * What becomes of the target group that AWS has for the binding (`fact`; undefined: none), which is not left to ALBC.
 *
 * Problems: those of `binding-problem.ts`, `TargetGroupTaken` beside other bindings (a warning for the one that wins), and
 * those of its Service port.
 */
export function bindingVerdict(
  binding: TargetGroupBinding,
  fact: TargetGroupFact | undefined,
  { snapshot, config, ownerOf }: World,
): BindingVerdict {
  if (!namesTargetGroup(binding)) return { kind: 'held', problems: [withoutTargetGroup(binding)] };
  if (fact === undefined)
    return { kind: 'held', problems: [targetGroupNotFound(binding)], awaits: 'targetGroup' };
  const owner = ownerOf(fact);
  if (owner !== undefined) return { kind: 'held', problems: [ownedByIngress(binding, fact, owner)] };
  const { wins, problems } = rivalry(binding, fact, { snapshot, policy: config.policy });
  if (!wins) return { kind: 'held', problems };
  if (binding.meta.deletionTimestamp !== undefined) return { kind: 'emptied', fact, problems };
  const wanted = wantedIn(fact, binding, { snapshot, config });
  return { ...wanted, problems: [...problems, ...wanted.problems] };
}

function wantedIn(
  fact: TargetGroupFact,
  binding: TargetGroupBinding,
  { snapshot, config }: Pick<World, 'snapshot' | 'config'>,
): BindingVerdict {
  const backend = bindingBackend(binding, snapshot);
  if (backend.kind === 'unknown') return { kind: 'held', problems: [], awaits: 'wholeLists' };
  if (backend.kind === 'missing') {
    const problems = [backend.problem];
    return config.policy.lostBackends === 'remove'
      ? { kind: 'emptied', fact, problems }
      : { kind: 'held', problems };
  }
  const { value: intent, problems } = bindingIntent(binding, backend, { fact, config });
  return intent === undefined ? { kind: 'held', problems } : { kind: 'served', fact, intent, problems };
}
