// The one table of metrics: what /metrics serves and docs/reference/metrics.md prints. aws_api_*, aws_target_group_info and
// awslbc_* are ALBC's names (albc-behaviour §9.3), so that dashboards and alerts carry over.

import { problemCatalogue } from '../core/domain/problem.ts';

export type MetricDefinition = {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Label → its values where they are known beforehand (all are shown as zero from the start), or `open`. */
  readonly labels: Readonly<Record<string, readonly string[] | 'open'>>;
  readonly buckets?: readonly number[];
};

const seconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180] as const;
const call = { service: 'open', operation: 'open' } as const;
const callResult = { ...call, status_code: 'open', error_code: 'open' } as const;
const stages = [
  'fetch_ingress',
  'add_group_finalizer',
  'build_model',
  'deploy_model',
  'dns_resolve_and_update_status',
  'remove_group_finalizer',
] as const;
const loops = ['group', 'targets', 'readiness', 'draining', 'network'] as const;

export const metricTable = {
  aws_api_calls_total: {
    type: 'counter',
    help: 'Calls of the AWS SDK, retries of one call counted once.',
    labels: callResult,
  },
  aws_api_call_duration_seconds: {
    type: 'histogram',
    help: 'Time of a call with its retries.',
    labels: call,
    buckets: seconds,
  },
  aws_api_call_retries: {
    type: 'histogram',
    help: 'Retries of a call.',
    labels: call,
    buckets: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  },
  aws_api_requests_total: {
    type: 'counter',
    help: 'HTTP requests to AWS, every retry counted.',
    labels: callResult,
  },
  aws_api_request_duration_seconds: {
    type: 'histogram',
    help: 'Time of one HTTP request.',
    labels: call,
    buckets: seconds,
  },
  aws_api_call_permission_errors_total: {
    type: 'counter',
    help: 'Calls that AWS denied.',
    labels: callResult,
  },
  aws_api_call_service_limit_exceeded_errors_total: {
    type: 'counter',
    help: 'Calls that hit a quota.',
    labels: callResult,
  },
  aws_api_call_throttled_errors_total: {
    type: 'counter',
    help: 'Calls that AWS throttled.',
    labels: callResult,
  },
  aws_api_call_validation_errors_total: {
    type: 'counter',
    help: 'Calls with invalid parameters.',
    labels: callResult,
  },
  aws_target_group_info: {
    type: 'gauge',
    help: 'Always 1; joins a Service to the TargetGroup dimension of CloudWatch.',
    labels: { namespace: 'open', service: 'open', target_group: 'open' },
  },
  awslbc_controller_reconcile_errors_total: {
    type: 'counter',
    help: 'Runs that met an error, by the part that met it; mistakes of users are build_model_error.',
    labels: { controller: 'open', error_category: 'open' },
  },
  awslbc_controller_reconcile_stage_duration: {
    type: 'histogram',
    help: 'Time of one stage of a run for a group of Ingresses. build_model reads AWS and plans, deploy_model carries out the plan.',
    labels: { controller: ['ingress'], reconcile_stage: stages },
    buckets: [0.005, ...seconds],
  },
  awslbc_controller_cache_object_total: {
    type: 'gauge',
    help: 'Objects that the controller knows; targetgroupbinding: target groups that it keeps filled.',
    labels: { resource: ['service', 'ingress', 'targetgroupbinding'] },
  },
  awslbc_controller_top_talkers: {
    type: 'gauge',
    help: 'The three groups of Ingresses and the three target groups with the most runs in the last three to six minutes.',
    labels: { controller: 'open', namespace: 'open', name: 'open' },
  },
  awslbc_readiness_gate_ready_seconds: {
    type: 'histogram',
    help: 'Time from the first sight of a pod that waits for its target until its readiness gate opens; name is that of the gate.',
    labels: { namespace: 'open', name: 'open' },
    buckets: [1, 5, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600],
  },
  awslbc_webhook_validation_failure_total: {
    type: 'counter',
    help: 'Writes that a validating webhook refused, by its path and the check that failed.',
    labels: { webhook_name: 'open', error_category: 'open' },
  },
  awslbc_webhook_mutation_failure_total: {
    type: 'counter',
    help: 'Writes that a mutating webhook refused, by its path and the check that failed.',
    labels: { webhook_name: 'open', error_category: 'open' },
  },
  albatross_runs_total: {
    type: 'counter',
    help: 'Runs of a loop for one key; unchanged: nothing was to be done.',
    labels: { loop: loops, result: ['unchanged', 'changed', 'failed', 'bug'] },
  },
  albatross_run_duration_seconds: {
    type: 'histogram',
    help: 'Time of a run.',
    labels: { loop: loops },
    buckets: seconds,
  },
  albatross_operations_total: {
    type: 'counter',
    help: 'Operations of plans, by what became of them.',
    labels: { operation: 'open', result: ['done', 'failed', 'skipped'] },
  },
  albatross_drift_found_total: {
    type: 'counter',
    help: 'Fields that somebody else changed in AWS, by what is done about them; rest: put back too often, and left alone for a while.',
    labels: { field: 'open', mode: 'open' },
  },
  albatross_drift: {
    type: 'gauge',
    help: 'Fields that differ because somebody else changed them in AWS, and that are left so, or could not be put back yet.',
    labels: { group: 'open', mode: 'open' },
  },
  albatross_oldest_reading_seconds: {
    type: 'gauge',
    help: 'Age of the oldest reading of a group from AWS: more than twice the audit interval means that audits do not come through.',
    labels: {},
  },
  albatross_drift_repaired_total: {
    type: 'counter',
    help: 'Operations that undid a change made in AWS by somebody else.',
    labels: { operation: 'open' },
  },
  albatross_waiting_keys: {
    type: 'gauge',
    help: 'Keys of a loop that run or are due.',
    labels: { loop: loops },
  },
  albatross_target_drain_seconds: {
    type: 'histogram',
    help: 'Time from the deregistration of a target until AWS has forgotten it, up to the look that found it so; with --follow-draining.',
    labels: { namespace: 'open', service: 'open', target_group: 'open' },
    buckets: [1, 5, 10, 15, 30, 60, 120, 180, 240, 300, 600, 1800, 3600],
  },
  albatross_groups: { type: 'gauge', help: 'Groups known to the controller.', labels: {} },
  albatross_orphaned_groups: {
    type: 'gauge',
    help: 'Groups that have AWS resources with the tags of this cluster, and no Ingress. They are never deleted.',
    labels: {},
  },
  albatross_problems: {
    type: 'gauge',
    help: 'Problems of all groups at their last run.',
    labels: { code: Object.keys(problemCatalogue), severity: ['error', 'warning'] },
  },
  albatross_quota_used: {
    type: 'gauge',
    help: 'What is used of a quota: by a load balancer, a listener (its fullest rule), a target group, a security group, or everybody in the region. Names as in docs/reference/limits.md.',
    labels: { group: 'open', scope: 'open', name: 'open', quota: 'open' },
  },
  albatross_quota_days_to_full: {
    type: 'gauge',
    help: 'Days until a quota is used up, if Ingresses go on coming as they came in the last 30 days; absent where none came, or the oldest is younger than two days.',
    labels: { group: 'open', scope: 'open', name: 'open', quota: 'open' },
  },
  albatross_quota_limit: { type: 'gauge', help: 'A quota in force.', labels: { quota: 'open' } },
  albatross_leader: { type: 'gauge', help: '1 while this replica holds the Lease.', labels: {} },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metricTable;
export type Labels<Name extends MetricName> = {
  readonly [Label in keyof (typeof metricTable)[Name]['labels']]: (typeof metricTable)[Name]['labels'][Label] extends readonly (infer Value)[]
    ? Value
    : string;
};
