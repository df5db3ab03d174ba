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
  /** Whether values that AWS refuses are refused here: found before a write, they hold their own member only. */
  readonly checksRanges: boolean;
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
    intervalSeconds: within(reader, of, 'healthcheck-interval-seconds') ?? 15,
    timeoutSeconds: within(reader, of, 'healthcheck-timeout-seconds') ?? 5,
    healthyThreshold: within(reader, of, 'healthy-threshold-count') ?? 2,
    unhealthyThreshold: within(reader, of, 'unhealthy-threshold-count') ?? 2,
  };
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html */
const ranges = {
  'healthcheck-interval-seconds': [5, 300],
  'healthcheck-timeout-seconds': [2, 120],
  'healthy-threshold-count': [2, 10],
  'unhealthy-threshold-count': [2, 10],
  'healthcheck-port': [1, 65_535],
} as const;

function within(
  reader: AnnotationReader,
  { checksRanges }: Of,
  key: Exclude<keyof typeof ranges, 'healthcheck-port'>,
): number | undefined {
  const value = reader.value(key, parseInteger);
  if (value !== undefined && checksRanges) checkRange(reader, key, value);
  return value;
}

function checkRange(reader: AnnotationReader, key: keyof typeof ranges, value: number): void {
  const [from, to] = ranges[key];
  if (value < from || value > to) reader.refuse(key, `which is not within ${from} and ${to}`);
}

/** `traffic-port`, a number as written, or the name of a Service port: its node port or its numeric target port. */
function checkPort(reader: AnnotationReader, { service, targetType, checksRanges }: Of): string {
  const key = 'healthcheck-port';
  const text = reader.text(key);
  if (text === undefined || text === 'traffic-port') return 'traffic-port';
  if (/^[+-]?[0-9]{1,10}$/.test(text)) {
    if (checksRanges) checkRange(reader, key, Number(text));
    return String(Number(text));
  }
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
