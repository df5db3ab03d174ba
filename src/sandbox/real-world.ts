// The simulated AWS below a real cluster: its nodes and pods are there too, and targets answer as the cluster's pods.

import type { Ingress } from '../core/domain/cluster.ts';
import { ClusterWatch } from '../kube/cluster-watch.ts';
import { loadKubeConfig } from '../kube/kube-config.ts';
import type { KubeLog } from '../kube/kube-log.ts';
import { type KubeTransport, kubeTransport } from '../kube/transport.ts';
import { orAborted } from '../lib/abort.ts';
import { systemClock } from '../lib/clock.ts';
import { defaultWorld } from '../simulator/aws/default-world.ts';
import type { KnobSettings } from '../simulator/aws/knobs.ts';
import { ClusterMirror } from './cluster-mirror.ts';
import { hostsOf } from './hosts.ts';
import { type SimulatedAws, startSimulatedAws } from './simulated-aws.ts';

export type RealWorld = SimulatedAws & {
  readonly transport: KubeTransport;
  readonly watch: ClusterWatch;
};

export type RealWorldOptions = {
  /** Path of a kubeconfig that may read nodes, Services, EndpointSlices, Ingresses and their classes. */
  readonly kubeconfig: string;
  readonly clusterName: string;
  readonly region: string;
  readonly knobs: KnobSettings;
  /** Hosts to have a certificate for, besides those that the Ingresses name at the start. */
  readonly hosts: readonly string[];
  readonly log: KubeLog;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
};

/** Reads the cluster, starts an account for it and keeps that up to date. Nothing is written to the cluster. */
export async function startRealWorld(options: RealWorldOptions): Promise<RealWorld> {
  const { clusterName, region, knobs, log, print, signal } = options;
  const access = await loadKubeConfig({ kubeconfig: options.kubeconfig, clock: systemClock });
  const transport = kubeTransport(access);
  const watch = new ClusterWatch({ transport, clock: systemClock, log });
  const stopWatching = async () => {
    await watch.stop();
    await transport.close();
  };
  try {
    // A server that is not there is a mistake in the kubeconfig, and not something to wait for here.
    await transport.call({ method: 'GET', path: '/version', operation: 'read the version', signal });
    watch.start();
    await orAborted(watch.ready(), signal);
    const ingresses: readonly Ingress[] = [...watch.snapshot().ingresses.values()];
    const hosts = [...new Set([...options.hosts, ...hostsOf(ingresses)])];
    const simulated = await startSimulatedAws({
      world: {
        ...defaultWorld({ clusterName, region, certificates: hosts.map((host) => [host]) }),
        nodes: [],
      },
      knobs,
      endpoints: {
        services: () => watch.snapshot().services.values(),
        slices: () => [...watch.snapshot().endpointSlices.values()].flat(),
      },
    });
    const mirror = new ClusterMirror({ aws: simulated.aws, clusterName, print });
    mirror.takeAll(watch.snapshot());
    const unsubscribe = watch.onChange((change) => mirror.take(change));
    return {
      ...simulated,
      transport,
      watch,
      close: async () => {
        unsubscribe();
        await stopWatching();
        await simulated.close();
      },
    };
  } catch (error) {
    await stopWatching();
    throw error;
  }
}
