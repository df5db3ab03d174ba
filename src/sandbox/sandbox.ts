// Simulator, local Kubernetes API and controller in one process, fed from manifest files: what `npm run sandbox` runs.

import { writeFileSync } from 'node:fs';
import type { Ingress } from '../core/domain/cluster.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import { snapshotOf } from '../core/domain/snapshot.ts';
import { isWrittenByUser } from '../core/model/binding.ts';
import { whyNotOurs } from '../core/model/not-ours.ts';
import { decodeManifests, type Manifests, readManifests } from '../kube/manifest-files.ts';
import { aborted } from '../lib/abort.ts';
import type { Log } from '../telemetry/log.ts';
import type { GivenAws } from './given-aws.ts';
import { hostsOf } from './hosts.ts';
import { type InProcessController, startInProcess } from './in-process-controller.ts';
import { objectsOf } from './local-world.ts';
import { watchManifests } from './manifest-folder.ts';
import { Report, type WarningEvent } from './report.ts';
import { SandboxCluster } from './sandbox-cluster.ts';
import { type SandboxWorld, startWorld } from './sandbox-world.ts';

export type SandboxOptions = {
  /** Files and folders of manifests. */
  readonly paths: readonly string[];
  /** Options of the controller by flag name, as the user gave them. */
  readonly flags: ReadonlyMap<string, string>;
  /** Converge, report and end. */
  readonly once: boolean;
  /** Another AWS than the simulated one. */
  readonly aws?: GivenAws | undefined;
  /** Where a kubeconfig for the local Kubernetes API goes. */
  readonly kubeconfigPath: string;
  readonly log: Log;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
};

/** `state`: what the simulated AWS holds at the end, as the simulator's control API shows it; undefined for another AWS. */
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
  const world = await startWorld({ clusterName, region, hosts, print }, options.aws);
  let controller: InProcessController | undefined;
  try {
    const cluster = new SandboxCluster({
      kube: world.kube,
      standIn: world.standIn,
      print,
      compatibility: flags.get('compatibility') ?? 'none',
    });
    let isGood = cluster.apply(read);
    controller = await startInProcess({
      flags: new Map([...world.flags, ...flags]),
      kubeconfig: world.kube.kubeconfig(),
      log: options.log,
      credentials: world.credentials,
      rationed: world.rationed,
    });
    const report = new Report(sightOf(world, controller.config), print);
    const running = { controller, world, cluster, report };
    isGood = (await settled(running)) && isGood;
    if (!options.once) await serve(running, options);
    return { isGood, state: await world.state() };
  } finally {
    await controller?.stop();
    await world.close();
  }
}

type Running = {
  readonly controller: InProcessController;
  readonly world: SandboxWorld;
  readonly cluster: SandboxCluster;
  readonly report: Report;
};

function sightOf({ kube, listeners }: SandboxWorld, config: CoreConfig) {
  const snapshot = () =>
    snapshotOf([
      ...objectsOf(kube, 'networking.k8s.io/v1', 'IngressClass'),
      ...objectsOf(kube, 'elbv2.k8s.aws/v1beta1', 'IngressClassParams'),
      ...objectsOf(kube, 'v1', 'Namespace'),
    ]);
  return {
    ingresses: () => objectsOf(kube, 'networking.k8s.io/v1', 'Ingress'),
    bindings: () => objectsOf(kube, 'elbv2.k8s.aws/v1beta1', 'TargetGroupBinding').filter(isWrittenByUser),
    whyNotOurs: (ingress: Ingress) => whyNotOurs(ingress, snapshot(), config),
    warnings: () =>
      Promise.resolve(
        (kube.store.list('v1', 'Event') as readonly WarningEvent[]).filter(({ type }) => type === 'Warning'),
      ),
    listeners,
  };
}

/** Waits until all is done and opened, and reports. */
async function settled({ controller, world, report }: Running): Promise<boolean> {
  await controller.rest();
  await world.opened();
  return report.tell();
}

/** Applies what changes in the files, one change after the other, until the signal is aborted. */
async function serve(
  running: Running,
  { paths, print, signal, kubeconfigPath }: SandboxOptions,
): Promise<void> {
  writeFileSync(kubeconfigPath, running.world.kube.kubeconfig());
  print(`kubectl --kubeconfig ${kubeconfigPath} get ingress -A`);
  print(`Watching ${paths.join(', ')}; Ctrl-C ends it.`);
  let work: Promise<unknown> = Promise.resolve();
  let failure: unknown;
  const apply = async (manifests: Manifests) => {
    print('');
    print('Files changed');
    running.cluster.apply(manifests);
    await settled(running);
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
  await aborted(signal);
  print('');
  print('Stopping');
  await work;
  if (failure !== undefined) throw failure;
}
