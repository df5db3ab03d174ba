// What users read on their TargetGroupBindings, under ALBC's reasons (albc-behaviour §9.4).

import type { Policy } from '../domain/config.ts';
import { goSdkError } from '../domain/go-sdk-error.ts';
import type { Operation } from '../domain/operation.ts';
import type { Outcome, Refusal } from '../domain/outcome.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';
import { type EventReason, type ReportEvent, sentence, warning, wording } from './events.ts';

type Input = {
  readonly object: ObjectRef;
  readonly problems: readonly Problem[];
  readonly outcomes: readonly Outcome[];
  /** It is being deleted. */
  readonly leaving: boolean;
  readonly policy: Policy;
};

/** Each problem and each refusal of AWS; ALBC has no words for warnings. */
export function bindingEvents({
  object,
  problems,
  outcomes,
  leaving,
  policy,
}: Input): readonly ReportEvent[] {
  const isAlbc = policy.compatibility === 'albc';
  const told = problems.filter(({ severity }) => severity === 'error' || !isAlbc);
  const events = [
    ...told.map((problem) => problemEvent(problem, object, policy)),
    ...outcomes.flatMap((outcome) =>
      outcome.kind === 'failed'
        ? [refusalEvent(outcome.refusal, { object, policy, reason: reasonOf(outcome.operation, leaving) })]
        : [],
    ),
  ];
  return [...new Map(events.map((event) => [`${event.reason} ${event.message}`, event])).values()];
}

/** AWS could not be read. */
export function bindingReadFailure(
  refusal: Refusal,
  { object, leaving, policy }: Pick<Input, 'object' | 'leaving' | 'policy'>,
): ReportEvent {
  return refusalEvent(refusal, { object, policy, reason: leaving ? 'FailedCleanup' : 'FailedReconcile' });
}

/** ALBC’s word that all is as the binding wants it. */
export const bindingSuccess = (object: ObjectRef): ReportEvent => ({
  object,
  type: 'Normal',
  reason: 'SuccessfullyReconciled',
  message: 'Successfully reconciled',
});

function problemEvent(problem: Problem, object: ObjectRef, policy: Policy): ReportEvent {
  if (problem.severity === 'warning') return warning(object, problem.code, sentence(problem));
  if (problem.code === 'ServiceNotFound' || problem.code === 'ServicePortNotFound')
    return warning(object, 'BackendNotFound', wording(problem, policy));
  const text = wording(problem, policy);
  const isAlbc = policy.compatibility === 'albc';
  return warning(object, 'FailedReconcile', isAlbc ? `Failed reconcile due to ${text}` : text);
}

function reasonOf({ kind }: Operation, leaving: boolean): EventReason {
  if (kind === 'authorizeIngress') return 'FailedNetworkReconcile';
  return leaving ? 'FailedCleanup' : 'FailedReconcile';
}

const albcStart: Partial<Readonly<Record<EventReason, string>>> = {
  FailedReconcile: 'Failed reconcile due to ',
  FailedCleanup: 'Failed cleanup due to ',
};

function refusalEvent(
  refusal: Refusal,
  { object, policy, reason }: Pick<Input, 'object' | 'policy'> & { readonly reason: EventReason },
): ReportEvent {
  const isAlbc = policy.compatibility === 'albc';
  const text = isAlbc
    ? `${albcStart[reason] ?? ''}${goSdkError(refusal)}`
    : `${refusal.message} (${refusal.code})`;
  return warning(object, reason, text);
}
