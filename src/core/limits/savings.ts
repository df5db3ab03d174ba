// What the shapes of rules save and cost, for people.

import type { DesiredGroup } from '../domain/desired-group.ts';

/** What the shapes of a group's rules are, as sentences; none where all are as they were written. */
export function savings({ key, loadBalancer }: DesiredGroup): readonly string[] {
  const listeners = loadBalancer?.listeners ?? [];
  const rules = listeners.flatMap(({ port, rules: its }) => its.map((rule) => ({ port, rule })));
  const joined = rules.reduce((sum, { rule }) => sum + (rule.also?.length ?? 0), 0);
  const written = Map.groupBy(
    rules,
    ({ port, rule: { member, path } }) => `${port} ${member.namespace}/${member.name} ${path}`,
  );
  const parts = [...written.values()].filter(({ length }) => length > 1);
  const pieces = parts.reduce((sum, { length }) => sum + length, 0);
  return [
    ...(joined === 0
      ? []
      : [
          `Group ${key}: ${joined} ${joined === 1 ? 'rule is' : 'rules are'} joined into others, which saves ${joined === 1 ? 'a place' : `${joined} places`} of the load balancer`,
        ]),
    ...(parts.length === 0
      ? []
      : [
          `Group ${key}: ${parts.length} ${parts.length === 1 ? 'rule has' : 'rules have'} more values than AWS takes and became ${pieces}`,
        ]),
  ];
}
