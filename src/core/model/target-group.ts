// The target group of one backend: a port of a Service, as one Ingress uses it.

import { parseMap } from '../annotations/string-map.ts';
import { parseBoolean, parseInteger } from '../annotations/values.ts';
import type { PortReference, Service, ServicePort } from '../domain/cluster.ts';
import type { TargetType } from '../domain/config.ts';
import type { TargetGroupIntent } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import type { MemberContext } from './context.ts';
import { healthCheck } from './health-check.ts';
import { type AnnotationReader, annotationReader, oneOf } from './read-annotations.ts';
import { stage } from './stage.ts';
import { overflowOf } from './target-overflow.ts';
import { targetGroupTags } from './tags.ts';

export type BackendPort = {
  readonly service: Service;
  readonly port: PortReference;
  /** Where the Ingress names it. */
  readonly path: string;
};

/** As it is written in manifests. */
export function portText(port: PortReference): string {
  return port.kind === 'name' ? port.name : String(port.number);
}

/** The port that a reference names, by name or by number. */
export function findPort(service: Service, port: PortReference): ServicePort | undefined {
  return service.ports.find((candidate) =>
    port.kind === 'name' ? candidate.name === port.name : candidate.port === port.number,
  );
}

/**
 * The target group that a backend needs, with every setting explicit (albc-behaviour §1.6). Undefined when something keeps it
 * from being built; that is reported. `memberTags` are the tags of the Ingress.
 */
export function targetGroupIntent(
  context: MemberContext,
  backend: BackendPort,
  memberTags: Readonly<Record<string, string>>,
): TargetGroupIntent | undefined {
  const { service } = backend;
  const servicePort = findPort(service, backend.port);
  if (servicePort === undefined) return portMissing(context, backend);
  const reader = annotationReader(context, { stage: stage.rules, albcPrefix: true, service });
  const targetType = targetTypeOf(context, reader);
  if (targetType === undefined) return undefined;
  const of = { backend, servicePort, memberTags };
  const intent = intentFor(targetType, of, context, reader);
  if (intent === undefined) return undefined;
  const overflow = overflowOf(context, service, intent, () => intentFor('instance', of, context, reader));
  return overflow === undefined ? intent : { ...intent, overflow };
}

function intentFor(
  targetType: TargetType,
  of: {
    readonly backend: BackendPort;
    readonly servicePort: ServicePort;
    readonly memberTags: Readonly<Record<string, string>>;
  },
  context: MemberContext,
  reader: AnnotationReader,
): TargetGroupIntent | undefined {
  const { backend, servicePort, memberTags } = of;
  const { service } = backend;
  const basic = protocols(reader);
  const checksRanges = context.config.policy.compatibility === 'none';
  const check = healthCheck(reader, { service, servicePort, targetType, checksRanges, ...basic });
  const attributes = reader.value('target-group-attributes', parseMap) ?? {};
  const port = registeredPort(targetType, servicePort);
  if (port === undefined) return notRoutable(context, backend);
  if (service.type === 'ExternalName') tellOfNoPods(context, backend);
  return {
    id: `${context.id}-${service.meta.name}:${portText(backend.port)}`,
    member: context.ref,
    service: { namespace: service.meta.namespace, name: service.meta.name, uid: service.meta.uid },
    backendPort: portText(backend.port),
    servicePort,
    targetType,
    port,
    ...basic,
    ipAddressType: service.ipFamilies.includes('IPv6') ? 'ipv6' : 'ipv4',
    targetControlPort: controlPort(reader, backend, { targetType, checksRanges }),
    healthCheck: check,
    attributes,
    nodeLabels: targetType === 'instance' ? (reader.value('target-node-labels', parseMap) ?? {}) : {},
    multiCluster: isMultiCluster(context, service),
    tags: targetGroupTags(context, service, memberTags, stage.rules),
  };
}

function portMissing(context: MemberContext, { service, port, path }: BackendPort): undefined {
  const id = namespacedName(service.meta.namespace, service.meta.name);
  const ports = service.ports.map((known) =>
    known.name === '' ? `${known.port}` : `${known.port} (${known.name})`,
  );
  context.report(stage.rules, {
    code: 'ServicePortNotFound',
    path,
    message: `Ingress ${context.id} names port ${portText(port)} of Service ${id}, which has the ports ${ports.join(', ') || 'none'}`,
    hint: 'Correct the port of the backend, or add it to the Service',
    albcMessage: `ingress: ${context.id}: unable to find port ${portText(port)} on service ${id}`,
  });
  return undefined;
}

const targetTypes = ['instance', 'ip'] as const;

function targetTypeOf(context: MemberContext, reader: AnnotationReader): TargetType | undefined {
  const fromClass = targetTypes.find((type) => type === context.params?.targetType);
  const written = reader.text('target-type');
  const type =
    fromClass ??
    (written === undefined
      ? context.config.defaultTargetType
      : oneOf(reader, 'target-type', targetTypes, (text) => `unknown targetType: ${text}`));
  if (type !== 'ip' || context.config.featureGates.EnableIPTargetType) return type;
  context.report(stage.rules, {
    code: 'AnnotationInvalid',
    path: 'metadata.annotations',
    message: `Ingress ${context.id} asks for ip targets, which the feature gate EnableIPTargetType switches off`,
    hint: 'Use target-type instance, or start the controller with EnableIPTargetType=true',
    albcMessage: `ingress: ${context.id}: unsupported targetType: ip when EnableIPTargetType is false`,
  });
  return undefined;
}

function protocols(reader: AnnotationReader): Pick<TargetGroupIntent, 'protocol' | 'protocolVersion'> {
  const protocol = oneOf(
    reader,
    'backend-protocol',
    ['HTTP', 'HTTPS'],
    (text) => `backend protocol must be within [HTTP, HTTPS]: ${text}`,
  );
  const protocolVersion = oneOf(
    reader,
    'backend-protocol-version',
    ['HTTP1', 'HTTP2', 'GRPC'],
    (text) => `backend protocol version must be within [HTTP1, HTTP2, GRPC]: ${text}`,
  );
  return { protocol: protocol ?? 'HTTP', protocolVersion: protocolVersion ?? 'HTTP1' };
}

/** Cosmetic in AWS, and part of the target group's name. */
function registeredPort(targetType: TargetType, servicePort: ServicePort): number | undefined {
  if (targetType === 'instance') return servicePort.nodePort;
  return servicePort.targetPort.kind === 'number' ? servicePort.targetPort.number : 1;
}

function notRoutable(context: MemberContext, { service, port, path }: BackendPort): undefined {
  const id = namespacedName(service.meta.namespace, service.meta.name);
  context.report(stage.rules, {
    code: 'ServiceNotRoutable',
    path,
    message: `Ingress ${context.id} sends to node ports, and port ${portText(port)} of Service ${id} (type ${service.type}) has none`,
    hint:
      service.type === 'ExternalName'
        ? nameInstead
        : 'Set target-type: ip, or make the Service a NodePort or LoadBalancer',
    albcMessage: `ingress: ${context.id}: TargetGroup port is empty. When using Instance targets, your service be must of type 'NodePort' or 'LoadBalancer'`,
  });
  return undefined;
}

const nameInstead = 'Name a Service whose selector finds pods, or redirect to the host with actions.NAME';

/** ALBC says nothing, and serves it without targets as well. */
function tellOfNoPods(context: MemberContext, { service, path }: BackendPort): void {
  if (context.config.policy.compatibility === 'albc') return;
  context.report(stage.rules, {
    code: 'ServiceNotRoutable',
    severity: 'warning',
    path,
    message: `Ingress ${context.id} sends to Service ${namespacedName(service.meta.namespace, service.meta.name)} of type ExternalName, which has no pods that a load balancer could send to; its requests are answered with 503`,
    hint: nameInstead,
  });
}

function controlPort(
  reader: AnnotationReader,
  backend: BackendPort,
  { targetType, checksRanges }: { readonly targetType: TargetType; readonly checksRanges: boolean },
): number | undefined {
  const key = `target-control-port.${backend.service.meta.name}.${portText(backend.port)}`;
  const port = reader.value(key, parseInteger);
  if (port !== undefined && checksRanges && (port < 1 || port > 65535))
    reader.refuse(key, 'which is not within 1 and 65535');
  if (port === undefined || targetType === 'ip') return port;
  const albc = 'target control port is not supported for instance target target group';
  reader.refuse(key, 'which goes only with ip targets', albc);
  return undefined;
}

/** `true` on the Ingress counts; otherwise the Service's word does. */
function isMultiCluster(context: MemberContext, service: Service): boolean {
  const options = { stage: stage.rules, albcPrefix: true };
  const onIngress = annotationReader(context, options).value('multi-cluster-target-group', parseBoolean);
  if (onIngress === true) return true;
  return (
    annotationReader(context, { ...options, service }).value('multi-cluster-target-group', parseBoolean) ??
    false
  );
}
