// What users read on their objects. Reasons keep ALBC's names (albc-behaviour §9.4), which people and alerts search for.

import type { Policy } from '../domain/config.ts';
import { backendSecurityGroupId } from '../domain/desired-group.ts';
import { type DriftReport, driftEvents } from './drift-events.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import { goSdkError } from '../domain/go-sdk-error.ts';
import type { GroupModel, Member } from '../domain/group-model.ts';
import type { Because, Operation } from '../domain/operation.ts';
import type { Outcome, Refusal } from '../domain/outcome.ts';
import type { Plan } from '../domain/plan.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';

export type EventReason =
  | 'SuccessfullyReconciled'
  | 'FailedBuildModel'
  | 'FailedDeployModel'
  | 'FailedLoadGroupID'
  | 'FailedAddFinalizer'
  | 'FailedRemoveFinalizer'
  | 'FailedUpdateStatus'
  | 'DriftRepaired'
  | 'DriftFound'
  | 'DriftFlaps'
  | 'DriftBy'
  | 'Released'
  | 'BackendNotFound'
  | 'FailedReconcile'
  | 'FailedNetworkReconcile'
  | 'FailedCleanup'
  | Problem['code'];

export type ReportEvent = {
  readonly object: ObjectRef;
  readonly type: 'Normal' | 'Warning';
  readonly reason: EventReason;
  readonly message: string;
};

export type EventsInput = {
  readonly model: GroupModel;
  readonly problems: readonly Problem[];
  /** Undefined: a problem of the whole group left nothing to plan. */
  readonly plan: Plan | undefined;
  readonly outcomes: readonly Outcome[];
  readonly drift: DriftReport;
  /** What AWS has of the group now. */
  readonly observed: ObservedGroup;
  /** No run of this group in this process has ended well yet. */
  readonly firstSuccess: boolean;
  /** Somebody changed something, rather than the audit or a retry. */
  readonly prompted: boolean;
  readonly policy: Policy;
};

/**
 * Events of one run. Without compatibility: each problem on its own object, repairs of drift, a success only where
 * something changed or on the first one. As ALBC: one error of any member on every active member, a success on every
 * run that somebody prompted, and nothing that ALBC has no event for.
 */
export function groupEvents(input: EventsInput): readonly ReportEvent[] {
  const isAlbc = input.policy.compatibility === 'albc';
  const errors = input.problems.filter(({ severity }) => severity === 'error');
  const ofClass = errors.filter(({ albcEvent }) => albcEvent === 'FailedLoadGroupID');
  const others = errors.filter(({ albcEvent }) => albcEvent !== 'FailedLoadGroupID');
  const failed = ofIngress(input).filter((outcome) => outcome.kind === 'failed');
  return distinct([
    ...ofClass.map((problem) => membershipEvent(problem, input.policy)),
    ...(isAlbc
      ? [...albcErrors(others, input), ...warnings(input).filter(({ reason }) => reason === 'Paused')]
      : [...ownErrors(others, input), ...warnings(input), ...driftNews(input)]),
    ...failed.flatMap(({ operation, refusal }) => failures(operation, refusal, input)),
    ...releases(input),
    ...successes(errors, input),
  ]);
}

function membershipEvent(problem: Problem, policy: Policy): ReportEvent {
  const message = `failed load groupID due to ${wording(problem, policy)}`;
  return warning(
    problem.object,
    'FailedLoadGroupID',
    policy.compatibility === 'albc' ? message : sentence(problem),
  );
}

function warnings(input: EventsInput): readonly ReportEvent[] {
  const problems = [
    ...input.problems.filter(({ severity }) => severity === 'warning'),
    ...(input.plan?.held ?? []).map(({ why }) => why),
  ];
  return problems.flatMap((problem) =>
    onObjects(problem, input).map((object) => warning(object, problem.code, sentence(problem))),
  );
}

/** Warnings that come up outside a group's plan, such as those of its targets; ALBC has no such events. */
export function warningEvents(problems: readonly Problem[], policy: Policy): readonly ReportEvent[] {
  if (policy.compatibility === 'albc') return [];
  return problems.map((problem) => warning(problem.object, problem.code, sentence(problem)));
}

/** What ALBC reads before it deploys anything (albc-internals §A.1). */
const readWhileBuilding: ReadonlySet<string> = new Set([
  'ec2:DescribeSubnets',
  'ec2:DescribeAvailabilityZones',
  'ec2:DescribeRouteTables',
  'acm:ListCertificates',
  'acm:DescribeCertificate',
  'wafv2:ListWebACLs',
  'elasticloadbalancing:DescribeLoadBalancers',
  'elasticloadbalancing:DescribeTrustStores',
]);

function whileReading({ loadBalancer: { subnets } }: GroupModel, { action }: Refusal): string {
  if (action !== 'ec2:DescribeSubnets') return '';
  return subnets.kind === 'named'
    ? 'failed to list subnets by names or IDs: '
    : "couldn't auto-discover subnets: ";
}

/** AWS could not be read for this group. */
export function readFailureEvents(
  model: GroupModel,
  refusal: Refusal,
  policy: Policy,
): readonly ReportEvent[] {
  const isBuild = policy.compatibility === 'albc' && readWhileBuilding.has(refusal.action);
  const reason = isBuild ? 'FailedBuildModel' : 'FailedDeployModel';
  const text =
    policy.compatibility === 'albc'
      ? `Failed ${isBuild ? 'build' : 'deploy'} model due to ${whileReading(model, refusal)}${goSdkError(refusal)}`
      : `${refusal.message} (${refusal.code})`;
  return activeMembers(model).map(({ ref }) => warning(ref, reason, text));
}

/** A problem in one line: what is wrong, the next step, then the words that people who come from ALBC search for. */
export function sentence({ message, hint, albcMessage }: Problem): string {
  const ours = hint === undefined ? message : `${message}. ${hint}`;
  return albcMessage === undefined || ours.includes(albcMessage) ? ours : `${ours} (ALBC: ${albcMessage})`;
}

/** What is wrong, in our words or in ALBC's. */
export function wording(problem: Problem, policy: Policy): string {
  return policy.compatibility === 'albc' ? (problem.albcMessage ?? problem.message) : sentence(problem);
}

const activeMembers = ({ members, held }: GroupModel): readonly Member[] => [
  ...members,
  ...held.filter(({ isDeleting }) => isDeleting !== true),
];

function albcErrors(errors: readonly Problem[], { model, policy }: EventsInput): readonly ReportEvent[] {
  // ALBC stops at the first error it meets; some it only logs.
  const [first] = errors;
  if (first?.albcEvent === 'none') return [];
  if (first === undefined) return [];
  const isDeploy = first.albcEvent === 'FailedDeployModel';
  const message = `Failed ${isDeploy ? 'deploy' : 'build'} model due to ${wording(first, policy)}`;
  const reason = isDeploy ? 'FailedDeployModel' : 'FailedBuildModel';
  return activeMembers(model).map(({ ref }) => warning(ref, reason, message));
}

function ownErrors(errors: readonly Problem[], input: EventsInput): readonly ReportEvent[] {
  return errors.flatMap((problem) =>
    onObjects(problem, input).map((object) => warning(object, 'FailedBuildModel', sentence(problem))),
  );
}

/** Events about a class, a Service or the whole group go to the members: that is where users look. */
function onObjects(problem: Problem, { model }: EventsInput): readonly ObjectRef[] {
  const members = [...activeMembers(model), ...model.leaving].map(({ ref }) => ref);
  if (problem.scope === 'member' && problem.object.kind === 'Ingress') {
    return [members.find((ref) => isSame(ref, problem.object)) ?? problem.object];
  }
  return members;
}

/** What an Ingress is told of: in ALBC what becomes of targets is told to its TargetGroupBinding. */
export function ofIngress({
  outcomes,
  policy,
}: Pick<EventsInput, 'outcomes' | 'policy'>): readonly Outcome[] {
  if (policy.compatibility === 'none') return outcomes;
  return outcomes.filter(
    ({ operation: { kind } }) => kind !== 'registerTargets' && kind !== 'deregisterTargets',
  );
}

function failures(operation: Operation, refusal: Refusal, input: EventsInput): readonly ReportEvent[] {
  const isAlbc = input.policy.compatibility === 'albc';
  // ALBC's model names the shared security group by its id, which it makes for that.
  const isBuild = isAlbc && operation.subject === backendSecurityGroupId;
  const message = isAlbc
    ? `Failed ${isBuild ? 'build' : 'deploy'} model due to ${goSdkError(refusal)}`
    : `${refusal.message} (${refusal.code})${nextStep(operation, refusal)}`;
  const reason = isBuild ? 'FailedBuildModel' : 'FailedDeployModel';
  return concerned(operation.because, input).map((object) => warning(object, reason, message));
}

/** What the user can do where AWS's own words do not say it. */
function nextStep({ kind }: Operation, { code }: Refusal): string {
  if (kind !== 'deleteLoadBalancer' || code !== 'OperationNotPermitted') return '';
  return '. Deletion protection is on, and Albatross never switches it off: set deletion_protection.enabled of the load balancer to false, and the deletion goes on within five minutes';
}

/** The member that an operation is for; all of them where it is for the group. ALBC always tells all that do not leave. */
function concerned(
  { object }: Pick<Because, 'object'>,
  { model, policy }: EventsInput,
): readonly ObjectRef[] {
  if (policy.compatibility === 'albc') return activeMembers(model).map(({ ref }) => ref);
  const members = [...activeMembers(model), ...model.leaving].map(({ ref }) => ref);
  const one = object === undefined ? undefined : members.find((ref) => isSame(ref, object));
  return one === undefined ? members : [one];
}

/** What others changed, to the member concerned. */
function driftNews(input: EventsInput): readonly ReportEvent[] {
  return driftEvents(input.drift, input.observed).flatMap((event) =>
    concerned(event, input).map((object) => ({ ...event, object })),
  );
}

function releases({ outcomes, model }: EventsInput): readonly ReportEvent[] {
  const names = outcomes.flatMap(({ kind, operation: { kind: what, subject } }) =>
    kind === 'done' && what === 'release' && subject.startsWith('load-balancer/') ? [subject] : [],
  );
  return names.flatMap((name) =>
    model.leaving.map(({ ref: object }) => ({
      object,
      type: 'Normal',
      reason: 'Released',
      message: `${name} stays in AWS as it is, and nobody keeps it any more`,
    })),
  );
}

function successes(errors: readonly Problem[], input: EventsInput): readonly ReportEvent[] {
  const { model, plan, outcomes, firstSuccess, prompted, policy } = input;
  const bad = ofIngress(input).filter(({ kind }) => kind !== 'done');
  const holdsAll = policy.compatibility === 'albc' && errors.length > 0;
  if (plan === undefined || plan.standstill !== undefined || holdsAll) return [];
  const isPrompted = policy.compatibility === 'albc' && prompted;
  if (!isPrompted && outcomes.length === 0 && !firstSuccess) return [];
  return model.members
    .filter(({ id, ref }) => model.guests?.has(id) !== true && !isWaiting(ref, input))
    .filter(
      ({ ref }) =>
        !bad.some(({ operation }) =>
          concerned(operation.because, input).some((object) => isSame(object, ref)),
        ),
    )
    .map(({ ref }) => ({
      object: ref,
      type: 'Normal',
      reason: 'SuccessfullyReconciled',
      message: 'Successfully reconciled',
    }));
}

/** Its certificate has just been requested, or is not issued yet. */
function isWaiting(member: ObjectRef, { problems, outcomes }: EventsInput): boolean {
  return (
    problems.some(({ code, object }) => code === 'CertificatePending' && isSame(object, member)) ||
    outcomes.some(
      ({ operation: { kind, because } }) =>
        kind === 'requestCertificate' && because.object !== undefined && isSame(because.object, member),
    )
  );
}

/** An event that wants its reader to do something. */
export const warning = (object: ObjectRef, reason: EventReason, message: string): ReportEvent => ({
  object,
  type: 'Warning',
  reason,
  message,
});

const isSame = (one: ObjectRef, other: ObjectRef): boolean =>
  one.kind === other.kind && one.namespace === other.namespace && one.name === other.name;

/** What makes two events the same for deduplication. */
export const eventKey = ({ object, reason, message }: ReportEvent): string =>
  [object.kind, object.namespace, object.name, reason, message].join('\n');

function distinct(events: readonly ReportEvent[]): readonly ReportEvent[] {
  return [...new Map(events.map((event) => [eventKey(event), event])).values()];
}
