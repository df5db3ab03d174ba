import type { CoreConfig } from '../domain/config.ts';
import type { ListenerIntent, TargetGroupIntent, TargetGroupIntentId } from '../domain/group-model.ts';
import { redirectPort } from './merge.ts';
import { withDefaultTags } from './tags.ts';
import type { MemberDraft } from './member-draft.ts';

/**
 * Target groups that some rule or default action forwards to, in order of id. ALBC also makes those of rules that it then
 * leaves out because a redirect stands before them, though not those of listeners that only redirect.
 */
export function usedTargetGroups(
  drafts: readonly MemberDraft[],
  listeners: readonly ListenerIntent[],
  config: CoreConfig,
): readonly TargetGroupIntent[] {
  const used = new Set(listeners.flatMap(referenced));
  const redirects = redirectPort(drafts) !== undefined;
  const keepsAll = config.policy.compatibility === 'albc';
  return drafts
    .flatMap((draft) => {
      const hasRules =
        keepsAll && draft.listen.ports.some(({ protocol }) => protocol === 'HTTPS' || !redirects);
      return draft.targetGroups.filter((group) => hasRules || used.has(group.id));
    })
    .map((group) => ({ ...group, tags: withDefaultTags(group.tags, config) }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function referenced(listener: ListenerIntent): readonly TargetGroupIntentId[] {
  const actions = [...listener.defaultActions, ...listener.rules.flatMap((rule) => rule.actions)];
  return actions.flatMap((action) =>
    action.kind === 'forward'
      ? action.targetGroups.flatMap(({ targetGroup }) =>
          targetGroup.kind === 'managed' ? [targetGroup.id] : [],
        )
      : [],
  );
}
