// What `albatross explain` judges by: load balancers as the manifests or the cluster want them, or as AWS has them.

import type { Config } from '../config/load.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import type { TargetGroupArn } from '../core/domain/ids.ts';
import { onlyDescribed } from '../core/domain/observation.ts';
import type { ObservedGroup } from '../core/domain/observed-group.ts';
import type { Problem } from '../core/domain/problem.ts';
import { type DesiredTarget, type ObservedTarget, targetKey } from '../core/domain/target.ts';
import type { DesiredTargetGroup } from '../core/domain/desired-group.ts';
import { resourceTag } from '../core/desired/tags.ts';
import type { KnownLoadBalancer } from '../core/evaluate/explain.ts';
import type { GroupPlan } from '../core/pipeline.ts';
import { withRegion } from '../controller/aws-calls.ts';
import { type ClusterOptions, withAws, withClusterGroups } from './cluster-groups.ts';
import { observedLoadBalancers, plannedLoadBalancer } from './known-load-balancers.ts';
import { isOfGroup, noSuchGroup } from './of-group.ts';
import { planFiles } from './plan-files.ts';

/** A target with its health; `state` undefined where AWS was not asked. */
export type ExplainedTarget = {
  readonly id: string;
  readonly port: number;
  readonly state: ObservedTarget['state'] | 'not registered' | undefined;
  readonly reason: string;
  /** `Pod shop/web-1`; undefined where only AWS was asked. */
  readonly object: string | undefined;
};

export type ExplainedTargetGroup = {
  readonly name: string;
  /** `Service shop/web port 80`; undefined for a target group of somebody else. */
  readonly service: string | undefined;
  readonly targetType: string;
  readonly targets: readonly ExplainedTarget[];
};

export type Source = {
  /** `as planned from files`, after the name of the load balancer. */
  readonly words: string;
  readonly loadBalancers: readonly KnownLoadBalancer[];
  /** Undefined: it is not one of ours, and nobody was asked. */
  readonly targetGroup: (key: string) => Promise<ExplainedTargetGroup | undefined>;
  /** Errors because of which members are not served as they are written. */
  readonly held: readonly Problem[];
  /** What an empty target group means here. */
  readonly noTargets: string;
  /** Complaints about the manifests themselves. */
  readonly complaints: readonly string[];
};

/** From manifests alone. */
export async function fromFiles(paths: readonly string[], config: CoreConfig): Promise<Source> {
  const { groups, complaints, notices, snapshot } = await planFiles(paths, { config, factsFile: undefined });
  const desired = targetGroupsOf(groups);
  return {
    words: 'as the files want it',
    noTargets: 'no targets: the files have no EndpointSlices or Nodes for them',
    loadBalancers: groups.flatMap((group) => plannedLoadBalancer(group.desired, snapshot, undefined)),
    targetGroup: async (key) => {
      const found = desired.get(key);
      return found && explained(found, wanted(found.own.targets));
    },
    held: heldOf(groups),
    complaints: [...complaints, ...notices],
  };
}

/** From a cluster: the rules as they should be, the health of targets as AWS has it. */
export function fromCluster<T>(
  config: Config,
  options: ClusterOptions,
  work: (source: Source) => Promise<T>,
): Promise<T> {
  return withClusterGroups(config, options, ({ aws, snapshot, groups }) => {
    const plans = groups.map(({ planned }) => planned);
    const desired = targetGroupsOf(plans);
    const existing = groups.flatMap(({ observed }) => observed.targetGroups);
    return work({
      words: 'as the cluster wants it',
      noTargets: 'no targets: ALB answers 503',
      loadBalancers: groups.flatMap(({ planned, observed }) =>
        plannedLoadBalancer(planned.desired, snapshot, observed),
      ),
      targetGroup: async (key) => {
        const found = desired.get(key);
        if (found === undefined) return undefined;
        const arn = existing.find(({ name }) => name === found.own.name)?.arn;
        const registered = arn === undefined ? [] : await aws.observeTargets(arn, options);
        return explained(found, joined(found.own.targets, registered));
      },
      held: heldOf(plans),
      complaints: [],
    });
  });
}

/** From AWS alone: rules, targets and health as they are. */
export async function fromAws<T>(
  given: Config,
  { group, signal }: ClusterOptions,
  work: (source: Source) => Promise<T>,
): Promise<T> {
  const config = await withRegion(given, { signal });
  return withAws(config, { snapshot: undefined, signal }, async (aws) => {
    const observed: ObservedGroup[] = [];
    const inventory = await aws.inventory({ signal });
    const keys = [...inventory.keys()];
    if (group !== undefined && !keys.some((key) => isOfGroup(key, group))) throw noSuchGroup(group, keys);
    for (const [key, resources] of inventory) {
      if (!isOfGroup(key, group)) continue;
      observed.push(await aws.observeGroup(key, resources, onlyDescribed, { signal }));
    }
    const targetGroups = new Map<string, ObservedGroup['targetGroups'][number]>(
      observed.flatMap((one) => one.targetGroups.map((found) => [found.arn, found] as const)),
    );
    return work({
      words: 'as AWS has it',
      noTargets: 'no targets: ALB answers 503',
      loadBalancers: observed.flatMap(observedLoadBalancers),
      targetGroup: async (key) => {
        const targets = await aws.observeTargets(key as TargetGroupArn, { signal });
        const found = targetGroups.get(key);
        const resource = found?.tags[resourceTag];
        return {
          name: found?.name ?? key,
          service: resource === undefined ? undefined : `backend ${resource}`,
          targetType: found?.targetType ?? 'unknown',
          targets: joined([], targets),
        };
      },
      held: [],
      complaints: [],
    });
  });
}

const heldOf = (groups: readonly GroupPlan[]): readonly Problem[] =>
  groups.flatMap(({ problems }) => problems.filter(({ severity }) => severity === 'error'));

type Found = { readonly own: DesiredTargetGroup; readonly service: string | undefined };

function targetGroupsOf(groups: readonly GroupPlan[]): ReadonlyMap<string, Found> {
  return new Map(
    groups.flatMap(({ desired }) =>
      desired.targetGroups.map((own) => {
        const intent = desired.model.targetGroups.find(({ id }) => id === own.tags[resourceTag]);
        const service =
          intent && `Service ${intent.service.namespace}/${intent.service.name} port ${intent.backendPort}`;
        return [own.id, { own, service }] as const;
      }),
    ),
  );
}

const explained = (
  { own: { name, targetType }, service }: Found,
  targets: readonly ExplainedTarget[],
): ExplainedTargetGroup => ({ name, service, targetType, targets });

const wanted = (targets: readonly DesiredTarget[]): readonly ExplainedTarget[] =>
  targets.map(({ id, port, object }) => ({
    id,
    port,
    state: undefined,
    reason: '',
    object: `${object.kind} ${object.id}`,
  }));

/** What is registered, then what should be and is not. */
function joined(
  targets: readonly DesiredTarget[],
  registered: readonly ObservedTarget[],
): readonly ExplainedTarget[] {
  const desired = new Map(wanted(targets).map((target) => [keyOf(target), target]));
  const present = new Set(registered.map(targetKey));
  return [
    ...registered.map((target) => {
      const { id, port, state, reason } = target;
      return { id, port, state, reason, object: desired.get(targetKey(target))?.object };
    }),
    ...[...desired.values()]
      .filter((target) => !present.has(keyOf(target)))
      .map((target) => ({ ...target, state: 'not registered' as const })),
  ];
}

const keyOf = ({ id, port }: ExplainedTarget): string => targetKey({ id, port, availabilityZone: undefined });
