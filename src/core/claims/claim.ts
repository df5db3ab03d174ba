// What the rules of a group claim on its load balancer: a port, hosts and paths, for a namespace.

import { memberTag } from '../desired/tags.ts';
import type { GroupModel, Member } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { RuleCondition } from '../domain/rule.ts';

export type Claim = {
  readonly member: Member;
  readonly port: number;
  /** Where in the Ingress; '' for a rule that only AWS still has. */
  readonly path: string;
  readonly conditions: readonly RuleCondition[];
  /** `app.example.com/api` for each host and path together. */
  readonly places: readonly string[];
  /** Lowest priority of the member's rules in AWS with one of these places on that port; undefined: none is there. */
  readonly present: number | undefined;
};

/** Claims of members in group order, then of held members as far as AWS has rules of theirs. */
export function claimsOf(model: GroupModel, observed: ObservedGroup): readonly Claim[] {
  const members = new Map(model.members.map((member) => [member.id, member] as const));
  const there = rulesOf(observed);
  const written = model.listeners.flatMap(({ port, rules }) =>
    rules.flatMap(({ member: ref, path, conditions }): readonly Claim[] => {
      const member = members.get(namespacedName(ref.namespace, ref.name));
      if (member === undefined) return [];
      const places = placesOf(conditions);
      const own = there.filter(
        (rule) => rule.port === port && rule.member === member.id && shares(rule.places, places),
      );
      const present = own.length === 0 ? undefined : Math.min(...own.map(({ priority }) => priority));
      return [{ member, port, path, conditions, places, present }];
    }),
  );
  const kept = model.held.flatMap((member) =>
    there
      .filter((rule) => rule.member === member.id)
      .map(({ port, conditions, places, priority }) => ({
        member,
        port,
        path: '',
        conditions,
        places,
        present: priority,
      })),
  );
  return [...written, ...kept];
}

/** Whether two lists of places have one in common. */
export const shares = (some: readonly string[], others: readonly string[]): boolean =>
  some.some((place) => others.includes(place));

function rulesOf({ loadBalancers }: ObservedGroup) {
  return loadBalancers.flatMap(({ listeners }) =>
    listeners.flatMap(({ port, rules }) =>
      rules.map(({ conditions, priority, tags }) => ({
        port,
        priority,
        conditions,
        member: tags[memberTag],
        places: placesOf(conditions),
      })),
    ),
  );
}

function placesOf(conditions: readonly RuleCondition[]): readonly string[] {
  const hosts = textsOf(conditions, 'host-header', '*').map((host) => host.toLowerCase());
  const paths = textsOf(conditions, 'path-pattern', '/*');
  return hosts.flatMap((host) => paths.map((path) => `${host}${path}`));
}

function textsOf(
  conditions: readonly RuleCondition[],
  kind: 'host-header' | 'path-pattern',
  everything: string,
): readonly string[] {
  const found = conditions.flatMap((condition) =>
    (condition.kind === 'host-header' || condition.kind === 'path-pattern') && condition.kind === kind
      ? [...condition.values, ...condition.regexValues.map((regex) => `~${regex}`)]
      : [],
  );
  return found.length === 0 ? [everything] : found;
}
