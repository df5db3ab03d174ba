import type { GroupModel, ListenerIntent } from '../domain/group-model.ts';
import type { ObjectRef } from '../domain/problem.ts';

/**
 * The members that a listener's own settings can come from, each once: intents do not say who set them. Those with rules
 * or hosts on it, those whose target groups its default action forwards to; else the only member, if there is one.
 */
export function listenerMembers(
  listener: ListenerIntent,
  { members, targetGroups }: Pick<GroupModel, 'members' | 'targetGroups'>,
): readonly ObjectRef[] {
  const defaultIds = listener.defaultActions.flatMap((action) =>
    action.kind === 'forward'
      ? action.targetGroups.flatMap(({ targetGroup }) =>
          targetGroup.kind === 'managed' ? [targetGroup.id] : [],
        )
      : [],
  );
  const byDefault = targetGroups.filter(({ id }) => defaultIds.includes(id));
  const found = [...listener.rules, ...listener.discoverCertificatesFor, ...byDefault].map(
    ({ member }) => member,
  );
  if (found.length === 0) return members.length === 1 ? members.map(({ ref }) => ref) : [];
  return [...new Map(found.map((member) => [`${member.namespace}/${member.name}`, member])).values()];
}
