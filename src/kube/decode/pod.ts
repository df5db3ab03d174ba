import type { ContainerPort, Pod, PodCondition } from '../../core/domain/cluster.ts';
import { isTargetHealthGate } from '../../core/domain/readiness-gate.ts';
import { DecodeError } from './decode-error.ts';
import { Field } from './field.ts';
import { intern } from './intern.ts';
import { decodeMeta } from './meta.ts';

/** Written by the VPC resource controller for Pods with a network interface of their own (security groups for Pods). */
const podInterfaceAnnotation = 'vpc.amazonaws.com/pod-eni';

/** v1 Pod, cut down to what targets and readiness gates need: a large cluster has tens of thousands. */
export function decodePod(object: Field): Pod {
  const spec = object.at('spec');
  const status = object.at('status');
  const ips = status.at('podIPs').list((item) => item.at('ip').text());
  const ip = status.at('podIP').textOr('');
  return {
    kind: 'Pod',
    meta: decodeMeta(object.at('metadata'), {
      scope: 'namespaced',
      keepAnnotation: (key) => key === podInterfaceAnnotation,
    }),
    ips: ips.length > 0 || ip === '' ? ips : [ip],
    nodeName: spec.at('nodeName').optional((name) => intern(name.text())),
    phase: intern(status.at('phase').textOr('')),
    conditions: status.at('conditions').list(condition),
    readinessGates: spec.at('readinessGates').list((gate) => intern(gate.at('conditionType').text())),
    // Sidecars are init containers that keep running, and may serve a named port like any other.
    containerPorts: [
      ...spec.at('containers').list(ports),
      ...spec.at('initContainers').list(sidecarPorts),
    ].flat(),
  };
}

function condition(field: Field): PodCondition {
  return {
    type: intern(field.at('type').text()),
    status: field.at('status').oneOf(['True', 'False', 'Unknown']),
    reason: intern(field.at('reason').textOr('')),
    message: field.at('message').textOr(''),
  };
}

function ports(container: Field): readonly ContainerPort[] {
  return container.at('ports').list((port) => ({
    name: intern(port.at('name').textOr('')),
    port: port.at('containerPort').integer(),
    protocol: intern(port.at('protocol').textOr('TCP')),
  }));
}

function sidecarPorts(container: Field): readonly ContainerPort[] {
  return container.at('restartPolicy').optionalText() === 'Always' ? ports(container) : [];
}

/**
 * Whether a Pod waits for the health of a target. Looks at nothing else: of 10,000 Pods most are asked this and dropped.
 * One that is not as its API promises counts, so that its decoder says what is wrong.
 */
export function waitsForTargetHealth(raw: unknown): boolean {
  try {
    const gates = new Field(raw).at('spec').at('readinessGates');
    return gates.list((gate) => gate.at('conditionType').text()).some(isTargetHealthGate);
  } catch (error) {
    if (error instanceof DecodeError) return true;
    throw error;
  }
}
