import { ACMClient } from '@aws-sdk/client-acm';
import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { EC2Client } from '@aws-sdk/client-ec2';
import {
  ElasticLoadBalancingV2Client,
  type ElasticLoadBalancingV2ClientConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { Route53Client } from '@aws-sdk/client-route-53';
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { ShieldClient } from '@aws-sdk/client-shield';
import { STSClient } from '@aws-sdk/client-sts';
import { WAFV2Client } from '@aws-sdk/client-wafv2';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Clock } from '../lib/clock.ts';
import { ownAgent } from './authors.ts';
import { assumedRoles } from './assumed-roles.ts';
import { type CallHooks, type Caller, createCall } from './call.ts';
import type { Endpoints } from './endpoints.ts';
import type {
  AcmCall,
  Calls,
  ClassicWafCall,
  CloudTrailCall,
  Ec2Call,
  Elbv2Call,
  Route53Call,
  ServiceQuotasCall,
  ShieldCall,
  StsCall,
  TaggingCall,
  Wafv2Call,
} from './ports.ts';
import { classicClient } from './waf-classic.ts';
import { RateLimiter } from './rate-limit.ts';
import { type Throttle, withThrottles } from './throttles.ts';

type RequestHandler = NonNullable<ElasticLoadBalancingV2ClientConfig['requestHandler']>;

export type ClientOptions = {
  readonly clock: Clock;
  readonly region: string;
  /** From `--aws-api-endpoints`; services that it does not name use the SDK's endpoints (and AWS_ENDPOINT_URL…). */
  readonly endpoints?: Endpoints;
  /** From `--aws-max-retries`: requests for one call, the first included. */
  readonly maxAttempts?: number;
  /** Fixed credentials, for the local AWS; absent: the SDK's chain (Pod Identity, IRSA, environment, instance). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly limiter?: RateLimiter;
  /** From `--aws-api-throttle`. */
  readonly throttles?: readonly Throttle[];
  /** 0 ≤ x < 1, for the jitter of retries; absent: `Math.random`. */
  readonly random?: () => number;
  /** Absent: sockets. */
  readonly requestHandler?: RequestHandler;
  readonly hooks?: CallHooks;
};

/**
 * A socket's worth of calls at a time. The rate limits allow about 10 calls a second at about 50 ms each, so that this
 * never is the bottleneck; the SDK's default of 50 only costs memory.
 */
const maxSockets = 16;
const connectionTimeoutMs = 5_000;
/** Of a silent socket: AWS's slowest answers here (CreateLoadBalancer) take a few seconds. */
const requestTimeoutMs = 30_000;

/** Clients of all services behind one limiter and one set of sockets. */
export function createCalls(options: ClientOptions): Calls {
  const {
    clock,
    region,
    endpoints = {},
    maxAttempts = 10,
    credentials,
    hooks = {},
    random = Math.random,
  } = options;
  const sockets = new NodeHttpHandler({
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
    httpAgent: { maxSockets, keepAlive: true },
    httpsAgent: { maxSockets, keepAlive: true },
  });
  const { requestHandler = sockets } = options;
  const client = (service: keyof Endpoints) => ({
    region,
    requestHandler,
    // Retries are ours (call.ts).
    maxAttempts: 1,
    customUserAgent: ownAgent,
    ...(credentials === undefined ? {} : { credentials }),
    ...(endpoints[service] === undefined ? {} : { endpoint: endpoints[service] }),
  });
  const elbv2 = new ElasticLoadBalancingV2Client(client('elasticloadbalancing'));
  const ec2 = new EC2Client(client('ec2'));
  const acm = new ACMClient(client('acm'));
  // Route 53 and Shield have one endpoint for all regions, which the SDK's rules know.
  const route53 = new Route53Client(client('route53'));
  const wafv2 = new WAFV2Client(client('wafv2'));
  const classicWaf = classicClient(client('waf-regional'));
  const shield = new ShieldClient(client('shield'));
  let quotas: Promise<ServiceQuotasClient> | undefined;
  // Asked once an hour, if at all: whoever never does never loads it.
  const serviceQuotas = (): Promise<ServiceQuotasClient> => {
    quotas ??= import('@aws-sdk/client-service-quotas').then(
      (sdk) => new sdk.ServiceQuotasClient(client('servicequotas')),
    );
    return quotas;
  };
  let trail: Promise<CloudTrailClient> | undefined;
  const cloudTrail = (): Promise<CloudTrailClient> => {
    trail ??= import('@aws-sdk/client-cloudtrail').then(
      (sdk) => new sdk.CloudTrailClient(client('cloudtrail')),
    );
    return trail;
  };
  const tagging = new ResourceGroupsTaggingAPIClient(client('tag'));
  const sts = new STSClient(client('sts'));
  const { ruleOf, buckets } = withThrottles(options.throttles ?? []);
  const limiter = options.limiter ?? new RateLimiter({ clock, buckets });
  const caller: Caller = { clock, limiter, ruleOf, maxAttempts, hooks, random, unknownCodes: new Set() };
  // `send` of a client takes any of its commands; ports.ts gives each command its own output type back.
  const elbv2Call = (sender: ElasticLoadBalancingV2Client, using: Caller): Elbv2Call =>
    createCall(
      'elasticloadbalancing',
      (command, sending) => sender.send(command as never, sending),
      using,
    ) as Elbv2Call;
  return {
    elbv2: elbv2Call(elbv2, caller),
    ec2: createCall('ec2', (command, sending) => ec2.send(command as never, sending), caller) as Ec2Call,
    acm: createCall('acm', (command, sending) => acm.send(command as never, sending), caller) as AcmCall,
    route53: createCall(
      'route53',
      (command, sending) => route53.send(command as never, sending),
      caller,
    ) as Route53Call,
    wafv2: createCall(
      'wafv2',
      (command, sending) => wafv2.send(command as never, sending),
      caller,
    ) as Wafv2Call,
    classicWaf: createCall(
      'waf-regional',
      (command, sending) => classicWaf.send(command as never, sending),
      caller,
    ) as ClassicWafCall,
    serviceQuotas: createCall(
      'servicequotas',
      async (command, sending) => (await serviceQuotas()).send(command as never, sending),
      caller,
    ) as ServiceQuotasCall,
    shield: createCall(
      'shield',
      (command, sending) => shield.send(command as never, sending),
      caller,
    ) as ShieldCall,
    cloudTrail: createCall(
      'cloudtrail',
      async (command, sending) => (await cloudTrail()).send(command as never, sending),
      caller,
    ) as CloudTrailCall,
    tagging: createCall(
      'tag',
      (command, sending) => tagging.send(command as never, sending),
      caller,
    ) as TaggingCall,
    assuming: assumedRoles({
      sts: createCall('sts', (command, sending) => sts.send(command as never, sending), caller) as StsCall,
      // Limits are each account's own.
      client: (roleCredentials) =>
        elbv2Call(
          new ElasticLoadBalancingV2Client({
            ...client('elasticloadbalancing'),
            credentials: roleCredentials,
          }),
          { ...caller, limiter: options.limiter ?? new RateLimiter({ clock, buckets }) },
        ),
    }),
    close: () => sockets.destroy(),
  };
}
