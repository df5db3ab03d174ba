// What ought to be: worked out from the objects in the cluster alone, for an account that is empty. What AWS has is
// compared with it, whatever the controller believes.

import { allGroupKeys, keysOf, membership } from '../../src/core/model/membership.ts';
import { evaluate } from '../../src/core/evaluate/evaluate.ts';
import type { CoreConfig } from '../../src/core/domain/config.ts';
import { backendSecurityGroupId, type DesiredGroup } from '../../src/core/domain/desired-group.ts';
import type { Facts, FactsQuery } from '../../src/core/domain/facts.ts';
import { type GroupKey, groupKey } from '../../src/core/domain/ids.ts';
import { emptyObservedGroup } from '../../src/core/domain/observed-group.ts';
import type { Action } from '../../src/core/domain/rule.ts';
import type { Snapshot } from '../../src/core/domain/snapshot.ts';
import { keyOf } from '../../src/core/model/identity.ts';
import { isReleased } from '../../src/core/model/release.ts';
import { factsQuery, planGroup } from '../../src/core/pipeline.ts';
import { hostOf } from './objects.ts';
import type { Scenario } from './scenario.ts';

export type Request = { readonly ingress: string; readonly port: 80 | 443; readonly path: string };

/** What answers a request, in words: `404`, `forward web/one-front:80`, `no listener`, `no load balancer`. */
export type Answer = string;

export type Expected = {
  readonly groups: ReadonlyMap<GroupKey, DesiredGroup>;
  /** Names of the Ingresses that are valid members. */
  readonly valid: ReadonlySet<string>;
  /** Names of those without a Service that they name: who had it keeps what it had, others are answered with 503; an empty account cannot tell. */
  readonly lacking: ReadonlySet<string>;
  /** By the name of an Ingress that is not being deleted: its group, or while that cannot be told, those that it holds on to. */
  readonly keys: ReadonlyMap<string, readonly GroupKey[]>;
};

export const albRequest = ({ ingress, path }: Request) => ({
  host: hostOf(ingress),
  path,
  query: '',
  method: 'GET',
  headers: {},
  sourceIp: '198.51.100.7',
});

/** The groups as they should be now. `known` are keys of earlier groups, which may have to go. */
export async function expectedNow(
  snapshot: Snapshot,
  known: ReadonlySet<GroupKey>,
  world: {
    readonly config: CoreConfig;
    readonly facts: (query: FactsQuery) => Promise<Facts>;
  },
): Promise<Expected> {
  const { config } = world;
  const keys = new Set([...allGroupKeys(snapshot, config), ...known]);
  const groups = new Map<GroupKey, DesiredGroup>();
  const valid = new Set<string>();
  const lacking = new Set<string>();
  for (const key of keys) {
    const observed = emptyObservedGroup(groupKey(key));
    const facts = await world.facts(factsQuery({ snapshot, key, config, observed }));
    const { desired, model } = planGroup({
      snapshot,
      key,
      config,
      observed,
      facts,
      previous: undefined,
      refused: new Map(),
      knownIds: new Map([[backendSecurityGroupId, 'sg-shared']]),
    });
    groups.set(key, desired);
    const without = model.problems.flatMap(({ code, object }) =>
      code === 'ServiceNotFound' ? object.name : [],
    );
    for (const { ref } of model.members) (without.includes(ref.name) ? lacking : valid).add(ref.name);
  }
  const staying = [...snapshot.ingresses.values()].filter(
    (ingress) => ingress.meta.deletionTimestamp === undefined && !isReleased(ingress),
  );
  const memberships = staying.map((ingress) => {
    const found = membership(ingress, snapshot, config);
    const { current } = found;
    const isTold = current !== undefined && found.managed;
    return [ingress.meta.name, isTold ? [keyOf(current)] : keysOf(found)] as const;
  });
  return { groups, valid, lacking, keys: new Map(memberships) };
}

/** What should answer a request to the group's load balancer. */
export function expectedAnswer(group: DesiredGroup | undefined, request: Request): Answer {
  const loadBalancer = group?.loadBalancer;
  if (group === undefined || loadBalancer === undefined) return 'no load balancer';
  const listener = loadBalancer.listeners.find(({ port }) => port === request.port);
  if (listener === undefined) return 'no listener';
  const rules = listener.rules.map((rule, at) => ({ ...rule, priority: at + 1 }));
  const { actions } = evaluate({ rules, defaultActions: listener.defaultActions }, albRequest(request));
  const resources = new Map(group.targetGroups.map(({ id, tags }) => [String(id), tags[resourceTag] ?? '']));
  return answerOf(actions, (ref) => (ref.kind === 'managed' ? (resources.get(ref.id) ?? '?') : ref.arn));
}

export const resourceTag = 'ingress.k8s.aws/resource';
export const stackTag = 'ingress.k8s.aws/stack';

/** The last action, which is the one that answers. */
export function answerOf<TargetGroup>(
  actions: readonly Action<TargetGroup>[],
  nameOf: (targetGroup: TargetGroup) => string,
): Answer {
  const action = actions.at(-1);
  if (action === undefined) return 'nothing';
  if (action.kind === 'fixed-response') return action.statusCode;
  if (action.kind !== 'forward') return action.kind;
  const parts = action.targetGroups
    .filter(({ weight }) => weight > 0)
    .map(({ targetGroup }) => nameOf(targetGroup))
    .toSorted();
  return `forward ${parts.join(' ')}`;
}

/** For each Ingress that ever exists: its paths, something below them, and what no rule of its own answers. */
export function requestsOf({ steps }: Scenario): readonly Request[] {
  const specs = steps.flatMap(({ step }) => (step.kind === 'ingress' ? [step.spec] : []));
  const all = specs.flatMap(({ name, https, paths }) =>
    ['/none', ...paths.flatMap(({ path }) => [path, `${path}/x`.replace('//', '/')])].flatMap((path) =>
      (https ? ([80, 443] as const) : ([80] as const)).map(
        (port): Request => ({ ingress: name, port, path }),
      ),
    ),
  );
  return [...new Map(all.map((request) => [JSON.stringify(request), request])).values()];
}
