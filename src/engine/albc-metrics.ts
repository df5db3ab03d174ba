// What ALBC's dashboards and alerts ask of the loops: its names for stages and for kinds of errors (albc-behaviour §9.3).

import type { Operation } from '../core/domain/operation.ts';
import type { Outcome } from '../core/domain/outcome.ts';
import type { Problem } from '../core/domain/problem.ts';
import type { Clock } from '../lib/clock.ts';
import type { Labels } from '../telemetry/metric-table.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export type Stage = Labels<'awslbc_controller_reconcile_stage_duration'>['reconcile_stage'];

export type Controller = 'ingress' | 'targetGroupBinding';

/** Does the work of one stage of a group's run and notes how long it took, however it ends. */
export async function inStage<T>(
  reconcile_stage: Stage,
  { metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock },
  work: () => T | Promise<T>,
): Promise<T> {
  const started = clock.now();
  try {
    return await work();
  } finally {
    const labels = { controller: 'ingress', reconcile_stage } as const;
    metrics.observe('awslbc_controller_reconcile_stage_duration', labels, (clock.now() - started) / 1000);
  }
}

/** By what met the error: a write to Kubernetes, a loop, or a part of one. */
const categories = {
  ingress: {
    class: 'fetch_ingress_error',
    mistakes: 'build_model_error',
    group: 'deploy_model_error',
    network: 'release_auto_generated_backend_sg_error',
    'add a finalizer': 'add_group_finalizer_error',
    'remove a finalizer': 'remove_group_finalizer_error',
    'patch the status': 'dns_resolve_and_update_status_error',
    bug: 'internal_error',
  },
  targetGroupBinding: {
    group: 'list_targets_error',
    targets: 'list_targets_error',
    readiness: 'list_targets_error',
    registerPods: 'register_pod_endpoint_error',
    registerNodes: 'update_node_port_endpoints_error',
    deregister: 'deregister_targets_error',
    'list own targets': 'update_tracked_ip_targets_error',
    'patch a condition of a pod': 'update_target_health_pod_condition_error',
    'add a finalizer': 'add_finalizers_error',
    'remove a finalizer': 'remove_finalizers_error',
    'patch the status': 'update_status_error',
    bug: 'internal_error',
  },
} as const;

/** Counts an error under ALBC's name for it; what ALBC has nothing like, such as following drains, is not counted. */
export function countError(metrics: Metrics, controller: Controller, where: string): void {
  const names: Readonly<Record<string, string>> = categories[controller];
  const error_category = names[where];
  if (error_category !== undefined)
    metrics.increment('awslbc_controller_reconcile_errors_total', { controller, error_category });
}

/** Counts a run that found mistakes of its users. What AWS refused was counted when it did; some others ALBC only logs. */
export function countMistakes(metrics: Metrics, problems: readonly Problem[]): void {
  const mistake = problems.find(
    ({ severity, code, albcEvent }) => severity === 'error' && code !== 'AwsRefused' && albcEvent !== 'none',
  );
  if (mistake === undefined) return;
  countError(metrics, 'ingress', mistake.albcEvent === 'FailedLoadGroupID' ? 'class' : 'mistakes');
}

/** Counts a run in which AWS refused operations, once for each category. */
export function countRefusals(metrics: Metrics, outcomes: readonly Outcome[]): void {
  const failed = outcomes.filter(({ kind }) => kind === 'failed').map(({ operation }) => operation);
  const isOfTargets = ({ kind }: Operation): boolean => /^(de)?registerTargets$/.test(kind);
  for (const where of new Set(failed.filter(isOfTargets).map(partOf)))
    countError(metrics, 'targetGroupBinding', where);
  if (!failed.every(isOfTargets)) countError(metrics, 'ingress', 'group');
}

function partOf(operation: Operation): string {
  if (operation.kind !== 'registerTargets') return 'deregister';
  return operation.targets.some(({ id }) => id.startsWith('i-')) ? 'registerNodes' : 'registerPods';
}

/** ALBC begins to count anew after this time. */
const windowMs = 180_000;
const shown = 3;

/** How often each key ran lately. */
export class TopTalkers {
  readonly #clock: Clock;
  #began: number;
  #before = new Map<string, number>();
  #now = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.now();
  }

  note(controller: Controller, key: string): void {
    this.#turn();
    const id = `${controller} ${key}`;
    this.#now.set(id, (this.#now.get(id) ?? 0) + 1);
  }

  /** Those with the most runs, and how many. */
  top(controller: Controller): readonly (readonly [key: string, runs: number])[] {
    this.#turn();
    const prefix = `${controller} `;
    return [...new Set([...this.#before.keys(), ...this.#now.keys()])]
      .filter((id) => id.startsWith(prefix))
      .map((id) => [id.slice(prefix.length), (this.#before.get(id) ?? 0) + (this.#now.get(id) ?? 0)] as const)
      .toSorted(([, one], [, other]) => other - one)
      .slice(0, shown);
  }

  #turn(): void {
    const passed = this.#clock.now() - this.#began;
    if (passed < windowMs) return;
    this.#before = passed < 2 * windowMs ? this.#now : new Map();
    this.#now = new Map();
    this.#began = this.#clock.now();
  }
}
