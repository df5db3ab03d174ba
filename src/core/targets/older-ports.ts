import type { PortReference } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { TargetsIntent } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { type ObservedTarget, isDraining, targetKey } from '../domain/target.ts';
import type { Selection } from './selection.ts';

/**
 * An Ingress's target group is made for one targetPort. When the Service gets another one, a new target group takes its
 * place once its targets are healthy, and until then this one answers: what is registered of pods that are still wanted
 * stays, beside their new port.
 */
export function withOlderPorts(
  selection: Selection,
  observed: readonly ObservedTarget[],
  input: { readonly intent: TargetsIntent; readonly snapshot: Snapshot; readonly config: CoreConfig },
): Selection {
  const { intent, snapshot, config } = input;
  if (config.policy.lostBackends === 'remove' || !isOutdated(intent, snapshot)) return selection;
  const wanted = new Map(selection.value.map((target) => [target.id, target]));
  const keys = new Set(selection.value.map(targetKey));
  const older = observed.flatMap((target) => {
    const pod = wanted.get(target.id);
    return pod === undefined || isDraining(target.state) || keys.has(targetKey(target))
      ? []
      : [{ ...pod, port: target.port }];
  });
  return older.length === 0 ? selection : { ...selection, value: [...selection.value, ...older] };
}

/** Users' own target groups are not replaced, and node ports that a Service has no more lead nowhere. */
function isOutdated(
  { member, targetType, service, servicePort }: TargetsIntent,
  { services }: Snapshot,
): boolean {
  if (member.kind !== 'Ingress' || targetType !== 'ip') return false;
  const ports = services.get(namespacedName(service.namespace, service.name))?.ports ?? [];
  const now = ports.find(({ name }) => name === servicePort.name)?.targetPort;
  return now !== undefined && text(now) !== text(servicePort.targetPort);
}

const text = (port: PortReference): string => (port.kind === 'name' ? port.name : String(port.number));
