import type { TargetsIntent } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';

/** `NothingReady` of a target group whose Service does have ready endpoints, with why none of them is a target. */
export function withReason(problem: Problem, intent: TargetsIntent | undefined, snapshot: Snapshot): Problem {
  const why = problem.code === 'NothingReady' && intent !== undefined ? whyNone(intent, snapshot) : undefined;
  return why === undefined ? problem : { ...problem, message: `${problem.message}: ${why}` };
}

function whyNone(
  { targetType, service, servicePort, ipAddressType }: TargetsIntent,
  { endpointSlices }: Pick<Snapshot, 'endpointSlices'>,
): string | undefined {
  const name = namespacedName(service.namespace, service.name);
  const slices = (endpointSlices.get(name) ?? []).filter(({ endpoints }) =>
    endpoints.some(({ ready }) => ready),
  );
  if (targetType !== 'ip' || slices.length === 0) return undefined;
  const family = ipAddressType === 'ipv6' ? 'IPv6' : 'IPv4';
  const fitting = slices.filter(({ addressType }) => addressType === family);
  if (fitting.length === 0) {
    const others = [...new Set(slices.map(({ addressType }) => addressType))].join(' and ');
    return `the EndpointSlices of Service ${name} have ${others} addresses, and it takes ${family}`;
  }
  const named = fitting.filter(({ ports }) => ports.some((port) => port.name === servicePort.name));
  if (named.length === 0)
    return `no EndpointSlice of Service ${name} has a port ${servicePort.name === '' ? 'without a name' : `named "${servicePort.name}"`}`;
  const hasPods = named.some(({ endpoints }) =>
    endpoints.some(({ ready, pod }) => ready && pod !== undefined),
  );
  if (hasPods) return undefined;
  return `no pod is behind the endpoints of Service ${name} (targetRef), and what is none could be any address`;
}
