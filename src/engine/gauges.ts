import { problemCatalogue, type ProblemCode } from '../core/domain/problem.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import type { TopTalkers } from './albc-metrics.ts';
import { setDriftGauges } from './drift-gauges.ts';
import { setLimitGauges } from './limit-gauges.ts';
import type { Memory } from './memory.ts';

type Known = {
  readonly memory: Memory;
  readonly snapshot: Snapshot;
  readonly talkers: TopTalkers;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly now: number;
};

/** What the process knows now, as gauges. */
export function setGauges(known: Known, metrics: Metrics): void {
  const { memory } = known;
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
  setLimitGauges(known, metrics);
  setDriftGauges(memory, known.now, metrics);
  setAlbcGauges(known, metrics);
}

/** Those with ALBC's names. */
function setAlbcGauges({ memory, snapshot, talkers }: Known, metrics: Metrics): void {
  const bindings = [...memory.bindings()];
  metrics.clear('aws_target_group_info');
  for (const { arn, intent } of bindings) {
    const { namespace, name: service } = intent.service;
    const target_group = arn.slice(arn.indexOf('targetgroup/'));
    metrics.set('aws_target_group_info', { namespace, service, target_group }, 1);
  }
  const cached = {
    service: snapshot.services.size,
    ingress: snapshot.ingresses.size,
    targetgroupbinding: bindings.length,
  };
  for (const resource of ['service', 'ingress', 'targetgroupbinding'] as const)
    metrics.set('awslbc_controller_cache_object_total', { resource }, cached[resource]);
  metrics.clear('awslbc_controller_top_talkers');
  for (const [key, runs] of talkers.top('ingress')) {
    // A group with a name of its own has no namespace.
    const [name = '', namespace = ''] = key.split('/').toReversed();
    metrics.set('awslbc_controller_top_talkers', { controller: 'ingress', namespace, name }, runs);
  }
  for (const [key, runs] of talkers.top('targetGroupBinding')) {
    const namespace = memory.binding(key)?.intent.service.namespace ?? '';
    const name = key.slice(key.lastIndexOf('/') + 1);
    metrics.set('awslbc_controller_top_talkers', { controller: 'targetgroupbinding', namespace, name }, runs);
  }
}
