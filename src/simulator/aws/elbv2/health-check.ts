import type {
  CreateTargetGroupInput,
  ModifyTargetGroupInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { validationError } from '../errors.ts';
import type { HealthCheck, TargetGroup } from '../state.ts';

type Kind = Pick<TargetGroup, 'targetType' | 'protocol' | 'protocolVersion'>;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
export function defaultHealthCheck({ targetType, protocol, protocolVersion }: Kind): HealthCheck {
  const grpc = protocolVersion === 'GRPC';
  const lambda = targetType === 'lambda';
  if (targetType === 'alb') return { ...tcpHealthCheck, ...overHttp, protocol: 'HTTP', timeoutSeconds: 6 };
  if (protocol !== undefined && !isHttp(protocol)) return tcpHealthCheck;
  return {
    enabled: !lambda,
    protocol: protocol ?? 'HTTP',
    port: 'traffic-port',
    path: grpc ? '/AWS.ALB/healthcheck' : '/',
    intervalSeconds: lambda ? 35 : 30,
    timeoutSeconds: lambda ? 30 : 5,
    healthyThreshold: 5,
    unhealthyThreshold: 2,
    matcher: grpc ? { GrpcCode: '12' } : { HttpCode: '200' },
  };
}

const isHttp = (protocol: string): boolean => protocol === 'HTTP' || protocol === 'HTTPS';

const tcpHealthCheck: HealthCheck = {
  enabled: true,
  protocol: 'TCP',
  port: 'traffic-port',
  path: undefined,
  intervalSeconds: 30,
  timeoutSeconds: 10,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: undefined,
};

type Change = CreateTargetGroupInput | ModifyTargetGroupInput;

/** The health check with the given fields changed; throws when a value is out of its range. */
export function changedHealthCheck(before: HealthCheck, input: Change, kind: Kind): HealthCheck {
  const http = isHttp(input.HealthCheckProtocol ?? before.protocol);
  const after = merged(http && before.path === undefined ? { ...before, ...overHttp } : before, input);
  checkRanges(after, kind);
  if (http) checkHttp(after, kind);
  else if ((input.HealthCheckPath ?? input.Matcher) !== undefined)
    throw validationError('Health check path and matcher cannot be specified for TCP health checks');
  return after;
}

/** What a TCP group checks that is told to check over HTTP. */
const overHttp = { path: '/', matcher: { HttpCode: '200-399' } };

function merged(before: HealthCheck, input: Change): HealthCheck {
  return {
    enabled: input.HealthCheckEnabled ?? before.enabled,
    protocol: input.HealthCheckProtocol ?? before.protocol,
    port: input.HealthCheckPort ?? before.port,
    path: input.HealthCheckPath ?? before.path,
    intervalSeconds: input.HealthCheckIntervalSeconds ?? before.intervalSeconds,
    timeoutSeconds: input.HealthCheckTimeoutSeconds ?? before.timeoutSeconds,
    healthyThreshold: input.HealthyThresholdCount ?? before.healthyThreshold,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? before.unhealthyThreshold,
    matcher: input.Matcher ?? before.matcher,
  };
}

function checkRanges(check: HealthCheck, { targetType, protocol }: Kind): void {
  inRange('Health check interval', check.intervalSeconds, 5, 300);
  inRange('Health check timeout', check.timeoutSeconds, 2, 120);
  inRange('Healthy threshold count', check.healthyThreshold, 2, 10);
  inRange('Unhealthy threshold count', check.unhealthyThreshold, 2, 10);
  if (check.timeoutSeconds >= check.intervalSeconds) {
    throw validationError(
      `Health check timeout '${check.timeoutSeconds}' must be smaller than the interval '${check.intervalSeconds}'`,
    );
  }
  const isHttpOnly = protocol === undefined || isHttp(protocol) || targetType === 'alb';
  const protocols = isHttpOnly ? ['HTTP', 'HTTPS'] : ['HTTP', 'HTTPS', 'TCP'];
  if (!protocols.includes(check.protocol))
    throw validationError(
      `Health check protocol '${check.protocol}' must be one of '${protocols.join(', ')}'`,
    );
  if (check.port !== 'traffic-port') inRange('Health check port', Number(check.port), 1, 65_535);
  if (!check.enabled && targetType !== 'lambda')
    throw validationError('Health checks cannot be disabled for this target type');
}

function inRange(what: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw validationError(`${what} '${value}' must be between ${min} and ${max}`);
}

function checkHttp(check: HealthCheck, kind: Kind): void {
  const path = check.path ?? '';
  if (!path.startsWith('/') || path.length > 1024)
    throw validationError(`Health check path '${path}' must start with '/' and have 1 to 1024 characters`);
  checkMatcher(check, kind);
}

/** Codes and ranges of codes: 200–499 for HTTP, 0–99 for gRPC. */
function checkMatcher({ matcher }: HealthCheck, { protocolVersion }: Kind): void {
  const grpc = protocolVersion === 'GRPC';
  const codes = grpc ? matcher?.GrpcCode : matcher?.HttpCode;
  const [name, min, max] = grpc ? (['GrpcCode', 0, 99] as const) : (['HttpCode', 200, 499] as const);
  const valid =
    /^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(codes ?? '') &&
    (codes ?? '').split(/[,-]/).every((code) => Number(code) >= min && Number(code) <= max);
  if (!valid)
    throw validationError(
      `Health check matcher ${name} '${codes}' must be codes or ranges within ${min}-${max}`,
    );
}
