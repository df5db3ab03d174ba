import type { Service } from '../domain/cluster.ts';
import type { Overflow, TargetGroupIntent } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { MemberContext } from './context.ts';
import { stage } from './stage.ts';

const annotation = 'albatross.dev/target-overflow';

/**
 * What shall happen when there are more pods than a target group or the load balancer may have targets; what the Service
 * says goes before what the Ingress says. `instead` is the target group with node ports, where the Service has one.
 *
 * Problem (warning): `AnnotationInvalid` where it has no effect.
 */
export function overflowOf(
  context: MemberContext,
  { meta }: Service,
  intent: TargetGroupIntent,
  instead: () => TargetGroupIntent | undefined,
): Overflow | undefined {
  if (context.config.policy.compatibility === 'albc' || intent.targetType !== 'ip') return undefined;
  const kind = meta.annotations[annotation] ?? context.ingress.meta.annotations[annotation];
  if (kind !== 'split' && kind !== 'node-port') return undefined;
  const service = namespacedName(intent.service.namespace, intent.service.name);
  if (intent.multiCluster)
    return without(
      context,
      `${service} has a target group that clusters share, and whose targets are not counted`,
    );
  if (kind === 'split') {
    if (context.config.featureGates.WeightedTargetGroups) return { kind };
    return without(context, 'the feature gate WeightedTargetGroups is off');
  }
  const onNodes = intent.servicePort.nodePort === undefined ? undefined : instead();
  if (onNodes !== undefined) return { kind, instead: onNodes };
  return without(context, `Service ${service} has no node port; make it a NodePort or LoadBalancer`);
}

function without(context: MemberContext, why: string): undefined {
  context.report(stage.rules, {
    code: 'AnnotationInvalid',
    severity: 'warning',
    path: `metadata.annotations[${annotation}]`,
    message: `Ingress ${context.id}: annotation ${annotation} has no effect: ${why}`,
    hint: 'What does not fit is refused, with its numbers (docs/targets.md)',
  });
  return undefined;
}
