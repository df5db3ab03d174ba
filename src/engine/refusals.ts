// Members that AWS turned down. Their operations are left out of the next plan (quarantine), so that the neighbours
// behind them in the order of operations get their turn; they are tried again when the Ingress changes, or at the audit.

import { type NamespacedName, namespacedName } from '../core/domain/ids.ts';
import type { Operation } from '../core/domain/operation.ts';
import type { AwsErrorKind, Outcome, Refusal } from '../core/domain/outcome.ts';
import { planAnnotation } from '../core/domain/plan.ts';
import type { ObjectRef, Problem } from '../core/domain/problem.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import type { Refused } from '../core/pipeline.ts';
import { canonical } from '../lib/canonical.ts';

/** By member: what AWS said, and the Ingress that it said it of. */
export type Refusals = ReadonlyMap<
  NamespacedName,
  { readonly asked: string; readonly problems: readonly Problem[] }
>;

/** Those whose Ingress still asks for the same. */
export function standing(refusals: Refusals, snapshot: Snapshot): Refused {
  return new Map(
    [...refusals]
      .filter(([id, { asked }]) => asked === whatIsAsked(id, snapshot))
      .map(([id, { problems }]) => [id, problems]),
  );
}

/** The refusals to keep in mind after some outcomes; only what the same request would meet again counts. */
export function withOutcomes(before: Refused, outcomes: readonly Outcome[], snapshot: Snapshot): Refusals {
  const kept = [...before].map(([id, problems]) => [id, problems] as const);
  const fresh = outcomes.flatMap((outcome) => {
    const object = outcome.operation.because.object;
    if (outcome.kind !== 'failed' || !isTurnedDown(outcome) || object === undefined) return [];
    return [
      [
        namespacedName(object.namespace, object.name),
        [refusalProblem(object, outcome.operation, outcome.refusal)],
      ] as const,
    ];
  });
  return new Map(
    [...kept, ...fresh].map(([id, problems]) => [id, { asked: whatIsAsked(id, snapshot), problems }]),
  );
}

/** Whether AWS would say the same to the same request, until somebody corrects it, grants an action or raises a quota. */
export function isTurnedDown(outcome: Outcome): boolean {
  return outcome.kind === 'failed' && (outcome.refusal.kind in hints || isUnhealthy(outcome));
}

/** A member's new targets had their time, and are not healthy. */
const isUnhealthy = ({ operation, refusal }: Extract<Outcome, { kind: 'failed' }>): boolean =>
  operation.kind === 'awaitHealthyTargets' &&
  operation.because.object !== undefined &&
  refusal.kind === 'conflict';

const hints: Readonly<Partial<Record<AwsErrorKind, string>>> = {
  invalid: 'Correct the Ingress; until then it keeps what it had',
  denied: 'Grant the action; it is tried again within five minutes',
  quotaExceeded: 'Raise the quota or take something away; it is tried again within five minutes',
};

/** Everything of an Ingress and of the Services beside it that users write; our own finalizer, status and plan change nothing of it. */
function whatIsAsked(id: NamespacedName, { ingresses, services }: Snapshot): string {
  const ingress = ingresses.get(id);
  if (ingress === undefined) return '';
  const { meta, className, defaultBackend, rules, tls } = ingress;
  const beside = [...services.values()]
    .filter((service) => service.meta.namespace === meta.namespace)
    .map(({ meta: { name, annotations }, type, ports }) => ({ name, annotations, type, ports }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const { [planAnnotation]: _ours, ...annotations } = meta.annotations;
  return canonical({ annotations, className, defaultBackend, rules, tls, beside });
}

const unhealthyHint =
  'Look at the pods and the health check; until then it keeps what it had, and it is tried again within five minutes';

/** What AWS refused, as a problem of the object that asked for it. */
export function refusalProblem(object: ObjectRef, { kind, subject }: Operation, refusal: Refusal): Problem {
  const { code, message } = refusal;
  const isWait = kind === 'awaitHealthyTargets';
  const hint = isWait ? unhealthyHint : hints[refusal.kind];
  const failed = isWait
    ? `Traffic does not move to ${subject}`
    : `AWS refused to ${kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${subject}`;
  return {
    kind: 'problem',
    code: 'AwsRefused',
    severity: 'error',
    scope: 'member',
    object,
    path: '',
    message: `${failed}: ${message} (${code})`,
    ...(hint !== undefined && { hint }),
  };
}
