// Models of small clusters, for the tests of this folder.

import type { ClusterKind, ClusterObject } from '../../../src/core/domain/cluster.ts';
import { type CoreConfig, policies } from '../../../src/core/domain/config.ts';
import type { GroupModel } from '../../../src/core/domain/group-model.ts';
import { groupKey } from '../../../src/core/domain/ids.ts';
import type { Problem } from '../../../src/core/domain/problem.ts';
import type { RuleCondition } from '../../../src/core/domain/rule.ts';
import { clusterKinds, type Snapshot, snapshotOf } from '../../../src/core/domain/snapshot.ts';
import { groupModel } from '../../../src/core/model/group.ts';
import { ingressClass, service } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';

/** The class `alb` of the default policy and the Service `shop/front`, before what the test gives. */
export function cluster(
  objects: readonly ClusterObject[],
  options: { readonly without?: readonly ClusterKind[] } = {},
): Snapshot {
  // Secrets are watched one by one: nobody ever has the list of them.
  const listed = clusterKinds.filter((kind) => kind !== 'Secret');
  const complete = new Set(listed.filter((kind) => options.without?.includes(kind) !== true));
  return snapshotOf([ingressClass(), service('shop/front'), ...objects], complete);
}

export function modelOf(
  key: string,
  objects: readonly ClusterObject[],
  config: Partial<CoreConfig> = {},
): GroupModel {
  return groupModel(cluster(objects), groupKey(key), coreConfig(config));
}

/** Class `alb` belongs to ALBC's controller there. */
export const albc: Partial<CoreConfig> = { policy: policies.albc };
export const albcClass = ingressClass('alb', { controller: 'ingress.k8s.aws/alb' });

/** `app.example.com /foo,/foo/* → shop/web-front:80` for each rule of a listener. */
export function ruleLines(model: GroupModel, port = 80): readonly string[] {
  const listener = model.listeners.find((candidate) => candidate.port === port);
  return (listener?.rules ?? []).map((rule) => {
    const actions = rule.actions.map((action) => {
      if (action.kind !== 'forward') return action.kind;
      return action.targetGroups
        .map(({ targetGroup }) => (targetGroup.kind === 'managed' ? targetGroup.id : targetGroup.kind))
        .join('+');
    });
    return `${rule.conditions.map(conditionText).join(' ')} → ${actions.join(' → ')}`;
  });
}

function conditionText(condition: RuleCondition): string {
  const values = condition.values.map((value) =>
    typeof value === 'string' ? value : `${value.key ?? ''}=${value.value}`,
  );
  const regexes = 'regexValues' in condition ? condition.regexValues.map((regex) => `~${regex}`) : [];
  const name =
    condition.kind === 'host-header' || condition.kind === 'path-pattern' ? '' : `${condition.kind}:`;
  return `${name}${[...values, ...regexes].join()}`;
}

/** `severity code namespace/name` of each problem. */
export function problemLines(problems: readonly Problem[]): readonly string[] {
  return problems.map(
    ({ severity, code, object }) => `${severity} ${code} ${object.namespace}/${object.name}`,
  );
}

export function ids(members: readonly { readonly id: string }[]): readonly string[] {
  return members.map((member) => member.id);
}
