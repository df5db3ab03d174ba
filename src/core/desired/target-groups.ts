import type { CoreConfig } from '../domain/config.ts';
import type { DesiredTargetGroup } from '../domain/desired-group.ts';
import type { TargetGroupIntent } from '../domain/group-model.ts';
import { type GroupKey, type ResourceId, resourceId } from '../domain/ids.ts';
import type { DesiredTarget } from '../domain/target.ts';
import { targetGroupName } from './names.ts';
import { groupTags } from './tags.ts';

/** Our id of a target group inside plans; it follows the name, so a target group that must be replaced gets another id. */
export function targetGroupId(clusterName: string, key: GroupKey, intent: TargetGroupIntent): ResourceId {
  return resourceId('target-group', targetGroupName(clusterName, key, intent));
}

/** The target group that an intent asks for, with the targets it should have now. */
export function desiredTargetGroup(input: {
  readonly intent: TargetGroupIntent;
  readonly key: GroupKey;
  readonly config: CoreConfig;
  readonly targets: readonly DesiredTarget[];
  readonly alsoReachable: readonly DesiredTarget[];
}): DesiredTargetGroup {
  const { intent, key, config, targets, alsoReachable } = input;
  const { targetType, port, protocol, protocolVersion, ipAddressType } = intent;
  return {
    id: targetGroupId(config.clusterName, key, intent),
    name: targetGroupName(config.clusterName, key, intent),
    targetType,
    port,
    protocol,
    protocolVersion,
    ipAddressType,
    targetControlPort: intent.targetControlPort,
    healthCheck: intent.healthCheck,
    attributes: intent.attributes,
    tags: groupTags({ config, key, resource: intent.id, user: intent.tags }),
    targets,
    alsoReachable,
    ...(intent.part?.absorbs === true ? { absorbs: true } : {}),
    member: intent.member,
  };
}
