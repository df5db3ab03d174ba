import { type MetricDefinition, metricTable } from './metric-table.ts';

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
  ].join('\n')}\n`;
}
