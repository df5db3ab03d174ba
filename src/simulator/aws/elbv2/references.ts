import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import type { AwsState, LoadBalancer, TargetGroup } from '../state.ts';
import { targetGroupArns } from './actions.ts';
import { checkNetworkTargets } from './alb-targets.ts';

/**
 * Which rules forward to which target group. A target group belongs to one load balancer at a time and a load balancer has a
 * limited number of different target groups and targets; all of that is checked before anything changes.
 */
export function checkReferences(
  loadBalancer: LoadBalancer,
  actions: readonly Action[],
  replacedRuleArn: string | undefined,
  context: CallContext,
): void {
  const { state, knobs } = context;
  const wanted = new Set(targetGroupArns(actions));
  for (const item of wanted) checkAssociation(state.targetGroups.get(item), loadBalancer);
  const groups = new Set([
    ...targetGroupsOf(state, loadBalancer.arn, replacedRuleArn).map((group) => group.arn),
    ...wanted,
  ]);
  if (loadBalancer.type === 'network') {
    const used = [...groups].flatMap((item) => state.targetGroups.get(item) ?? []);
    checkNetworkTargets(loadBalancer, used, context);
    return;
  }
  const limit = knobs.quotas['target-groups-per-application-load-balancer'];
  if (groups.size > limit) {
    throw new SimulatedError(
      'TooManyUniqueTargetGroupsPerLoadBalancer',
      `A load balancer can use at most ${limit} target groups`,
    );
  }
  let targets = 0;
  for (const item of groups) targets += state.targetGroups.get(item)?.targets.size ?? 0;
  checkTargetCount(targets, context);
}

function checkAssociation(group: TargetGroup | undefined, loadBalancer: LoadBalancer): void {
  if (group === undefined) return;
  const isHttp = group.protocol === 'HTTP' || group.protocol === 'HTTPS';
  const isFit =
    loadBalancer.type === 'network' ? group.protocol === 'TCP' : group.protocol === undefined || isHttp;
  if (!isFit) {
    const message = `The target group '${group.arn}' of protocol ${group.protocol} is not for ${loadBalancer.type} load balancers`;
    throw new SimulatedError('IncompatibleProtocols', message);
  }
  const other = [...group.usedBy.values()].find((owner) => owner !== loadBalancer.arn);
  if (other !== undefined) {
    const message = `The target group '${group.arn}' is already associated with the load balancer '${other}'`;
    throw new SimulatedError('TargetGroupAssociationLimit', message);
  }
  if (group.vpcId !== undefined && group.vpcId !== loadBalancer.vpcId) {
    const message = `The target group '${group.arn}' is in a different VPC than the load balancer`;
    throw new SimulatedError('InvalidConfigurationRequest', message);
  }
}

export function checkTargetCount(targets: number, { knobs }: CallContext): void {
  const limit = knobs.quotas['targets-per-application-load-balancer'];
  if (targets > limit)
    throw new SimulatedError('TooManyTargets', `A load balancer can have at most ${limit} targets`);
}

/** The target groups that rules of a load balancer forward to, leaving one rule out of account. */
export const targetGroupsOf = (
  state: AwsState,
  loadBalancerArn: string,
  exceptRuleArn?: string,
): readonly TargetGroup[] =>
  [...state.targetGroups.values()].filter((group) =>
    [...group.usedBy].some(([ruleArn, lb]) => lb === loadBalancerArn && ruleArn !== exceptRuleArn),
  );

/** Notes that a rule forwards where its actions say, and nowhere else. An empty list forgets the rule. */
export function setReferences(
  ruleArn: string,
  loadBalancerArn: string,
  actions: readonly Action[],
  context: CallContext,
): void {
  const wanted = new Set(targetGroupArns(actions));
  for (const group of context.state.targetGroups.values()) {
    if (wanted.has(group.arn)) {
      group.usedBy.set(ruleArn, loadBalancerArn);
      group.inUseSince ??= context.now;
      continue;
    }
    if (!group.usedBy.delete(ruleArn) || group.usedBy.size > 0) continue;
    group.inUseSince = undefined;
    group.releasedAt = context.now;
  }
}
