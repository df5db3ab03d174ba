// Load balancers as explanations judge them, from plans and from what AWS has.

import { memberTag } from '../core/desired/tags.ts';
import type { DesiredGroup, DesiredTargetGroupRef } from '../core/domain/desired-group.ts';
import { namespacedName } from '../core/domain/ids.ts';
import { type ObservedGroup, type ObservedListener, retiredTag } from '../core/domain/observed-group.ts';
import type { ObjectRef } from '../core/domain/problem.ts';
import type { Action } from '../core/domain/rule.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import type { KnownListener, KnownLoadBalancer, Origin } from '../core/evaluate/explain.ts';

/** The load balancer that a group should have, if it has members; its rules are numbered from 1. */
export function plannedLoadBalancer(
  desired: DesiredGroup,
  snapshot: Snapshot,
  observed: ObservedGroup | undefined,
): readonly KnownLoadBalancer[] {
  const { loadBalancer } = desired;
  if (loadBalancer === undefined) return [];
  const existing = observed?.loadBalancers.find(({ name }) => name === loadBalancer.name);
  return [
    {
      group: desired.key,
      name: loadBalancer.name,
      dnsName: existing?.dnsName,
      listeners: loadBalancer.listeners.map((listener) => ({
        port: listener.port,
        protocol: listener.protocol,
        rules: listener.rules.map((rule, index) => ({
          conditions: rule.conditions,
          transforms: rule.transforms,
          actions: rule.actions.map(namedAction),
          priority: index + 1,
          origin: originOf(rule, snapshot),
        })),
        defaultActions: listener.defaultActions.map(namedAction),
        defaultOrigin: defaultOrigin(desired, snapshot),
      })),
    },
  ];
}

function originOf(
  { member, path }: { readonly member: ObjectRef; readonly path: string },
  snapshot: Snapshot,
): Origin {
  const ingress = namespacedName(member.namespace, member.name);
  const [, rule, place] = /^spec\.rules\[(\d+)\]\.http\.paths\[(\d+)\]$/.exec(path) ?? [];
  const written = snapshot.ingresses.get(ingress)?.rules[Number(rule)];
  const at = written?.paths?.[Number(place)];
  return { ingress, path, written: at && `${written?.host ?? ''}${at.path} (${at.pathType})` };
}

/** Of several members with a default backend, each for its ports, none is named. */
function defaultOrigin({ model }: DesiredGroup, snapshot: Snapshot): Origin | undefined {
  const owners = model.members.filter(({ id }) => snapshot.ingresses.get(id)?.defaultBackend !== undefined);
  const [owner] = owners;
  if (owner === undefined) return undefined;
  const ingress = owners.map(({ id }) => id).join(' or ');
  return { ingress, path: 'spec.defaultBackend', written: undefined };
}

/** The application load balancers of a group, without those that are being replaced. */
export function observedLoadBalancers({ key, loadBalancers }: ObservedGroup): readonly KnownLoadBalancer[] {
  const all = loadBalancers.filter(({ type }) => type === 'application');
  const present = all.filter(({ tags }) => tags[retiredTag] === undefined);
  return (present.length > 0 ? present : all).map((one) => ({
    group: key,
    name: one.name,
    dnsName: one.dnsName,
    listeners: one.listeners.map(observedListener),
  }));
}

function observedListener(listener: ObservedListener): KnownListener {
  return {
    port: listener.port,
    protocol: listener.protocol === 'HTTPS' ? 'HTTPS' : 'HTTP',
    rules: listener.rules.map((rule) => {
      const ingress = rule.tags[memberTag];
      return {
        ...rule,
        origin: ingress === undefined ? undefined : { ingress, path: undefined, written: undefined },
      };
    }),
    defaultActions: listener.defaultActions,
    defaultOrigin: undefined,
  };
}

function namedAction(action: Action<DesiredTargetGroupRef>): Action<string> {
  if (action.kind !== 'forward') return action;
  const targetGroups = action.targetGroups.map(({ targetGroup, weight }) => ({
    targetGroup: targetGroup.kind === 'arn' ? targetGroup.arn : targetGroup.id,
    weight,
  }));
  return { ...action, targetGroups };
}
