import { serviceOf, unknownService } from './endpoints.ts';
import { type OperationRule, operations, type ServiceName } from './ports.ts';
import { awsBuckets, type BucketSize } from './rate-limit.ts';

/** One limit of `--aws-api-throttle`. */
export type Throttle = {
  readonly service: string;
  readonly operations: RegExp;
  readonly perSecond: number;
  readonly burst: number;
};

/** The place of an operation in the queue. Throws TypeError for one that the table of operations does not have. */
export type RuleOf = (service: ServiceName, operation: string) => OperationRule;

const builtInRules: RuleOf = (service, operation) => {
  const rules: Readonly<Record<string, OperationRule>> = operations[service];
  const rule = rules[operation];
  if (rule === undefined)
    throw new TypeError(`${service}:${operation} is not in the table of operations (aws/ports.ts)`);
  return rule;
};

/**
 * Rules and buckets with `--aws-api-throttle`: in each service that it names the built-in buckets give way to the given ones,
 * of which an operation draws from all that match its name (albc-behaviour §9.1). Services that are not called have no effect.
 */
export function withThrottles(throttles: readonly Throttle[]): {
  readonly ruleOf: RuleOf;
  readonly buckets: Readonly<Record<string, BucketSize>>;
} {
  const named = throttles.map((throttle, index) => ({
    ...throttle,
    bucket: `aws-api-throttle ${index}`,
    calls: serviceOf(throttle.service),
  }));
  const sizes = named.map(
    ({ bucket, burst: capacity, perSecond }) =>
      [bucket, { capacity, perSecond, exact: true }] as const satisfies [string, BucketSize],
  );
  return {
    buckets: { ...awsBuckets, ...Object.fromEntries(sizes) },
    ruleOf: (service, operation) => {
      const { lane, buckets } = builtInRules(service, operation);
      const given = named.filter(({ calls }) => calls === service);
      const matching = given.filter((throttle) => throttle.operations.test(operation));
      return { lane, buckets: given.length === 0 ? buckets : matching.map(({ bucket }) => bucket) };
    },
  };
}

/** One sentence for each limit whose service nobody has. */
export function throttleMistakes(throttles: readonly Throttle[]): readonly string[] {
  return throttles
    .filter(({ service }) => serviceOf(service) === undefined)
    .map(({ service }) => `aws-api-throttle: ${unknownService(service)}`);
}
