import { problemCatalogue, type ProblemCode } from '../core/domain/problem.ts';
import { usage } from '../core/report/usage.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Memory } from './memory.ts';

/** What the process knows now, as gauges. */
export function setGauges(memory: Memory, metrics: Metrics): void {
  const groups = [...memory.groups()];
  metrics.set('albatross_groups', {}, groups.length);
  const problems = groups.flatMap(([, group]) => group.problems);
  for (const code of Object.keys(problemCatalogue) as ProblemCode[]) {
    for (const severity of ['error', 'warning'] as const) {
      const count = problems.filter(
        (problem) => problem.code === code && problem.severity === severity,
      ).length;
      metrics.set('albatross_problems', { code, severity }, count);
    }
  }
  metrics.clear('albatross_quota_used');
  for (const [group, { observed, quotas }] of groups) {
    for (const { quota, used, limit } of observed === undefined ? [] : usage(observed, quotas)) {
      metrics.set('albatross_quota_used', { group, quota }, used);
      metrics.set('albatross_quota_limit', { quota }, limit);
    }
  }
  metrics.clear('aws_target_group_info');
  for (const { arn, intent } of memory.bindings()) {
    const { namespace, name: service } = intent.service;
    const target_group = arn.slice(arn.indexOf('targetgroup/'));
    metrics.set('aws_target_group_info', { namespace, service, target_group }, 1);
  }
}
