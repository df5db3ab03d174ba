// What spec.networking of a TargetGroupBinding opens towards its targets (albc-behaviour §6.3).

import type { NetworkingPeer, Pod, PortReference, TargetGroupBinding } from '../domain/cluster.ts';
import type { NetworkNeeds, NetworkOpening } from '../domain/desired-group.ts';
import type { TargetsIntent } from '../domain/group-model.ts';
import { namespacedName, type ResourceId, type SecurityGroupId } from '../domain/ids.ts';
import type { Checked, Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { DesiredTarget } from '../domain/target.ts';
import { nodeAddresses } from './network-needs.ts';

type Input = {
  readonly binding: TargetGroupBinding;
  readonly intent: TargetsIntent;
  readonly targetGroup: ResourceId;
  readonly targets: readonly DesiredTarget[];
  readonly snapshot: Snapshot;
};
type Range = NonNullable<NetworkOpening['stated']>;

/**
 * One opening for each peer and port. A rule without ports grants nothing, as in ALBC; a port without a number grants all
 * of its protocol.
 *
 * Problems: `BindingInvalid` (warning) for a named port that no target has.
 */
export function bindingNeeds(input: Input): Checked<NetworkNeeds> {
  const { binding, intent, targetGroup, targets } = input;
  const inside = targets.filter(({ availabilityZone }) => availabilityZone !== 'all');
  const problems: Problem[] = [];
  const unclear: NetworkOpening['source'][] = [];
  const openings = (binding.networking ?? []).flatMap(({ from, ports }) =>
    ports.flatMap(({ protocol, port }) => {
      const ranges = inside.length === 0 ? [] : rangesOf(input, { protocol, port }, inside);
      if (inside.length > 0 && ranges.length === 0 && port?.kind === 'name') {
        problems.push(nobodyHas(input, port.name));
        unclear.push(...from.map(sourceOf));
      }
      return from.flatMap((peer) =>
        ranges.map(
          ({ stated, endpoints }): NetworkOpening => ({
            targetType: intent.targetType,
            endpoints,
            ...nodeAddresses(inside.filter(({ id }) => endpoints.includes(id))),
            ports: [],
            stated,
            source: sourceOf(peer),
            targetGroup,
            object: intent.member,
          }),
        ),
      );
    }),
  );
  return { value: { ...nothingOpen, openings, unclear }, problems };
}

/** Nothing, and nothing that was open before. */
export const nothingOpen: NetworkNeeds = {
  backendSecurityGroup: undefined,
  openings: [],
  partial: false,
  ownSources: [],
};

/** Of a binding that is not served now: nothing new is opened, and what it may have open is not closed. */
export const unclearNeeds = (binding: TargetGroupBinding): NetworkNeeds => ({
  ...nothingOpen,
  unclear: peersOf(binding),
});

/** Of a binding that is over: whatever it has open may be closed. */
export const endedNeeds = (binding: TargetGroupBinding): NetworkNeeds => ({
  ...nothingOpen,
  ownSources: peersOf(binding),
});

/** Everything that a binding opens its targets to. */
const peersOf = ({ networking }: TargetGroupBinding): readonly NetworkOpening['source'][] =>
  (networking ?? []).flatMap(({ from }) => from.map(sourceOf));

const sourceOf = (peer: NetworkingPeer): NetworkOpening['source'] =>
  peer.kind === 'ipBlock' ? { cidr: peer.cidr } : (peer.id as SecurityGroupId);

/** The ranges that a port stands for, each with the endpoints it has that meaning for: pods may give a name different numbers. */
function rangesOf(
  input: Input,
  { protocol, port }: { readonly protocol: Range['protocol']; readonly port: PortReference | undefined },
  inside: readonly DesiredTarget[],
): readonly { readonly stated: Range; readonly endpoints: readonly string[] }[] {
  if (port?.kind === 'name') {
    const pairs = inside.flatMap((target) =>
      numbersOf(input, target, port.name).map((number) => ({ number, id: target.id })),
    );
    return [...Map.groupBy(pairs, ({ number }) => number)]
      .toSorted(([a], [b]) => a - b)
      .map(([number, list]) => ({
        stated: { protocol, from: number, to: number },
        endpoints: unique(list.map(({ id }) => id)),
      }));
  }
  const stated: Range =
    port === undefined ? { protocol, from: 0, to: 65_535 } : { protocol, from: port.number, to: port.number };
  return [{ stated, endpoints: unique(inside.map(({ id }) => id)) }];
}

const unique = (ids: readonly string[]): readonly string[] => [...new Set(ids)].toSorted();

/** By the pod's containers; where Pods are not watched, by the port that the Service sends to, if it has that name. */
function numbersOf({ intent, snapshot }: Input, target: DesiredTarget, name: string): readonly number[] {
  const pod: Pod | undefined = target.object.kind === 'Pod' ? snapshot.pods.get(target.object.id) : undefined;
  const found = (pod?.containerPorts ?? []).filter((port) => port.name === name).map(({ port }) => port);
  if (found.length > 0) return found;
  const { targetPort } = intent.servicePort;
  const isOfService = intent.targetType === 'ip' && targetPort.kind === 'name' && targetPort.name === name;
  return isOfService ? [target.port] : [];
}

function nobodyHas({ binding, intent }: Input, name: string): Problem {
  const { namespace, name: own } = binding.meta;
  return {
    kind: 'problem',
    code: 'BindingInvalid',
    severity: 'warning',
    scope: 'member',
    object: intent.member,
    path: 'spec.networking.ingress',
    message: `TargetGroupBinding ${namespacedName(namespace, own)} opens the port "${name}", which none of its targets is known to have`,
    hint:
      intent.targetType === 'instance'
        ? 'Give the number: nodes have no named ports'
        : 'Give the number, or the name of the targetPort of the Service',
    albcMessage:
      intent.targetType === 'instance'
        ? 'named ports can only be used with pod endpoints'
        : `unable to find port ${name} on pod`,
  };
}
