// When a group is looked at again after a run: no event of the cluster tells what only AWS knows.

import type { CoreConfig } from '../core/domain/config.ts';
import type { NamespacedName } from '../core/domain/ids.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { resourceTag } from '../core/desired/tags.ts';
import { isSettling } from '../core/overflow/parts.ts';
import type { GroupPlan } from '../core/pipeline.ts';
import { awaitingRegistration } from '../core/plan/frontend-targets.ts';
import { awaitingCapacity } from '../core/plan/load-balancers.ts';
import type { Deployed } from './deploy.ts';
import type { GroupContext } from './group-run.ts';
import { whileMoving } from './moves.ts';
import { isTurnedDown } from './refusals.ts';
import { incompleteRetryMs, isWhole } from './whole.ts';
import type { Verdict } from './work-queue.ts';

type Done = {
  readonly after: ObservedGroup;
  readonly outcomes: readonly Outcome[];
  readonly isDone: boolean;
  /** AWS turned something down that it had not turned down before. */
  readonly isRefusedAnew: boolean;
  /** What the failures ask for. */
  readonly retry: Verdict;
  /** Until it is certain that the group is gone. */
  readonly waitMs: number | undefined;
  readonly arriving: ReadonlySet<NamespacedName>;
  readonly snapshot: Snapshot;
};

/** The verdict of a run whose plan was carried out, in full or not. */
export function nextLook(deployed: Deployed, done: Done, context: GroupContext): Verdict {
  const { model } = deployed.planned;
  const { arriving, isDone, snapshot } = done;
  const verdict = isDone
    ? whileMoving(unlessWaiting(deployed, done, context), { model, arriving }, context)
    : unlessAgain(done, context.config);
  // Nothing is concluded from lists that are not whole: look again when they may be.
  return verdict.kind === 'rest' && !isWhole(snapshot)
    ? { kind: 'again', afterMs: incompleteRetryMs }
    : verdict;
}

/** Somebody's neighbours may have waited behind what AWS turned down: plan again without it. */
function unlessAgain({ outcomes, isRefusedAnew, retry }: Done, { policy }: CoreConfig): Verdict {
  const again = policy.memberErrors === 'quarantine' && isRefusedAnew;
  const isFinal = again && outcomes.every((outcome) => outcome.kind !== 'failed' || isTurnedDown(outcome));
  return isFinal ? { kind: 'again', afterMs: 0 } : retry;
}

/** When to come back after a run that did all it wanted. */
function unlessWaiting(
  { planned, postponed }: Deployed,
  done: Pick<Done, 'after' | 'outcomes' | 'waitMs'>,
  context: GroupContext,
): Verdict {
  if (done.waitMs !== undefined) return { kind: 'again', afterMs: done.waitMs };
  if (postponed) return closing;
  if (planned.plan.status === 'afterAll' || planned.plan.status === 'frontendAfterAll') return statusMoved;
  // Pods leave their target groups for others when those have requests, which is only now.
  if (done.outcomes.length > 0 && planned.model.targetGroups.some(isSettling))
    return { kind: 'again', afterMs: 0 };
  return untilIssued(planned, done) ?? untilActive(planned, done, context);
}

/** Only ACM knows when it has issued a certificate. Undefined: none is waited for. */
function untilIssued(
  { desired }: GroupPlan,
  { after, outcomes }: { readonly after: ObservedGroup; readonly outcomes: readonly Outcome[] },
): Verdict | undefined {
  const wanted = new Set(desired.certificates.map(({ name }) => name));
  const isWaiting = after.certificates.some(
    ({ status, tags }) => status !== 'issued' && wanted.has(tags[resourceTag] ?? ''),
  );
  if (!isWaiting) return undefined;
  const isNew = outcomes.some(
    ({ operation: { kind } }) => kind === 'createValidationRecords' || kind === 'requestCertificate',
  );
  return { kind: 'again', afterMs: isNew ? firstLookMs : issuanceIntervalMs };
}

/** The network closes within a second what let in a security group that is to go. */
const closing: Verdict = { kind: 'again', afterMs: 2000 };

/** A private authority issues within a second; Amazon takes a minute or more. */
const firstLookMs = 1000;
const issuanceIntervalMs = 15_000;

/** The next plan of a replacement begins with the status that this one moved. */
const statusMoved: Verdict = { kind: 'again', afterMs: 1000 };

/**
 * A reservation of capacity, and the registration with a network load balancer, wait until the load balancer is active,
 * which only AWS knows.
 */
function untilActive(
  { desired }: GroupPlan,
  { after, outcomes }: { readonly after: ObservedGroup; readonly outcomes: readonly Outcome[] },
  { memory, provisioningIntervalMs }: GroupContext,
): Verdict {
  const waiting = awaitingCapacity(desired.loadBalancer, after) ?? awaitingRegistration(desired, after);
  if (waiting === undefined) return { kind: 'rest' };
  // One that was there already has had its chance in the plan that was just carried out.
  if (waiting.state !== 'provisioning') {
    const isNew = outcomes.some(
      ({ operation: { kind } }) => kind === 'createLoadBalancer' || kind === 'createListener',
    );
    return isNew ? { kind: 'again', afterMs: 0 } : { kind: 'rest' };
  }
  memory.update(desired.key, { reread: true });
  return { kind: 'again', afterMs: provisioningIntervalMs };
}
