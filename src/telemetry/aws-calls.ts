import type { Metrics } from './metrics.ts';

/** One finished call to AWS, as aws/call.ts reports it. */
export type AwsCall = {
  readonly service: string;
  readonly operation: string;
  /** `ok`, `aborted`, or the kind of the error. */
  readonly outcome: string;
  readonly code: string;
  readonly durationMs: number;
  readonly attempts: number;
};

/** ALBC's labels are the service ids of the AWS SDK for Go v2. */
const serviceIds: Readonly<Record<string, string>> = {
  elasticloadbalancing: 'Elastic Load Balancing v2',
  ec2: 'EC2',
  acm: 'ACM',
  wafv2: 'WAFV2',
  'waf-regional': 'WAF Regional',
  route53: 'Route 53',
  shield: 'Shield',
  tag: 'Resource Groups Tagging API',
};

const errorCounters = {
  denied: 'aws_api_call_permission_errors_total',
  quotaExceeded: 'aws_api_call_service_limit_exceeded_errors_total',
  throttled: 'aws_api_call_throttled_errors_total',
  invalid: 'aws_api_call_validation_errors_total',
} as const;

const isCounted = (outcome: string): outcome is keyof typeof errorCounters =>
  Object.hasOwn(errorCounters, outcome);

/** Counts a call in the aws_api_* metrics. */
export function countAwsCall(
  metrics: Metrics,
  { service, operation, outcome, code, durationMs, attempts }: AwsCall,
): void {
  const call = { service: serviceIds[service] ?? service, operation };
  const result = { ...call, status_code: outcome === 'ok' ? '200' : '', error_code: code };
  metrics.increment('aws_api_calls_total', result);
  metrics.increment('aws_api_requests_total', result, attempts);
  metrics.observe('aws_api_call_duration_seconds', call, durationMs / 1000);
  metrics.observe('aws_api_request_duration_seconds', call, durationMs / 1000 / Math.max(1, attempts));
  metrics.observe('aws_api_call_retries', call, attempts - 1);
  if (isCounted(outcome)) metrics.increment(errorCounters[outcome], result);
}
