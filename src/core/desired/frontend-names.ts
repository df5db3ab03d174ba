// Names of the network load balancer and of its target groups. A target group serves one load balancer only, and has one
// load balancer for its target: while the usual one leads elsewhere under traffic, another one with another name is filled
// and takes its place, as those behind rules do (second-names.ts).

import type { CoreConfig } from '../domain/config.ts';
import type { FrontendNlbIntent, GroupModel } from '../domain/group-model.ts';
import type { ObservedGroup, ObservedLoadBalancer, ObservedTargetGroup } from '../domain/observed-group.ts';
import { frontendNlbName, frontendTargetGroupName } from './names.ts';
import { presentLoadBalancer } from './present.ts';
import { serves } from './second-names.ts';

/** Whether one of another scheme may be made beside the one that is there. */
const mayReplaceFrontend = ({ frontendNlb, held }: GroupModel): boolean =>
  frontendNlb?.allowsReplacement === true && held.length === 0;

type World = {
  readonly model: GroupModel;
  readonly observed: ObservedGroup;
  readonly config: Pick<CoreConfig, 'clusterName' | 'policy'>;
};

/** Its usual name, or the second one while one that is to be replaced has that, and for as long as it lives then. */
export function nameOfFrontend(
  behind: string,
  { scheme }: FrontendNlbIntent,
  { observed, config }: World,
): string {
  const usual = frontendNlbName(behind);
  if (config.policy.replacements === 'deleteFirst') return usual;
  const second = frontendNlbName(behind, 'second');
  const present = presentLoadBalancer(observed, scheme, 'network');
  if (present !== undefined) return present.name === second ? second : usual;
  return observed.loadBalancers.some(({ name }) => name === usual) ? second : usual;
}

/**
 * One of four, for two network load balancers can have two each: that of the port and one whose health is checked. It is the
 * name that the target group of one port has, or can have, for the network load balancer that is wanted.
 */
export function nameOfFrontendGroup(
  listener: FrontendNlbIntent['listeners'][number],
  intent: FrontendNlbIntent,
  world: World,
): string {
  const { model, observed, config } = world;
  const { key, identity } = model;
  const group = { clusterName: config.clusterName, key, identity };
  if (config.policy.replacements === 'deleteFirst') return frontendTargetGroupName(group, listener);
  const names = [0, 1, 2, 3].map((which) => frontendTargetGroupName(group, listener, which));
  const current =
    presentLoadBalancer(observed, intent.scheme, 'network') ??
    (mayReplaceFrontend(model) ? undefined : observed.loadBalancers.find(({ type }) => type === 'network'));
  const behind = presentLoadBalancer(observed, model.loadBalancer.scheme);
  const ranks = names.map((name) => rankOf(name, listener, { observed, current, behind }));
  return names[ranks.indexOf(Math.max(...ranks))] ?? '';
}

type At = {
  readonly observed: ObservedGroup;
  readonly current: ObservedLoadBalancer | undefined;
  readonly behind: ObservedLoadBalancer | undefined;
};

/**
 * 0: another one's, 1: leads elsewhere and is in use, 2: not made yet, 3: free, 4: in use where it is wanted. A listener on
 * another port is there for health checks alone (core/plan/frontend-switch.ts).
 */
function rankOf(
  name: string,
  { port, targetPort }: FrontendNlbIntent['listeners'][number],
  { observed, current, behind }: At,
): number {
  const found = observed.targetGroups.find((group) => group.name === name);
  if (found === undefined) return 2;
  if (observed.loadBalancers.some((other) => other !== current && serves(found, other))) return 0;
  const listeners = current?.listeners.filter((listener) => listener.port === port) ?? [];
  if (!serves(found, { listeners })) return 3;
  return behind === undefined || leadsTo(found, behind.arn, targetPort) ? 4 : 1;
}

/** Nothing else is registered; one without a target is filled where it is. */
const leadsTo = ({ targets = [] }: ObservedTargetGroup, arn: string, port: number): boolean =>
  targets.every((target) => target.state === 'draining' || (target.id === arn && target.port === port));
