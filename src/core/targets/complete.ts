import type { CoreConfig } from '../domain/config.ts';
import type { TargetsIntent } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { isLocal } from './instances.ts';
import { isPortLost } from './select.ts';

/** Whether what the snapshot says of a target group's targets is all there is to say, so that others may go. */
export function knowsAll(
  intent: TargetsIntent,
  snapshot: Snapshot,
  config: Pick<CoreConfig, 'policy'>,
): boolean {
  const { complete } = snapshot;
  if (!complete.has('Service')) return false;
  if (isPortLost(intent, snapshot, config)) return true;
  const doubts = config.policy.unreadyTargets === 'floor';
  const needsSlices = intent.targetType === 'ip' || isLocal(intent, snapshot, config);
  if (needsSlices && !complete.has('EndpointSlice')) return false;
  if (needsSlices && doubts && lacksSlices(intent, snapshot)) return false;
  // Somebody runs what is in the cluster: nodes that are all gone at once were rather lost from the API.
  if (intent.targetType === 'instance') return complete.has('Node') && !(doubts && snapshot.nodes.size === 0);
  return knowsPort(intent, snapshot);
}

/** A Service with a selector has a slice even when it has no pod, so one without any has lost them, or waits for them. */
function lacksSlices({ service }: TargetsIntent, { services, endpointSlices }: Snapshot): boolean {
  const id = namespacedName(service.namespace, service.name);
  const selects = Object.keys(services.get(id)?.selector ?? {}).length > 0;
  return selects && (endpointSlices.get(id) ?? []).length === 0;
}

/**
 * A Service whose port was renamed is seen before its slices follow: that no endpoint has such a port yet is no proof
 * that nothing is behind it, and AWS takes an address back only after its deregistration delay.
 */
function knowsPort({ service, servicePort }: TargetsIntent, { endpointSlices }: Snapshot): boolean {
  const slices = endpointSlices.get(namespacedName(service.namespace, service.name)) ?? [];
  const filled = slices.filter(({ endpoints }) => endpoints.length > 0);
  return (
    filled.length === 0 || filled.some(({ ports }) => ports.some(({ name }) => name === servicePort.name))
  );
}
