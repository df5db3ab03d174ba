// The part of a spread group's members that one of its load balancers serves. What members say about load balancers and
// listeners holds for all shards, so every shard is made from all members, less what is served elsewhere.

import type { NamespacedName } from '../domain/ids.ts';
import type { MemberDraft } from './member-draft.ts';
import { anyHostRules } from './shard-hosts.ts';

/** What a member is to one shard. `guest`: its rules for any host and its default backend are here too. */
export type Presence = 'home' | 'guest' | 'elsewhere';

/**
 * The drafts as this shard has them: ports that somebody of its own listens on, certificates of its own, rules of its own and
 * guests' rules for any host. Drafts of members that are elsewhere stay for the settings in them.
 */
export function sliced(
  drafts: readonly MemberDraft[],
  presence: ReadonlyMap<NamespacedName, Presence>,
): readonly MemberDraft[] {
  const isHome = ({ member }: MemberDraft): boolean => presence.get(member.id) === 'home';
  const ports = new Set(drafts.filter(isHome).flatMap(({ listen }) => listen.ports.map(({ port }) => port)));
  return drafts.map((draft) => {
    if (isHome(draft)) return draft;
    const { listen, rules, context, defaultAction } = draft;
    const isGuest = presence.get(draft.member.id) === 'guest';
    const forAnyHost = anyHostRules(context.ingress);
    return {
      ...draft,
      defaultAction: isGuest ? defaultAction : undefined,
      rules: isGuest ? rules.filter(({ path }) => forAnyHost.has(path)) : [],
      listen: {
        ...listen,
        ports: listen.ports.filter(({ port }) => ports.has(port)),
        certificateArns: [],
        request: undefined,
        hosts: [],
      },
    };
  });
}
