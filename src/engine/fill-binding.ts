// What the targets loop is told of the target group of a binding.

import { isDeepStrictEqual } from 'node:util';
import type { TargetGroupBinding } from '../core/domain/cluster.ts';
import type { TargetGroupFact } from '../core/domain/facts.ts';
import type { TargetsIntent } from '../core/domain/group-model.ts';
import { bindingRef } from '../core/model/binding.ts';
import type { Work } from './binding-work.ts';
import type { Binding } from './memory.ts';

/** Hands the target group to the targets loop, if it does not have it like this already. */
export function fill(
  { key, id, binding, context, run }: Work,
  to: Pick<Binding, 'intent' | 'vpc' | 'quotas'> & { readonly fact: TargetGroupFact },
): void {
  const { memory, onBound } = context;
  const { fact, ...rest } = to;
  const before = memory.binding(id);
  const bound = { fact, role: binding.role };
  memory.bind({ name: id, arn: fact.arn, group: key, bound, ...rest, ...remembered(before, fact) });
  const isSame =
    before?.emptied === undefined && isDeepStrictEqual([before?.intent, before?.bound], [to.intent, bound]);
  if (!isSame || run.prompted) onBound(id);
}

/** The targets loop takes out what is registered. Without anything remembered there must still be something to do it by. */
export function empty({ key, id, binding, context }: Work, fact: TargetGroupFact): void {
  const { memory, onBound } = context;
  const before = memory.binding(id);
  const same = before?.arn === fact.arn ? before : undefined;
  // The targets loop is at it already, and comes back by itself.
  if (same?.emptied === true) return;
  memory.bind({
    name: id,
    arn: fact.arn,
    group: key,
    intent: same?.intent ?? emptyIntent(binding, fact),
    bound: { fact, role: binding.role },
    emptied: true,
    vpc: undefined,
    quotas: [],
    ...remembered(before, fact),
  });
  onBound(id);
}

function emptyIntent(binding: TargetGroupBinding, fact: TargetGroupFact): TargetsIntent {
  const { namespace } = binding.meta;
  const { name, port } = binding.service;
  return {
    member: bindingRef(binding),
    service: { namespace, name },
    backendPort: '',
    servicePort: {
      name: port.kind === 'name' ? port.name : '',
      port: port.kind === 'number' ? port.number : 0,
      targetPort: { kind: 'number', number: 0 },
      nodePort: undefined,
      protocol: 'TCP',
      appProtocol: undefined,
    },
    targetType: fact.targetType === 'instance' ? 'instance' : 'ip',
    ipAddressType: fact.ipAddressType,
    attributes: {},
    nodeLabels: {},
    multiCluster: binding.multiCluster,
  };
}

/** What is known of the targets of the same target group. */
function remembered(
  before: Binding | undefined,
  { arn }: TargetGroupFact,
): Pick<Binding, 'targets' | 'own' | 'stored' | 'byHand'> {
  if (before?.arn !== arn) return { targets: undefined, own: new Set() };
  const { targets, own, stored, byHand } = before;
  return {
    targets,
    own,
    ...(stored === undefined ? {} : { stored }),
    ...(byHand === undefined ? {} : { byHand }),
  };
}
