import type { DesiredFrontendListener, Known } from '../domain/desired-group.ts';
import { type LoadBalancerArn, type OperationId, operationId, type TargetGroupArn } from '../domain/ids.ts';
import type { ObservedListener } from '../domain/observed-group.ts';
import type { KnownAction, ListenerSpec, Operation } from '../domain/operation.ts';
import { differs, missing } from './because.ts';
import { forwardTargets, isOwned, type PlanContext } from './context.ts';
import { tagOperations } from './tags.ts';

/** Makes or changes one; what leads to it is there `after` these. */
export function frontendListenerOperations(
  wanted: DesiredFrontendListener,
  found: ObservedListener | undefined,
  at: { readonly loadBalancer: Known<LoadBalancerArn>; readonly after: readonly OperationId[] },
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
  const changes = [{ field: 'targetGroup', from: to ?? '', to: wanted.targetGroup.name }];
  const change: Operation = {
    kind: 'modifyListener',
    id: operationId('modifyListener', subject),
    subject,
    because: differs(changes, before?.targetGroup.id === wanted.targetGroup.id),
    dependsOn: at.after,
    listener: found.arn,
    spec,
  };
  const tagged = {
    subject,
    resource: found.arn,
    wanted: wanted.tags,
    found: found.tags,
    before: before?.tags,
  };
  return [...(isSame ? [] : [change]), ...tagOperations(tagged, context.config)];
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
