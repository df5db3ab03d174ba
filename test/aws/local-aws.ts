import type { TestContext } from 'node:test';
// Loaded when it is first asked in the controller; here that would take time that a virtual clock does not know of.
import '@aws-sdk/client-service-quotas';
import { type Aws, type AwsOptions, createAws } from '../../src/aws/aws.ts';
import type { CallHooks } from '../../src/aws/call.ts';
import { createCalls } from '../../src/aws/clients.ts';
import type { Calls } from '../../src/aws/ports.ts';
import { RateLimiter } from '../../src/aws/rate-limit.ts';
import type { Look } from '../../src/core/domain/operation.ts';
import { VirtualClock } from '../../src/lib/virtual-clock.ts';
import { ControlPlane } from '../../src/simulator/aws/control-plane.ts';
import { defaultWorld } from '../../src/simulator/aws/default-world.ts';
import { inProcessHandler } from '../../src/simulator/aws/in-process.ts';
import { instantKnobs, type KnobSettings } from '../../src/simulator/aws/knobs.ts';
import { seedWorld } from '../../src/simulator/aws/seed.ts';

export const clusterName = 'demo-cluster';

export type LocalAws = {
  readonly aws: Aws;
  readonly calls: Calls;
  readonly clock: VirtualClock;
  readonly account: ControlPlane;
  /** Id or ARN by placeholder name of the world, such as `subnet/public-a`. */
  readonly id: (name: string) => string;
  readonly signal: AbortSignal;
  /** Turns the clock until the promise settles. */
  readonly settled: <T>(promise: Promise<T>) => Promise<T>;
};

/** The edge in front of a simulated account, on a clock that only `settled` turns, without sockets. */
export function localAws(
  t: Pick<TestContext, 'after'>,
  options: {
    readonly knobs?: KnobSettings;
    readonly certificates?: readonly (readonly string[])[];
    readonly hooks?: CallHooks;
    readonly maxAttempts?: number;
    readonly unlimited?: boolean;
    readonly backendSecurityGroup?: string;
    readonly region?: string;
    readonly makesCertificates?: boolean;
    readonly limits?: AwsOptions['limits'];
    readonly onLimitsUntold?: AwsOptions['onLimitsUntold'];
  } = {},
): LocalAws {
  const {
    region = 'us-west-2',
    certificates = [],
    hooks = {},
    maxAttempts = 3,
    unlimited = true,
    backendSecurityGroup,
  } = options;
  const clock = new VirtualClock();
  const account = new ControlPlane({ clock, region, knobs: { ...instantKnobs, ...options.knobs } });
  const names = seedWorld(account.state, defaultWorld({ region, clusterName, certificates }), clock.now());
  const id = (name: string): string => {
    const found = names.get(name);
    if (found === undefined) throw new Error(`the world has no ${name}: ${[...names.keys()].join(' ')}`);
    return found;
  };
  const calls = createCalls({
    clock,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: inProcessHandler(account) as never,
    maxAttempts,
    hooks,
    ...(unlimited ? { limiter: new RateLimiter({ clock, buckets: {} }) } : {}),
  });
  const { makesCertificates = false, limits = [], onLimitsUntold = () => undefined } = options;
  const aws = createAws({
    calls,
    clock,
    vpcId: id('vpc'),
    clusterName,
    backendSecurityGroup,
    makesCertificates,
    limits,
    onLimitsUntold,
  });
  t.after(() => aws.close());
  const { signal } = new AbortController();
  return { aws, calls, clock, account, id, signal, settled: (promise) => turnUntilSettled(clock, promise) };
}

async function turnUntilSettled<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const done = promise.finally(() => {
    isSettled = true;
  });
  done.catch(() => {});
  while (!isSettled) await clock.advance(clock.untilNextWake() ?? 0);
  return done;
}

/** For operations that refer to nothing of their own execution. */
export const lookNothing: Look = (value) => {
  if (typeof value === 'string') return value;
  throw new Error(`nothing is known of ${value.ref}`);
};
