// What the manifests of the sandbox run on: a local cluster, and either the simulated AWS below it or another one.

import { instantKnobs } from '../simulator/aws/knobs.ts';
import type { KubeSimulator } from '../simulator/kube/simulator.ts';
import { type NamedThing, standIn } from '../simulator/aws/stand-ins.ts';
import type { OpenListener } from '../simulator/dataplane/data-plane.ts';
import { controllerFlags } from './controller-flags.ts';
import { type GivenAws, givenCredentials } from './given-aws.ts';
import { startLocalCluster } from './local-cluster.ts';
import { startLocalWorld } from './local-world.ts';
import { tellWrites } from './tell-writes.ts';

export type SandboxWorld = {
  readonly kube: KubeSimulator;
  readonly flags: ReadonlyMap<string, string>;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Whether calls are kept below AWS's limits. */
  readonly rationed: boolean;
  /** Undefined: this AWS answers no requests. */
  readonly listeners: () => readonly OpenListener[] | undefined;
  /** Resolves when every listener is open. */
  readonly opened: () => Promise<void>;
  /** Makes what manifests name and the local account does not have; answers what it made. */
  readonly standIn: (named: readonly NamedThing[]) => readonly NamedThing[];
  /** What the AWS holds, as the simulator's control API shows it. */
  readonly state: () => Promise<unknown>;
  close(): Promise<void>;
};

type Wanted = {
  readonly clusterName: string;
  readonly region: string;
  readonly hosts: readonly string[];
  readonly print: (line: string) => void;
};

export function startWorld(wanted: Wanted, aws: GivenAws | undefined): Promise<SandboxWorld> {
  return aws === undefined ? simulated(wanted) : given(wanted, aws);
}

async function simulated({ clusterName, region, hosts, print }: Wanted): Promise<SandboxWorld> {
  const world = await startLocalWorld({
    clusterName,
    region,
    hosts,
    knobs: instantKnobs,
  });
  const { aws, kube, dataPlane, id } = world;
  print(`Local AWS       ${aws.url} (region ${region}, cluster ${clusterName})`);
  print(`Local Kubernetes ${kube.url}`);
  tellWrites(aws, print);
  return {
    kube,
    flags: controllerFlags({ endpoint: aws.url, vpcId: id('vpc'), clusterName, region }),
    credentials: { accessKeyId: 'AKIDSANDBOX', secretAccessKey: 'sandbox' },
    rationed: false,
    listeners: () => dataPlane.listeners(),
    opened: () => dataPlane.sync(),
    standIn: (named) => standIn(named, id('vpc'), aws.controlPlane.context()),
    state: async () => (await fetch(`${aws.url}/_albatross/state`)).json(),
    close: () => world.close(),
  };
}

async function given(
  { clusterName, region, print }: Wanted,
  { endpoint, vpcId, nodes }: GivenAws,
): Promise<SandboxWorld> {
  const cluster = await startLocalCluster(nodes);
  const { kube } = cluster;
  print(`AWS             ${endpoint} (region ${region}, cluster ${clusterName}, ${vpcId})`);
  print(`Local Kubernetes ${kube.url}`);
  print(
    nodes.length === 0
      ? `No instance of ${vpcId} has the tag kubernetes.io/cluster/${clusterName}, so there are no nodes and no pods`
      : `Nodes           ${nodes.map(({ name, instanceId }) => `${name} (${instanceId})`).join(', ')}`,
  );
  print('Requests are not answered here: only the local AWS has a data plane');
  return {
    kube,
    flags: controllerFlags({ endpoint, vpcId, clusterName, region }),
    credentials: givenCredentials(),
    rationed: true,
    listeners: () => undefined,
    opened: () => Promise.resolve(),
    standIn: () => [],
    state: () => Promise.resolve(undefined),
    close: () => cluster.close(),
  };
}
