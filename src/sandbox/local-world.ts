// The local AWS with its data plane and the local Kubernetes API, joined: pods that the cluster has are what targets
// answer as.

import type { ClusterKind, ClusterObject } from '../core/domain/cluster.ts';
import { decodeObject } from '../kube/decode/decode-object.ts';
import type { DataPlane } from '../simulator/dataplane/data-plane.ts';
import { defaultWorld } from '../simulator/aws/default-world.ts';
import type { KnobSettings } from '../simulator/aws/knobs.ts';
import type { AwsSimulator } from '../simulator/aws/server.ts';
import type { KubeObject } from '../simulator/kube/object.ts';
import { type KubeSimulator, startKubeSimulator } from '../simulator/kube/simulator.ts';
import { runOnNodes } from './local-cluster.ts';
import { startSimulatedAws } from './simulated-aws.ts';

export type LocalWorld = {
  readonly aws: AwsSimulator;
  readonly kube: KubeSimulator;
  readonly dataPlane: DataPlane;
  /** Id or ARN of a thing of the seeded account, such as `vpc`. */
  readonly id: (name: string) => string;
  close(): Promise<void>;
};

export type LocalWorldOptions = {
  readonly clusterName: string;
  readonly region: string;
  /** Hosts for which the account has a certificate. */
  readonly hosts: readonly string[];
  readonly knobs: KnobSettings;
};

/** Starts everything on free loopback ports: an account with a VPC, three nodes and certificates, and an empty cluster on those nodes. */
export async function startLocalWorld({
  clusterName,
  region,
  hosts,
  knobs,
}: LocalWorldOptions): Promise<LocalWorld> {
  const world = defaultWorld({ clusterName, region, certificates: hosts.map((host) => [host]) });
  const kube = await startKubeSimulator({ createNamespaces: true });
  const simulated = await startSimulatedAws({
    world,
    knobs,
    endpoints: {
      services: () => objectsOf(kube, 'v1', 'Service'),
      slices: () => objectsOf(kube, 'discovery.k8s.io/v1', 'EndpointSlice'),
    },
  });
  const { aws, dataPlane, id } = simulated;
  const zoneOf = (subnet: string) => world.subnets.find((candidate) => candidate.name === subnet)?.zone ?? '';
  const nodes = (world.nodes ?? []).map(({ name, subnet, instance, ip, podIps = '' }) => ({
    name,
    zone: zoneOf(subnet),
    instanceId: id(instance),
    ip,
    podIps: addresses(podIps),
  }));
  const workloads = runOnNodes(kube, nodes);
  return {
    aws,
    kube,
    dataPlane,
    id,
    close: async () => {
      workloads.close();
      await kube.close();
      await simulated.close();
    },
  };
}

/** Stored objects never change, so each is decoded once, however many requests look for its pods. */
const decoded = new WeakMap<KubeObject, ClusterObject | undefined>();

function decodedOnce(raw: KubeObject): ClusterObject | undefined {
  if (!decoded.has(raw)) decoded.set(raw, readable(raw));
  return decoded.get(raw);
}

/** Undefined for what cannot be read: that is for the controller to complain about. */
function readable(raw: KubeObject): ClusterObject | undefined {
  try {
    return decodeObject(raw);
  } catch {
    return undefined;
  }
}

/** The objects of a kind, as the controller reads them. */
export function objectsOf<Kind extends ClusterKind>(
  { store }: KubeSimulator,
  apiVersion: string,
  kind: Kind,
): readonly Extract<ClusterObject, { readonly kind: Kind }>[] {
  return store.list(apiVersion, kind).flatMap((raw) => {
    const object = decodedOnce(raw);
    return object?.kind === kind ? [object as Extract<ClusterObject, { readonly kind: Kind }>] : [];
  });
}

/** `10.0.96.20 to 10.0.96.249`: all of them. */
function addresses(range: string): readonly string[] {
  const [first = '', last = ''] = range.split(' to ');
  const network = first.replace(/\d+$/, '');
  const [from, to] = [first, last].map((address) => Number(address.split('.')[3]));
  return Array.from(
    { length: Math.max(0, (to ?? 0) - (from ?? 0) + 1) },
    (_none, i) => `${network}${(from ?? 0) + i}`,
  );
}
