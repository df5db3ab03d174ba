import type { DesiredFrontendListener, Known } from '../domain/desired-group.ts';
import { type LoadBalancerArn, type OperationId, operationId, type TargetGroupArn } from '../domain/ids.ts';
import type { ObservedListener, ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { KnownAction, ListenerSpec, Operation } from '../domain/operation.ts';
import { differs, missing } from './because.ts';
import { forwardTargets, isOwned, type PlanContext } from './context.ts';
import { frontendSwitch } from './frontend-switch.ts';
import { presentTargets } from './frontend-targets.ts';
import { tagOperations } from './tags.ts';

type At = {
  readonly loadBalancer: Known<LoadBalancerArn>;
  /** Undefined: it is made by this plan. */
  readonly on: ObservedLoadBalancer | undefined;
  /** What leads to it is there after these. */
  readonly after: readonly OperationId[];
  /** The target group is filled, or will be. */
  readonly isFilled: boolean;
};

/** Makes or changes one. Traffic moves from one target group to another one only when that is filled and healthy. */
export function frontendListenerOperations(
  wanted: DesiredFrontendListener,
  found: ObservedListener | undefined,
  at: At,
  context: PlanContext,
): readonly Operation[] {
  const subject = wanted.id;
  const present = context.observed.targetGroups.find(({ name }) => name === wanted.targetGroup.name)?.arn;
  const targetGroup: Known<TargetGroupArn> = present ?? { ref: wanted.targetGroup.id, attribute: 'arn' };
  const spec = listenerSpec(wanted.port, targetGroup);
  const before = context.previous?.frontendNlb?.listeners.find(({ id }) => id === subject);
  if (found === undefined) {
    const because = missing(`port ${wanted.port} of the network load balancer`);
    const id = operationId('createListener', subject);
    const { loadBalancer, after } = at;
    return [
      {
        kind: 'createListener',
        id,
        subject,
        because,
        dependsOn: after,
        loadBalancer,
        spec,
        tags: wanted.tags,
      },
    ];
  }
  if (!isOwned(found.tags, context)) return [];
  const [to] = forwardTargets(found.defaultActions);
  const isSame = found.protocol === 'TCP' && to === present;
  const tagged = {
    subject,
    resource: found.arn,
    wanted: wanted.tags,
    found: found.tags,
    before: before?.tags,
  };
  const move = isSame ? [] : moving(wanted, found, { ...at, spec }, context);
  return [...move, ...tagOperations(tagged, context.config)];
}

/** In ALBC's way the listener leads elsewhere at once, else when the other target group can have the traffic. */
function moving(
  wanted: DesiredFrontendListener,
  found: ObservedListener,
  { on, after, isFilled, spec }: At & { readonly spec: ListenerSpec },
  context: PlanContext,
): readonly Operation[] {
  const { observed, previous, config } = context;
  const [to] = forwardTargets(found.defaultActions);
  const before = previous?.frontendNlb?.listeners.find(({ id }) => id === wanted.id);
  const change = (dependsOn: readonly OperationId[]): Operation => ({
    kind: 'modifyListener',
    id: operationId('modifyListener', wanted.id),
    subject: wanted.id,
    because: differs(
      [{ field: 'targetGroup', from: to ?? '', to: wanted.targetGroup.name }],
      before?.targetGroup.id === wanted.targetGroup.id,
    ),
    dependsOn,
    listener: found.arn,
    spec,
  });
  if (config.policy.replacements === 'deleteFirst' || on === undefined) return [change(after)];
  const from = observed.targetGroups.find(({ arn }) => arn === to);
  if (!isFilled && from !== undefined && presentTargets(from).length > 0) return [];
  const steps = frontendSwitch(wanted, { from, spec, on, after }, context);
  const move = change(steps.readyAfter);
  return [...steps.before, move, ...steps.cleanUp(move.id)];
}

function listenerSpec(port: number, targetGroup: Known<TargetGroupArn>): ListenerSpec {
  const forward: KnownAction = {
    kind: 'forward',
    targetGroups: [{ targetGroup, weight: 1 }],
    stickinessSeconds: undefined,
  };
  return {
    port,
    protocol: 'TCP',
    sslPolicy: undefined,
    certificateArn: undefined,
    mutualAuthentication: undefined,
    defaultActions: [forward],
  };
}
