import { type MetricDefinition, metricTable } from './metric-table.ts';

const absent: readonly (readonly [metric: string, why: string, instead: string])[] = [
  [
    '`awslbc_quic_target_missing_server_id`',
    'ALBC makes it and never registers it, so it was never served; QUIC target groups belong to NLBs of Services',
    '',
  ],
  [
    '`awslbc_controller_reconcile_stage_duration` with `controller="targetGroupBinding"`, or a type name such as `*elbv2.listenerSynthesizer` as stage',
    'targets are one stage, and the operations of a plan run side by side',
    '`albatross_run_duration_seconds{loop="targets"}`, `albatross_operations_total`',
  ],
  ['`awslbc_controller_*` with `controller="service"`', 'load balancers of Services are out of scope', ''],
  [
    '`controller_runtime_reconcile_total`, `controller_runtime_reconcile_errors_total`, `controller_runtime_reconcile_time_seconds`',
    'of a Go library that is not used',
    '`albatross_runs_total`, `albatross_run_duration_seconds`',
  ],
  ['`workqueue_depth` and the other `workqueue_*`', 'the same', '`albatross_waiting_keys`'],
  [
    '`controller_runtime_webhook_*`',
    'the same',
    '`awslbc_webhook_validation_failure_total`, `awslbc_webhook_mutation_failure_total`',
  ],
  ['`leader_election_master_status`', 'the same', '`albatross_leader`'],
  ['`rest_client_*`, `certwatcher_*`, `go_*`, `process_*`', 'the same, and the runtime of Go', ''],
];

/** docs/reference/metrics.md. */
export function renderMetricsPage(): string {
  const rows = Object.entries<MetricDefinition>(metricTable).map(
    ([name, { type, labels, help }]) =>
      `| \`${name}\` | ${type} | ${Object.keys(labels).join(', ')} | ${help} |`,
  );
  return `${[
    '# Metrics',
    '',
    'Served on `--metrics-bind-addr` at `/metrics`. Generated from `src/telemetry/metric-table.ts`.',
    '',
    '| Metric | Type | Labels | Meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## Metrics of ALBC that are not here',
    '',
    'What a dashboard or an alert made for ALBC asks for beside the above.',
    '',
    '| Metric | Why not | Instead |',
    '| --- | --- | --- |',
    ...absent.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')}\n`;
}
