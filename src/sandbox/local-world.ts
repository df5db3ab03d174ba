// The local AWS with its data plane and the local Kubernetes API, joined: pods that the cluster has are what targets
// answer as.

import { type DataPlaneOptions, DataPlane } from '../simulator/dataplane/data-plane.ts';
import { defaultWorld } from '../simulator/aws/default-world.ts';
import { targetHealth } from '../simulator/aws/elbv2/target-health.ts';
import type { KnobSettings } from '../simulator/aws/knobs.ts';
import { type AwsSimulator, startAwsSimulator } from '../simulator/aws/server.ts';
import { type KubeSimulator, startKubeSimulator } from '../simulator/kube/simulator.ts';
import { roundRobin } from '../simulator/kube/workload-objects.ts';
import { startWorkloads } from '../simulator/kube/workloads.ts';
import { PodBackends } from './pods.ts';
import { nodeObject } from './stand-ins.ts';

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
  const aws = await startAwsSimulator({ world, knobs });
  const kube = await startKubeSimulator({ createNamespaces: true });
  const id = (name: string) => aws.names.get(name) ?? name;
  const nodes = world.nodes ?? [];
  const zoneOf = (subnet: string) => world.subnets.find((candidate) => candidate.name === subnet)?.zone ?? '';
  kube.store.apply(
    nodes.map((node) =>
      nodeObject({ name: node.name, zone: zoneOf(node.subnet), instanceId: id(node.instance), ip: node.ip }),
    ),
  );
  const podIp = roundRobin(
    nodes.map(({ name, podIps }) => ({ nodeName: name, ips: addresses(podIps ?? '') })),
  );
  const workloads = startWorkloads({ simulator: kube, podIp });
  const pods = new PodBackends(kube.store);
  const healthOf: DataPlaneOptions['healthOf'] = (group, target) =>
    targetHealth(group, target, aws.controlPlane.context()).State ?? 'unused';
  const dataPlane = new DataPlane({
    state: aws.state,
    healthOf,
    backendOf: (target) => pods.backendOf(target),
  });
  const unsubscribe = aws.onChange(({ operation }) => {
    if (/Listener$|LoadBalancer$/.test(operation)) void dataPlane.sync();
  });
  return {
    aws,
    kube,
    dataPlane,
    id,
    close: async () => {
      unsubscribe();
      workloads.close();
      await dataPlane.close();
      await kube.close();
      await aws.close();
    },
  };
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
