// AWS never gives a client secret back, so what a rule has is known only by its hash: the one we remember having sent,
// else the one in our tag, else the one of the last applied plan. Where nobody knows, the secret is taken for the
// wanted one: a controller that starts must not write every rule anew.

import { canonical } from '../../lib/canonical.ts';
import { clientSecretTag } from '../domain/client-secret.ts';
import type { DesiredGroup, DesiredListener, Tags } from '../domain/desired-group.ts';
import type { ObservedGroup, ObservedListener } from '../domain/observed-group.ts';
import type { Action, AuthenticateOidcAction, RuleCondition } from '../domain/rule.ts';
import type { GroupPlanInput } from './context.ts';
import { conditionsKey } from '../domain/conditions-key.ts';

/** The observation with a hash in every OIDC action for which one is known or can be assumed. */
export function withSecretHashes({
  observed,
  desired,
  previous,
}: Pick<GroupPlanInput, 'observed' | 'desired' | 'previous'>): ObservedGroup {
  const sources = [previous, desired].filter((group) => group !== undefined);
  const loadBalancers = observed.loadBalancers.map((loadBalancer) => ({
    ...loadBalancer,
    listeners: loadBalancer.listeners.map((listener) => filledListener(listener, sources)),
  }));
  return { ...observed, loadBalancers };
}

function filledListener(found: ObservedListener, sources: readonly DesiredGroup[]): ObservedListener {
  const isUnknown = [found, ...found.rules].some((holder) =>
    ('actions' in holder ? holder.actions : holder.defaultActions).some(lacksHash),
  );
  if (!isUnknown) return found;
  const listeners = sources.flatMap(
    ({ loadBalancer }) => loadBalancer?.listeners.filter(({ port }) => port === found.port) ?? [],
  );
  return {
    ...found,
    defaultActions: filled(found.defaultActions, { tags: found.tags, conditions: undefined, listeners }),
    rules: found.rules.map((rule) => ({
      ...rule,
      actions: filled(rule.actions, { tags: rule.tags, conditions: rule.conditions, listeners }),
    })),
  };
}

type Place = {
  readonly tags: Tags;
  /** Undefined: the default action. */
  readonly conditions: readonly RuleCondition[] | undefined;
  readonly listeners: readonly DesiredListener[];
};

function filled<T>(actions: readonly Action<T>[], place: Place): readonly Action<T>[] {
  return actions.map((action) =>
    lacksHash(action)
      ? { ...action, clientSecretHash: place.tags[clientSecretTag] ?? given(action, place) }
      : action,
  );
}

function lacksHash<T>(action: Action<T>): action is AuthenticateOidcAction {
  return action.kind === 'authenticate-oidc' && action.clientSecretHash === undefined;
}

/**
 * The tags to write on what exists. A hash says which secret was sent, so it is written with or after a secret, never
 * on a rule that somebody else gave one: the first plan after a take-over is empty.
 */
export function tagsAfterSecret(wanted: Tags, found: Tags, isWritten: boolean): Tags {
  const { [clientSecretTag]: hash, ...others } = wanted;
  const isKnown = isWritten || found[clientSecretTag] !== undefined;
  return hash === undefined || !isKnown ? others : wanted;
}

/** Without the hash AWS is asked to keep the secret it has: that of a held member may be what it is held for. */
export function withExistingSecret<T>(actions: readonly Action<T>[]): readonly Action<T>[] {
  return actions.map((action) =>
    action.kind === 'authenticate-oidc' ? { ...action, clientSecretHash: undefined } : action,
  );
}

/** The hash that the first source gives to the same action in the same place. */
function given(action: AuthenticateOidcAction, { conditions, listeners }: Place): string | undefined {
  const key = withoutHash(action);
  const place = conditions && conditionsKey(conditions);
  const candidates = listeners.flatMap(({ defaultActions, rules }) =>
    place === undefined
      ? defaultActions
      : rules.filter((rule) => conditionsKey(rule.conditions) === place).flatMap(({ actions }) => actions),
  );
  const found = candidates.find(
    (candidate): candidate is AuthenticateOidcAction =>
      candidate.kind === 'authenticate-oidc' && withoutHash(candidate) === key,
  );
  return found?.clientSecretHash;
}

function withoutHash(action: AuthenticateOidcAction): string {
  return canonical({ ...action, clientSecretHash: undefined });
}
