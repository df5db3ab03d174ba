import type { Quota, RegionUse } from '../core/domain/facts.ts';
import type { GroupKey } from '../core/domain/ids.ts';
import type { ObservedNetwork } from '../core/domain/network.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import type { GroupPlan } from '../core/pipeline.ts';
import type { Plan } from '../core/domain/plan.ts';
import type { Problem } from '../core/domain/problem.ts';
import type { PlannedBinding } from './binding-plans.ts';
import { savings } from '../core/limits/savings.ts';
import { renderPlan, renderProblem } from '../core/plan/render.ts';

export type Planned = {
  readonly groups: readonly GroupPlan[];
  /** Of users' TargetGroupBindings. */
  readonly bindings: readonly PlannedBinding[];
  /** Undefined: there are no nodes or pods to open. */
  readonly network: Plan | undefined;
  /** What the plans were made against. */
  readonly seen: Seen;
  readonly assumptions: readonly string[];
  /** Complaints about the manifests themselves. */
  readonly complaints: readonly string[];
  /** What is in no plan, and why; what else is worth saying of manifests. */
  readonly notices: readonly string[];
};

export type Seen = {
  readonly groups: ReadonlyMap<GroupKey, ObservedGroup>;
  readonly network: ObservedNetwork;
  readonly quotas: readonly Quota[];
  readonly regionUse: RegionUse | undefined;
};

/** Plans for people: operations with their reasons, then what is wrong. */
export function renderPlans(planned: Planned): string {
  const { groups, bindings, network, assumptions, complaints, notices } = planned;
  const problems = problemsOf(planned);
  const plans = [
    ...[...groups, ...bindings].map(({ plan }) => plan),
    ...(network === undefined || isEmpty(network) ? [] : [network]),
  ];
  return [
    ...plans.map(renderPlan),
    ...section('Problems', [...complaints, ...problems.map(renderProblem)]),
    ...section('Notices', [...notices, ...groups.flatMap(({ desired }) => savings(desired))]),
    ...section('Assumed, because AWS and the cluster were not asked', assumptions),
    ...(groups.length + bindings.length === 0 ? ['No Ingress of ours.'] : []),
  ]
    .join('\n')
    .replace(/\n*$/, '\n');
}

const isEmpty = ({ operations, drift = [] }: Plan): boolean => operations.length + drift.length === 0;

/** The same for programs. */
export function planJson({ groups, bindings, network, assumptions, complaints, notices }: Planned): string {
  const plainPlan = ({ key, operations, held, foreign }: Plan) => ({ key, operations, held, foreign });
  const plain = {
    groups: groups.map(({ plan, problems }) => ({ ...plainPlan(plan), problems })),
    ...(bindings.length === 0
      ? {}
      : { bindings: bindings.map(({ plan, problems }) => ({ ...plainPlan(plan), problems })) }),
    ...(network === undefined ? {} : { network: plainPlan(network) }),
    assumptions,
    complaints,
    notices: [...notices, ...groups.flatMap(({ desired }) => savings(desired))],
  };
  return `${JSON.stringify(plain, undefined, 2)}\n`;
}

/** Whether something is wrong enough for an exit code. */
export function hasErrors(planned: Planned): boolean {
  return planned.complaints.length > 0 || problemsOf(planned).some(({ severity }) => severity === 'error');
}

const problemsOf = ({ groups, bindings }: Pick<Planned, 'groups' | 'bindings'>): readonly Problem[] =>
  [...groups, ...bindings].flatMap(({ problems }) => problems);

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [[`${title}:`, ...[...new Set(lines)].map((line) => `  ${line}`), ''].join('\n')];
