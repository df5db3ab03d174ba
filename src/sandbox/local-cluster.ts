import { type KubeSimulator, startKubeSimulator } from '../simulator/kube/simulator.ts';
import { roundRobin } from '../simulator/kube/workload-objects.ts';
import { startWorkloads } from '../simulator/kube/workloads.ts';
import { nodeObject, type WorldNode } from './stand-ins.ts';

export type LocalCluster = { readonly kube: KubeSimulator; close(): Promise<void> };

/** A node, and the addresses that its pods get. */
export type LocalNode = WorldNode & { readonly podIps: readonly string[] };

/** Gives an empty local cluster its nodes, and runs the pods of what is applied to it on them. Without nodes there are none. */
export function runOnNodes(kube: KubeSimulator, nodes: readonly LocalNode[]): { close(): void } {
  kube.store.apply(nodes.map(nodeObject));
  const places = nodes.filter(({ podIps }) => podIps.length > 0);
  if (places.length === 0) return { close: () => undefined };
  const podIp = roundRobin(places.map(({ name, podIps }) => ({ nodeName: name, ips: podIps })));
  return startWorkloads({ simulator: kube, podIp });
}

/** A local Kubernetes API with these nodes, on a free loopback port. */
export async function startLocalCluster(nodes: readonly LocalNode[]): Promise<LocalCluster> {
  const kube = await startKubeSimulator({ createNamespaces: true });
  const workloads = runOnNodes(kube, nodes);
  return {
    kube,
    close: async () => {
      workloads.close();
      await kube.close();
    },
  };
}
