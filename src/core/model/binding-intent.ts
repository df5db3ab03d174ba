// What a TargetGroupBinding asks for: targets of one Service port in a target group of somebody else's (albc-behaviour §7).

import type { Service, ServicePort, TargetGroupBinding } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { TargetGroupFact } from '../domain/facts.ts';
import type { TargetsIntent } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { Checked, Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { bindingRef } from './binding.ts';
import { misfits, notRoutable } from './binding-misfits.ts';
import { bindingProblem, textOf, type WrongBinding } from './binding-problem.ts';
import { findPort, portText } from './target-group.ts';

export type BindingBackend =
  | { readonly kind: 'found'; readonly service: Service; readonly servicePort: ServicePort }
  /** Known not to exist. */
  | { readonly kind: 'missing'; readonly problem: Problem }
  /** The list of Services is not whole, so that nothing can be said. */
  | { readonly kind: 'unknown' };

/** The Service port behind a binding. */
export function bindingBackend(binding: TargetGroupBinding, snapshot: Snapshot): BindingBackend {
  const { service: wanted, meta } = binding;
  const id = namespacedName(meta.namespace, wanted.name);
  const service = snapshot.services.get(id);
  if (service === undefined) {
    if (!snapshot.complete.has('Service')) return { kind: 'unknown' };
    const missing: WrongBinding = {
      code: 'ServiceNotFound',
      path: 'spec.serviceRef.name',
      message: `${textOf(binding)} names Service ${id}, which does not exist`,
      hint: `Create the Service ${id}, or correct spec.serviceRef`,
      albcMessage: `backend not found: Service "${wanted.name}" not found`,
    };
    return { kind: 'missing', problem: bindingProblem(binding, 'error', missing) };
  }
  const servicePort = findPort(service, wanted.port);
  if (servicePort !== undefined) return { kind: 'found', service, servicePort };
  const ports = service.ports.map(({ name, port }) => (name === '' ? `${port}` : `${port} (${name})`));
  const missing: WrongBinding = {
    code: 'ServicePortNotFound',
    path: 'spec.serviceRef.port',
    message: `${textOf(binding)} names port ${portText(wanted.port)} of Service ${id}, which has the ports ${ports.join(', ') || 'none'}`,
    hint: 'Correct spec.serviceRef.port, or add the port to the Service',
    albcMessage: `backend not found: unable to find port ${portText(wanted.port)} on service ${id}`,
  };
  return { kind: 'missing', problem: bindingProblem(binding, 'error', missing) };
}

/**
 * What the targets loop has to do for a binding whose target group and Service port are known; undefined with an error.
 *
 * Problems: `BindingInvalid` where binding and target group do not fit, `ServiceNotRoutable` without a node port.
 */
export function bindingIntent(
  binding: TargetGroupBinding,
  { service, servicePort }: Extract<BindingBackend, { kind: 'found' }>,
  { fact, config }: { readonly fact: TargetGroupFact; readonly config: CoreConfig },
): Checked<TargetsIntent | undefined> {
  const wrong = misfits(binding, fact, config)[0] ?? notRoutable(binding, { service, servicePort }, fact);
  if (wrong !== undefined) return { value: undefined, problems: [bindingProblem(binding, 'error', wrong)] };
  const { matchLabels = {}, matchExpressions = [] } = binding.nodeSelector ?? {};
  const value: TargetsIntent = {
    member: bindingRef(binding),
    service: { namespace: service.meta.namespace, name: service.meta.name },
    backendPort: portText(binding.service.port),
    servicePort,
    targetType: fact.targetType === 'instance' ? 'instance' : 'ip',
    ipAddressType: fact.ipAddressType,
    // AWS's defaults, as far as is known: the target group is not ours to set.
    attributes: {},
    nodeLabels: matchLabels,
    nodeExpressions: matchExpressions,
    multiCluster: binding.multiCluster,
  };
  return { value, problems: [] };
}
