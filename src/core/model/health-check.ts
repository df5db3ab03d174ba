import { parseInteger } from '../annotations/values.ts';
import type { Service, ServicePort } from '../domain/cluster.ts';
import type { TargetType } from '../domain/config.ts';
import type { HealthCheck, TargetGroupIntent } from '../domain/group-model.ts';
import { namespacedName } from '../domain/ids.ts';
import { type AnnotationReader, oneOf } from './read-annotations.ts';

type Of = Pick<TargetGroupIntent, 'protocol' | 'protocolVersion'> & {
  readonly service: Service;
  readonly servicePort: ServicePort;
  readonly targetType: TargetType;
};

/** The health check of a target group, ALBC's defaults filled in (albc-behaviour §1.1): AWS's own differ between its documents. */
export function healthCheck(reader: AnnotationReader, of: Of): HealthCheck {
  const isGrpc = of.protocolVersion === 'GRPC';
  const port = checkPort(reader, of);
  const protocol = oneOf(
    reader,
    'healthcheck-protocol',
    ['HTTP', 'HTTPS'],
    () => 'healthCheckProtocol must be within [HTTP, HTTPS]',
  );
  return {
    port,
    protocol: protocol ?? of.protocol,
    path: reader.text('healthcheck-path') ?? (isGrpc ? '/AWS.ALB/healthcheck' : '/'),
    successCodes: reader.text('success-codes') ?? (isGrpc ? '12' : '200'),
    intervalSeconds: reader.value('healthcheck-interval-seconds', parseInteger) ?? 15,
    timeoutSeconds: reader.value('healthcheck-timeout-seconds', parseInteger) ?? 5,
    healthyThreshold: reader.value('healthy-threshold-count', parseInteger) ?? 2,
    unhealthyThreshold: reader.value('unhealthy-threshold-count', parseInteger) ?? 2,
  };
}

/** `traffic-port`, a number as written, or the name of a Service port: its node port or its numeric target port. */
function checkPort(reader: AnnotationReader, { service, targetType }: Of): string {
  const key = 'healthcheck-port';
  const text = reader.text(key);
  if (text === undefined || text === 'traffic-port') return 'traffic-port';
  if (/^[+-]?[0-9]{1,10}$/.test(text)) return String(Number(text));
  const named = service.ports.find((port) => port.name === text);
  const id = namespacedName(service.meta.namespace, service.meta.name);
  if (named === undefined) {
    const albc = `failed to resolve healthCheckPort: unable to find port ${text} on service ${id}`;
    reader.refuse(key, `which is no port of Service ${id}`, albc);
    return 'traffic-port';
  }
  if (targetType === 'instance') return String(named.nodePort ?? 0);
  if (named.targetPort.kind === 'number') return String(named.targetPort.number);
  const albc = "cannot use named healthCheckPort for IP TargetType when service's targetPort is a named port";
  reader.refuse(
    key,
    `whose target port in Service ${id} is a name, which may be another number on each pod`,
    albc,
  );
  return 'traffic-port';
}
