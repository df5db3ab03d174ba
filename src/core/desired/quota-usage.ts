import { conditionsKey } from '../domain/conditions-key.ts';
import type { CoreConfig } from '../domain/config.ts';
import { canonical } from '../../lib/canonical.ts';
import type {
  DesiredGroup,
  DesiredListener,
  DesiredRule,
  SecurityGroupRule,
} from '../domain/desired-group.ts';
import type { NamespacedName } from '../domain/ids.ts';
import type { ObservedGroup, ObservedRule } from '../domain/observed-group.ts';
import type { ObjectRef } from '../domain/problem.ts';
import { addFrontend, isMoreInFront } from './quota-frontend.ts';
import { memberTag, stackTag } from './tags.ts';

/** What of a load balancer's quotas is taken, as sets of names: what two members share counts once. */
export type Usage = {
  readonly rules: Set<string>;
  readonly listeners: Set<string>;
  readonly targetGroups: Set<string>;
  readonly targets: Set<string>;
  /** Of listeners, but for the default ones; those that somebody names or that are made for somebody. */
  readonly certificates: Set<string>;
  /** Inbound rules of the load balancer's own security group; AWS counts the two families apart. */
  readonly ipv4Rules: Set<string>;
  readonly ipv6Rules: Set<string>;
  /** Target groups that AWS does not have yet: the region must have room for them. */
  readonly newTargetGroups: Set<string>;
  /** Of the network load balancer in front: itself where AWS does not have it yet, its ports, and targets of each zone. */
  readonly newNetworks: Set<string>;
  readonly networkListeners: Set<string>;
  readonly networkTargets: Set<string>;
};

const noUsage = (): Usage => ({
  rules: new Set(),
  listeners: new Set(),
  targetGroups: new Set(),
  targets: new Set(),
  certificates: new Set(),
  ipv4Rules: new Set(),
  ipv6Rules: new Set(),
  newTargetGroups: new Set(),
  newNetworks: new Set(),
  networkListeners: new Set(),
  networkTargets: new Set(),
});

/** What one member adds: its rules, the listeners they are on or that lead there, its target groups and their targets. */
export function memberUsage(id: NamespacedName, desired: DesiredGroup, observed: ObservedGroup): Usage {
  const usage = noUsage();
  const given = new Set(givenCertificates(id, desired));
  const isNeeded = needsListener(id, desired);
  for (const listener of desired.loadBalancer?.listeners ?? []) {
    const rules = listener.rules.filter(({ member }) => isMember(member, id));
    for (const [index, rule] of rules.entries()) {
      usage.rules.add(`${listener.port} ${id} ${index}`);
      for (const targetGroup of forwardedTo(rule)) usage.targetGroups.add(targetGroup);
    }
    for (const arn of listener.certificateArns.slice(1))
      if (given.has(arn)) usage.certificates.add(`${listener.port} ${arn}`);
    if (!isNeeded(listener)) continue;
    usage.listeners.add(String(listener.port));
    addInbound(usage, desired.securityGroups, ({ fromPort }) => fromPort === listener.port);
  }
  for (const group of desired.targetGroups.filter(({ member }) => isMember(member, id))) {
    usage.targetGroups.add(group.id);
    if (!observed.targetGroups.some(({ name }) => name === group.name)) usage.newTargetGroups.add(group.id);
    for (const target of group.targets) usage.targets.add(`${group.id} ${target.id}:${target.port}`);
  }
  addFrontend(usage, id, desired, observed);
  return usage;
}

/** Whether a listener is there for a member: with rules of it, or with rules of nobody and only to lead to such a one. */
function needsListener(
  id: NamespacedName,
  { loadBalancer }: DesiredGroup,
): (listener: DesiredListener) => boolean {
  const answering = (loadBalancer?.listeners ?? []).filter(({ rules }) =>
    rules.some(({ member }) => isMember(member, id)),
  );
  const ports = new Set(answering.map(({ port }) => String(port)));
  return (listener) =>
    answering.includes(listener) ||
    (listener.rules.length === 0 &&
      listener.defaultActions.some((action) => action.kind === 'redirect' && ports.has(action.port)));
}

/** Certificates that the member names, or that are made for it. */
function givenCertificates(id: NamespacedName, { model, certificates }: DesiredGroup): readonly string[] {
  const named = model.listeners.flatMap((listener) =>
    listener.certificates.flatMap((one) =>
      one.kind === 'given' && isMember(one.member, id) ? [one.arn] : [],
    ),
  );
  const made = certificates.flatMap(({ arn, member }) =>
    arn !== undefined && isMember(member, id) ? [arn] : [],
  );
  return [...named, ...made];
}

function addInbound(
  usage: Usage,
  securityGroups: readonly { readonly ingress: readonly SecurityGroupRule[] }[],
  isCounted: (rule: SecurityGroupRule) => boolean,
): void {
  for (const { ingress } of securityGroups) {
    for (const rule of ingress.filter(isCounted)) {
      const key = ruleKey(rule);
      if (rule.source.kind !== 'ipv6') usage.ipv4Rules.add(key);
      if (rule.source.kind !== 'ipv4') usage.ipv6Rules.add(key);
    }
  }
}

function forwardedTo({ actions }: DesiredRule): readonly string[] {
  return actions.flatMap((action) =>
    action.kind === 'forward'
      ? action.targetGroups.map(({ targetGroup }) =>
          targetGroup.kind === 'arn' ? targetGroup.arn : targetGroup.id,
        )
      : [],
  );
}

/** What stays on the load balancer and its security group whatever the members want: other people's rules, and those of held members. */
export function keptUsage(input: {
  readonly desired: DesiredGroup;
  readonly observed: ObservedGroup;
  readonly config: CoreConfig;
}): Usage {
  const { desired, observed, config } = input;
  const stays = staying(desired, config);
  const listeners = observed.loadBalancers.flatMap((loadBalancer) => loadBalancer.listeners);
  const kept = listeners.flatMap(({ port, rules }) => rules.filter(stays).map(({ arn }) => ({ arn, port })));
  const usage = noUsage();
  for (const { arn, port } of kept) {
    usage.rules.add(arn);
    usage.listeners.add(String(port));
  }
  const ports = new Set((desired.loadBalancer?.listeners ?? []).map(({ port }) => port));
  const { clientRuleDescription, foreign } = config.policy;
  const isStaying = ({ description }: SecurityGroupRule): boolean =>
    desired.model.held.length > 0 || (foreign === 'keep' && description !== clientRuleDescription);
  if (desired.securityGroups.length > 0)
    addInbound(usage, observed.securityGroups, (rule) => !ports.has(rule.fromPort) && isStaying(rule));
  return usage;
}

/** Whether a rule is on the load balancer whatever the members want. */
export function staying(
  { model }: Pick<DesiredGroup, 'model'>,
  config: CoreConfig,
): (rule: Pick<ObservedRule, 'tags'>) => boolean {
  const held = new Set<string>(model.held.map(({ id }) => id));
  const foreignStay = config.policy.foreign === 'keep' && config.featureGates.ListenerRulesTagging;
  return ({ tags }) => held.has(tags[memberTag] ?? '') || (foreignStay && tags[stackTag] === undefined);
}

/**
 * How many of the member's rules are on a load balancer already: those with its tag and, of those that name nobody (ALBC
 * made them), those with the conditions of a rule that it wants.
 */
export function rulesPresent(id: NamespacedName, desired: DesiredGroup, observed: ObservedGroup): number {
  const wanted = new Set(
    (desired.loadBalancer?.listeners ?? []).flatMap(({ port, rules }) =>
      rules
        .filter(({ member }) => isMember(member, id))
        .map(({ conditions }) => `${port} ${conditionsKey(conditions)}`),
    ),
  );
  const listeners = observed.loadBalancers.flatMap((loadBalancer) => loadBalancer.listeners);
  return listeners.reduce((sum, { port, rules }) => {
    const own = rules.filter(({ tags, conditions }) =>
      tags[memberTag] === undefined
        ? wanted.has(`${port} ${conditionsKey(conditions)}`)
        : tags[memberTag] === id,
    );
    return sum + own.length;
  }, 0);
}

/** Whether a member asks for anything that AWS does not have, besides rules. */
export function isMore(usage: Usage, { loadBalancers, securityGroups }: ObservedGroup): boolean {
  const listeners = loadBalancers
    .filter(({ type }) => type === 'application')
    .flatMap((loadBalancer) => loadBalancer.listeners);
  const ports = new Set(listeners.map(({ port }) => String(port)));
  const certificates = new Set(
    listeners.flatMap(({ port, certificates: listed = [], defaultCertificate }) =>
      [...listed, defaultCertificate].map((arn) => `${port} ${arn}`),
    ),
  );
  const inbound = new Set(securityGroups.flatMap(({ ingress }) => ingress.map(ruleKey)));
  return (
    usage.newTargetGroups.size + usage.newNetworks.size > 0 ||
    isMoreInFront(usage, loadBalancers) ||
    [...usage.listeners].some((port) => !ports.has(port)) ||
    [...usage.certificates].some((certificate) => !certificates.has(certificate)) ||
    // A security group that has to be made is nobody's growth.
    (securityGroups.length > 0 && [...usage.ipv4Rules, ...usage.ipv6Rules].some((rule) => !inbound.has(rule)))
  );
}

const ruleKey = ({ protocol, fromPort, toPort, source }: SecurityGroupRule): string =>
  canonical([protocol, fromPort, toPort, source]);

function isMember({ namespace, name }: ObjectRef, id: NamespacedName): boolean {
  return `${namespace}/${name}` === id;
}
