// AWS as the configuration says: clients, region and VPC, looked up where they are not given.

import { type ClientOptions, createCalls } from '../aws/clients.ts';
import { parseEndpoints } from '../aws/endpoints.ts';
import { isKind } from '../aws/errors.ts';
import { findVpcId, type WhereToLook } from '../aws/facts/vpc.ts';
import { instanceMetadata } from '../aws/instance-metadata.ts';
import type { Calls } from '../aws/ports.ts';
import { findRegion } from '../aws/region.ts';
import type { Config } from '../config/load.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { clusterInstances } from '../core/targets/cluster-instances.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../telemetry/log.ts';

/** Fixed ones, for the local AWS; undefined: the SDK's chain. */
export type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string };

type CallOptions = Pick<ClientOptions, 'clock' | 'hooks' | 'limiter'> & {
  readonly credentials: Credentials | undefined;
};

/** Clients for the configured region and endpoints. */
export function callsFor({ aws }: Config, { credentials, ...options }: CallOptions): Calls {
  const pairs = Object.entries(aws.endpoints).map((pair) => pair.join('='));
  const { endpoints, mistakes } = parseEndpoints(pairs.join(','));
  if (mistakes.length > 0) throw new Error(mistakes.join('; '));
  const maxAttempts = Math.max(1, aws.maxRetries);
  const { throttles } = aws;
  const given = credentials === undefined ? {} : { credentials };
  return createCalls({ ...options, ...given, region: aws.region, endpoints, maxAttempts, throttles });
}

/** The configuration with the region that was looked up where none is given. Rejects when it cannot be found. */
export async function withRegion(
  config: Config,
  { signal }: { readonly signal: AbortSignal },
): Promise<Config> {
  const region = await findRegion(config.aws.region, instanceMetadata(process.env), { signal });
  return { ...config, core: { ...config.core, region }, aws: { ...config.aws, region } };
}

/** Where the VPC may be found. `NODENAME` is ALBC's name for the node that we run on. */
export const vpcPlaces = (
  { aws: { vpcId, vpcTags } }: Config,
  snapshot: Snapshot | undefined,
): WhereToLook => ({
  vpcId,
  tags: vpcTags,
  metadata: instanceMetadata(process.env),
  instanceIds: clusterInstances(snapshot?.nodes.values() ?? [], process.env['NODENAME']),
});

const startRetryMs = 5000;

/** Asks until AWS answers. Only an answer that says the configuration is wrong ends it. */
export async function vpcIdOnceKnown(
  config: Config,
  calls: Calls,
  {
    clock,
    log,
    signal,
    snapshot,
  }: { readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal; readonly snapshot: Snapshot },
): Promise<string> {
  for (;;) {
    try {
      return await findVpcId(calls, vpcPlaces(config, snapshot), { signal });
    } catch (error) {
      if (signal.aborted || !isKind(error, 'credentials', 'denied', 'throttled', 'unavailable')) throw error;
      log.warn({ code: error.code, problem: error.message }, 'AWS cannot be asked yet');
      await clock.sleep(startRetryMs, { signal });
    }
  }
}
