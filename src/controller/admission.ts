// The webhooks, with the cluster and AWS that they ask.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { targetGroup } from '../aws/facts/target-group.ts';
import type { Calls } from '../aws/ports.ts';
import type { Config } from '../config/load.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import { admissionReads } from '../kube/admission-reads.ts';
import type { ClusterWatch } from '../kube/cluster-watch.ts';
import type { KubeTransport } from '../kube/transport.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { serveWebhooks, type WebhookServer } from '../webhook/server.ts';
import { webhooks } from '../webhook/webhooks.ts';

/** The webhooks of this replica; undefined where nobody gave them a certificate. */
export async function admission(
  { webhook }: Config,
  world: {
    readonly core: CoreConfig;
    readonly calls: Calls;
    readonly watch: ClusterWatch;
    readonly transport: KubeTransport;
    readonly clock: Clock;
    readonly log: Log;
    readonly metrics: Metrics;
    readonly signal: AbortSignal;
  },
): Promise<WebhookServer | undefined> {
  const { certDir, wanted, certFile, keyFile, clientAuthority, port, forbidden, injectsGates } = webhook;
  const certificate = join(certDir, certFile);
  if (!wanted && !existsSync(certificate)) return undefined;
  const { core, calls, watch, transport, ...rest } = world;
  return serveWebhooks({
    ...rest,
    port,
    files: { certificate, key: join(certDir, keyFile), clientAuthority },
    withHints: core.policy.compatibility === 'none',
    webhooks: webhooks({
      cluster: { snapshot: () => watch.snapshot(), ...admissionReads(transport) },
      readTargetGroup: (query, signalled) => targetGroup({ calls }, query, signalled),
      clock: world.clock,
      config: core,
      forbidden,
      injectsGates,
    }),
  });
}
