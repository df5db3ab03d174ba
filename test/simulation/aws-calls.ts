// Clients of the simulated AWS in this process. Most runs go straight to its handlers: rate limits, retries and error
// codes are the real ones, and only the wire format is left out, which costs three times the rest. Other runs have it.

// Loaded when it is first asked in the controller; here that would take time that a virtual clock does not know of.
import '@aws-sdk/client-service-quotas';
import { createCall } from '../../src/aws/call.ts';
import { type ClientOptions, createCalls } from '../../src/aws/clients.ts';
import type { Calls, ServiceName } from '../../src/aws/ports.ts';
import { RateLimiter } from '../../src/aws/rate-limit.ts';
import { withThrottles } from '../../src/aws/throttles.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { type ControlPlane, services } from '../../src/simulator/aws/control-plane.ts';
import { asSimulatedError, LostAnswer } from '../../src/simulator/aws/errors.ts';
import { inProcessHandler } from '../../src/simulator/aws/in-process.ts';

/** Stands around each request: a process that is killed neither sends one nor hears its answer. */
export type Around = <T>(send: () => Promise<T>) => Promise<T>;

export type SimulatedClients = {
  readonly controlPlane: ControlPlane;
  readonly clock: Clock;
  readonly random: () => number;
  readonly around: Around;
  readonly overTheWire: boolean;
};

/** The rate limits of a new process. */
export function callsTo(options: SimulatedClients): Calls {
  return options.overTheWire ? overTheWire(options) : direct(options);
}

function overTheWire({ controlPlane, clock, random, around }: SimulatedClients): Calls {
  const handler = inProcessHandler(controlPlane);
  const handle = (request: Parameters<typeof handler.handle>[0]) => around(() => handler.handle(request));
  return createCalls({
    clock,
    random,
    region: controlPlane.state.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: { ...handler, handle } as unknown as NonNullable<ClientOptions['requestHandler']>,
  });
}

function direct({ controlPlane, clock, random, around }: SimulatedClients): Calls {
  const { ruleOf, buckets } = withThrottles([]);
  const limiter = new RateLimiter({ clock, buckets });
  const caller = {
    clock,
    limiter,
    ruleOf,
    maxAttempts: 10,
    hooks: {},
    random,
    unknownCodes: new Set<string>(),
  };
  const call = (name: ServiceName, simulated: string) => {
    const service = services.find((candidate) => candidate.name === simulated);
    if (service === undefined) throw new Error(`no service ${simulated} is simulated`);
    return createCall(
      name,
      (command) =>
        around(async () => {
          const { input } = command as unknown as { readonly input: Record<string, unknown> };
          const operation = command.constructor.name.replace(/Command$/, '');
          try {
            return (await controlPlane.answer(service, operation, defined(input))).output;
          } catch (error) {
            throw sdkError(error);
          }
        }),
      caller,
    );
  };
  return {
    elbv2: call('elasticloadbalancing', 'elbv2'),
    ec2: call('ec2', 'ec2'),
    acm: call('acm', 'acm'),
    route53: call('route53', 'route53'),
    wafv2: call('wafv2', 'wafv2'),
    classicWaf: call('waf-regional', 'waf-regional'),
    serviceQuotas: call('servicequotas', 'service-quotas'),
    shield: call('shield', 'shield'),
    cloudTrail: call('cloudtrail', 'cloudtrail'),
    tagging: call('tag', 'resource-groups-tagging-api'),
    assuming: () => {
      throw new Error('no other account is simulated');
    },
    close: () => undefined,
  } as Calls;
}

/** What the wire carries: fields that are undefined are not sent. */
const defined = (input: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));

function sdkError(error: unknown): Error {
  if (error instanceof LostAnswer) return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  const { code, message, status, requestId } = asSimulatedError(error);
  const metadata = { httpStatusCode: status, requestId };
  return Object.assign(new Error(message), { name: code, Code: code, $metadata: metadata });
}
