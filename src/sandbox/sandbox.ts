// Simulator, local Kubernetes API and controller in one process, fed from manifest files: what `npm run sandbox` runs.

import { decodeManifests, type Manifests, readManifests } from '../kube/manifest-files.ts';
import { instantKnobs } from '../simulator/aws/knobs.ts';
import type { Log } from '../telemetry/log.ts';
import { hostsOf } from './hosts.ts';
import { type InProcessController, startInProcess } from './in-process-controller.ts';
import { type LocalWorld, startLocalWorld } from './local-world.ts';
import { watchManifests } from './manifest-folder.ts';
import { SandboxCluster } from './sandbox-cluster.ts';

export type SandboxOptions = {
  /** Files and folders of manifests. */
  readonly paths: readonly string[];
  /** Options of the controller by flag name, as the user gave them. */
  readonly flags: ReadonlyMap<string, string>;
  /** Converge, report and end. */
  readonly once: boolean;
  /** Where a kubeconfig for the local Kubernetes API goes. */
  readonly kubeconfigPath: string;
  readonly log: Log;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
};

/** `state`: what the simulated AWS holds at the end, as the simulator's control API shows it. */
export type SandboxResult = { readonly isGood: boolean; readonly state: unknown };

/**
 * Runs until the signal is aborted, or with `once` until everything is at rest. `isGood` is false when a manifest could
 * not be applied or an Ingress of ours was refused or held.
 */
export async function runSandbox(options: SandboxOptions): Promise<SandboxResult> {
  const { paths, print, flags } = options;
  const read = await readManifests(paths);
  const clusterName = flags.get('cluster-name') ?? 'sandbox';
  const region = flags.get('aws-region') ?? 'us-west-2';
  const hosts = hostsOf(
    decodeManifests(read.manifests).objects.filter((object) => object.kind === 'Ingress'),
  );
  const world = await startLocalWorld({ clusterName, region, hosts, knobs: instantKnobs });
  let controller: InProcessController | undefined;
  try {
    print(`Local AWS       ${world.aws.url} (region ${region}, cluster ${clusterName})`);
    print(`Local Kubernetes ${world.kube.url}`);
    const cluster = new SandboxCluster({
      world,
      print,
      compatibility: flags.get('compatibility') ?? 'none',
      kubeconfigPath: options.kubeconfigPath,
    });
    cluster.tellWrites();
    let isGood = cluster.apply(read);
    controller = await startInProcess({
      flags: new Map([...localFlags(world, { clusterName, region }), ...flags]),
      kubeconfig: world.kube.kubeconfig(),
      log: options.log,
      credentials: { accessKeyId: 'AKIDSANDBOX', secretAccessKey: 'sandbox' },
      rationed: false,
    });
    isGood = (await settled(controller, world, cluster)) && isGood;
    if (!options.once) await serve({ controller, world, cluster }, options);
    return { isGood, state: await (await fetch(`${world.aws.url}/_albatross/state`)).json() };
  } finally {
    await controller?.stop();
    await world.close();
  }
}

function localFlags(
  world: LocalWorld,
  { clusterName, region }: { readonly clusterName: string; readonly region: string },
): ReadonlyMap<string, string> {
  const services = ['Elastic Load Balancing v2', 'EC2', 'ACM'];
  return new Map([
    ['cluster-name', clusterName],
    ['aws-region', region],
    ['aws-vpc-id', world.id('vpc')],
    ['aws-api-endpoints', services.map((service) => `${service}=${world.aws.url}`).join(',')],
  ]);
}

/** Waits until all is done and opened, and reports. */
async function settled(
  controller: InProcessController,
  world: LocalWorld,
  cluster: SandboxCluster,
): Promise<boolean> {
  await controller.rest();
  await world.dataPlane.sync();
  return cluster.report();
}

type Running = {
  readonly controller: InProcessController;
  readonly world: LocalWorld;
  readonly cluster: SandboxCluster;
};

/** Applies what changes in the files, one change after the other, until the signal is aborted. */
async function serve(
  { controller, world, cluster }: Running,
  { paths, print, signal }: SandboxOptions,
): Promise<void> {
  cluster.offerKubectl();
  print(`Watching ${paths.join(', ')}; Ctrl-C ends it.`);
  let work: Promise<unknown> = Promise.resolve();
  let failure: unknown;
  const apply = async (manifests: Manifests) => {
    print('');
    print('Files changed');
    cluster.apply(manifests);
    await settled(controller, world, cluster);
  };
  watchManifests(
    paths,
    (manifests) => {
      work = work
        .then(() => apply(manifests))
        .catch((error: unknown) => {
          failure = error;
        });
    },
    signal,
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  print('');
  print('Stopping');
  await work;
  if (failure !== undefined) throw failure;
}
