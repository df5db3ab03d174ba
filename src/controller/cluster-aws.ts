// AWS as the engine works with it, for one cluster.

import { type Aws, createAws } from '../aws/aws.ts';
import type { Calls } from '../aws/ports.ts';
import type { Config } from '../config/load.ts';
import { otherClusterOf } from '../core/domain/cluster-uid.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import type { ClusterWatch } from '../kube/cluster-watch.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../telemetry/log.ts';

/** Reads and writes for the cluster of `core`; client secrets come from what is watched. */
export function clusterAws(
  { aws: { limits } }: Config,
  core: CoreConfig & { readonly vpcId: string },
  world: {
    readonly calls: Calls;
    readonly watch: ClusterWatch;
    readonly clock: Clock;
    readonly log: Log;
  },
): Aws {
  const { calls, watch, clock, log } = world;
  const { vpcId, clusterName, backendSecurityGroup, featureGates } = core;
  return createAws({
    calls,
    clock,
    vpcId,
    clusterName,
    isOthers: (tags) => otherClusterOf(tags, core) !== undefined,
    backendSecurityGroup,
    byTaggingApi: featureGates.EnableRGTAPI,
    makesCertificates: featureGates.EnableCertificateManagement,
    limits,
    onLimitsUntold: ({ action: operation, message }) =>
      log.warn(
        { operation, problem: message },
        'AWS does not tell its limits: those of its documentation are used',
      ),
    clientSecret: (hash) => watch.clientSecret(hash),
  });
}
