// Listeners and their rules: the model's intents with certificates, trust stores and target groups filled in.

import type { CoreConfig } from '../domain/config.ts';
import type {
  DesiredCertificate,
  DesiredListener,
  DesiredMutualAuthentication,
  DesiredRule,
} from '../domain/desired-group.ts';
import type { Facts } from '../domain/facts.ts';
import type {
  GroupModel,
  ListenerIntent,
  MutualAuthenticationIntent,
  RuleIntent,
} from '../domain/group-model.ts';
import { resourceId } from '../domain/ids.ts';
import type { ObservedLoadBalancer } from '../domain/observed-group.ts';
import type { Checked, ObjectRef, Problem } from '../domain/problem.ts';
import { listenerCertificates } from './certificates.ts';
import { fittedListeners } from './fitted-rules.ts';
import { listenerMembers } from './listener-members.ts';
import { listenerTags, ruleTags } from './tags.ts';
import { type TargetGroupLookup, resolvedActions } from './target-group-refs.ts';

type Input = {
  readonly model: GroupModel;
  readonly loadBalancerName: string;
  readonly facts: Facts;
  readonly existing: ObservedLoadBalancer | undefined;
  readonly config: CoreConfig;
  readonly lookup: TargetGroupLookup;
  readonly requested: readonly DesiredCertificate[];
  /** Whom a problem goes to that no single member caused. */
  readonly object: ObjectRef;
};

/** Listeners in order of port, and the ports of those that have to wait for a certificate. */
export type Listeners = {
  readonly listeners: readonly DesiredListener[];
  readonly waitingPorts: readonly number[];
};

/** The listeners by port, with the problems of those parts that could not be filled in (their rules are left out). */
export function desiredListeners(input: Input): Checked<Listeners> {
  const all = input.model.listeners.map((listener) => desiredListener(listener, input));
  const bare = new Set(all.flatMap(({ value, isWaiting }) => (isWaiting ? [value.port] : [])));
  // A redirect must not lead to a port where nobody listens yet.
  const waiting = all.filter(
    ({ value }) => bare.has(value.port) || [...bare].some((port) => redirectsTo(port, value)),
  );
  return {
    value: {
      listeners: fittedListeners(
        all.filter((one) => !waiting.includes(one)).map(({ value }) => value),
        { ...input, quotas: input.facts.quotas },
      ),
      waitingPorts: waiting.map(({ value }) => value.port),
    },
    problems: all.flatMap(({ problems }) => problems),
  };
}

const redirectsTo = (port: number, { defaultActions }: DesiredListener): boolean =>
  defaultActions.some((action) => action.kind === 'redirect' && action.port === String(port));

function desiredListener(
  listener: ListenerIntent,
  input: Input,
): Checked<DesiredListener> & { readonly isWaiting: boolean } {
  const { model, config, facts, existing, lookup, object } = input;
  const members = listenerMembers(listener, model);
  const owner = ownerOf(members, object);
  const observed = existing?.listeners.find(({ port }) => port === listener.port);
  const isHolding = model.held.length > 0;
  const certificates = listenerCertificates({
    listener,
    certificates: facts.certificates,
    config,
    members,
    requested: input.requested,
    observed,
    isHolding,
  });
  const authentication = mutualAuthentication(listener, { facts, config, owner, isHolding });
  const defaults = resolvedActions(listener.defaultActions, {
    lookup,
    ...owner,
    path: 'spec.defaultBackend',
  });
  const rules = listener.rules.map((rule) => desiredRule(rule, input));
  return {
    value: {
      id: resourceId('listener', input.loadBalancerName, String(listener.port)),
      port: listener.port,
      protocol: listener.protocol,
      defaultActions: defaults.value,
      sslPolicy: listener.protocol === 'HTTPS' ? listener.sslPolicy : undefined,
      certificateArns: certificates.value,
      mutualAuthentication: authentication.value,
      attributes: listener.attributes,
      tags: listenerTags({
        config,
        key: model.key,
        port: listener.port,
        user: listener.tags,
        actions: listener.defaultActions,
      }),
      rules: rules.flatMap(({ value }) => value),
    },
    problems: [certificates, authentication, defaults, ...rules].flatMap(({ problems }) => problems),
    isWaiting: certificates.isWaiting,
  };
}

function desiredRule(rule: RuleIntent, { model, config, lookup }: Input): Checked<readonly DesiredRule[]> {
  const { member, path, conditions, transforms, tags } = rule;
  const actions = resolvedActions(rule.actions, { lookup, object: member, scope: 'member', path });
  if (actions.problems.length > 0) return { value: [], problems: actions.problems };
  const value: DesiredRule = {
    conditions,
    actions: actions.value,
    transforms,
    member,
    path,
    tags: ruleTags({ config, key: model.key, member, user: tags, actions: rule.actions }),
  };
  return { value: [value], problems: [] };
}

type Owner = { readonly object: ObjectRef; readonly scope: Problem['scope'] };

/** A listener's own settings carry no author; with one member on the port it can only be that one. */
function ownerOf(members: readonly ObjectRef[], object: ObjectRef): Owner {
  const [first, ...others] = members;
  return first !== undefined && others.length === 0
    ? { object: first, scope: 'member' }
    : { object, scope: 'group' };
}

type AuthenticationInput = {
  readonly facts: Facts;
  readonly config: CoreConfig;
  readonly owner: Owner;
  /** What nobody names may be a held member's. */
  readonly isHolding: boolean;
};

/** Undefined leaves the listener's setting alone; with the gate EnhancedDefaultBehavior an absent one means `off`. */
function mutualAuthentication(
  listener: ListenerIntent,
  input: AuthenticationInput,
): Checked<DesiredMutualAuthentication | undefined> {
  if (listener.protocol === 'HTTP') return { value: undefined, problems: [] };
  const intent = listener.mutualAuthentication;
  if (intent === undefined) {
    const isReset = input.config.featureGates.EnhancedDefaultBehavior && !input.isHolding;
    const value = isReset ? off : undefined;
    return { value, problems: [] };
  }
  if (intent.mode !== 'verify') return { value: { ...off, mode: intent.mode }, problems: [] };
  return verification(intent, input);
}

const off: DesiredMutualAuthentication = {
  mode: 'off',
  trustStoreArn: undefined,
  ignoreClientCertificateExpiry: undefined,
  advertiseTrustStoreCaNames: undefined,
};

function verification(
  intent: MutualAuthenticationIntent,
  { facts, owner }: AuthenticationInput,
): Checked<DesiredMutualAuthentication | undefined> {
  const name = intent.trustStore ?? '';
  const trustStoreArn = name.startsWith('arn:') ? name : facts.trustStoresByName.get(name);
  if (trustStoreArn === undefined) return { value: undefined, problems: [trustStoreNotFound(name, owner)] };
  const value: DesiredMutualAuthentication = {
    mode: 'verify',
    trustStoreArn,
    ignoreClientCertificateExpiry: intent.ignoreClientCertificateExpiry ?? false,
    advertiseTrustStoreCaNames: intent.advertiseTrustStoreCaNames ?? 'off',
  };
  return { value, problems: [] };
}

function trustStoreNotFound(name: string, { object, scope }: Owner): Problem {
  return {
    kind: 'problem',
    code: 'AnnotationInvalid',
    severity: 'error',
    scope,
    object,
    path: 'metadata.annotations[alb.ingress.kubernetes.io/mutual-authentication]',
    message: `There is no trust store named "${name}" in the load balancer's account and region`,
    hint: 'Create the trust store, or name it by its ARN',
    albcMessage: `ingress: ${object.namespace}/${object.name}: couldn't find TrustStores with names [${name}]`,
  };
}
