// The sandbox on a real cluster: its own Ingresses become load balancers of the simulated AWS, which answer as its pods.

import type { Ingress } from '../core/domain/cluster.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import { isWrittenByUser } from '../core/model/binding.ts';
import { whyNotOurs } from '../core/model/not-ours.ts';
import { aborted } from '../lib/abort.ts';
import { instantKnobs } from '../simulator/aws/knobs.ts';
import { controllerFlags } from './controller-flags.ts';
import { type InProcessController, startInProcess } from './in-process-controller.ts';
import { type RealWorld, startRealWorld } from './real-world.ts';
import { Report, type WarningEvent } from './report.ts';
import type { SandboxOptions, SandboxResult } from './sandbox.ts';
import { tellWrites } from './tell-writes.ts';

export type RealSandboxOptions = Omit<SandboxOptions, 'paths' | 'kubeconfigPath' | 'aws'> & {
  /** Path of the kubeconfig. */
  readonly kubeconfig: string;
};

/** A roll-out changes many objects at once; they are told as one. */
const settleMs = 300;

/**
 * Runs until the signal is aborted, or with `once` until everything is at rest. The controller writes to the cluster what
 * it always writes: finalizers, status and events of the Ingresses that are its own.
 */
export async function runRealSandbox(options: RealSandboxOptions): Promise<SandboxResult> {
  const { kubeconfig, flags, print, signal } = options;
  const clusterName = flags.get('cluster-name') ?? 'sandbox';
  const region = flags.get('aws-region') ?? 'us-west-2';
  const { log } = options;
  const world = await startRealWorld({
    kubeconfig,
    clusterName,
    region,
    knobs: instantKnobs,
    hosts: [],
    log,
    print,
    signal,
  });
  let controller: InProcessController | undefined;
  try {
    const { aws, transport, watch } = world;
    print(`Local AWS       ${aws.url} (region ${region}, cluster ${clusterName})`);
    print(`Kubernetes      ${transport.server} (${watch.snapshot().nodes.size} nodes)`);
    print('The controller writes finalizers and status to Ingresses of its class: use a cluster for trying.');
    tellWrites(aws, print);
    const place = { endpoint: aws.url, vpcId: world.id('vpc'), clusterName, region };
    controller = await startInProcess({
      flags: new Map([...controllerFlags(place), ...flags, ['kubeconfig', kubeconfig]]),
      kubeconfig: undefined,
      log,
      credentials: { accessKeyId: 'AKIDSANDBOX', secretAccessKey: 'sandbox' },
      rationed: false,
    });
    const report = new Report(sightOf(world, controller.config, signal), print);
    await controller.rest();
    await world.dataPlane.sync();
    const isGood = await report.tell();
    if (!options.once) await serve({ controller, world, report }, options);
    return { isGood, state: await (await fetch(`${aws.url}/_albatross/state`)).json() };
  } finally {
    await controller?.stop();
    await world.close();
  }
}

function sightOf({ watch, transport, dataPlane }: RealWorld, config: CoreConfig, signal: AbortSignal) {
  const startedAt = new Date().toISOString();
  return {
    ingresses: () => [...watch.snapshot().ingresses.values()],
    bindings: () => [...watch.snapshot().targetGroupBindings.values()].filter(isWrittenByUser),
    whyNotOurs: (ingress: Ingress) => whyNotOurs(ingress, watch.snapshot(), config),
    warnings: async () => {
      const answer = await transport.call({
        method: 'GET',
        path: '/api/v1/events',
        query: { fieldSelector: 'involvedObject.kind=Ingress,type=Warning' },
        operation: 'list Events',
        signal,
      });
      const { items } = answer as { readonly items: readonly WarningEvent[] };
      return items.filter((event) => (event.lastTimestamp ?? '') >= startedAt.slice(0, 19));
    },
    listeners: () => dataPlane.listeners(),
  };
}

type Running = {
  readonly controller: InProcessController;
  readonly world: RealWorld;
  readonly report: Report;
};

/** Reports what is new after each change of the cluster, until the signal is aborted. */
async function serve(
  { controller, world, report }: Running,
  { print, signal }: RealSandboxOptions,
): Promise<void> {
  print('Watching the cluster; change it with kubectl. Ctrl-C ends it.');
  let pending: NodeJS.Timeout | undefined;
  let work: Promise<unknown> = Promise.resolve();
  let failure: unknown;
  const look = async () => {
    if (signal.aborted) return;
    await controller.rest();
    await world.dataPlane.sync();
    await report.tell({ onlyNews: true });
  };
  const unsubscribe = world.watch.onChange(() => {
    clearTimeout(pending);
    pending = setTimeout(() => {
      work = work.then(look).catch((error: unknown) => {
        if (!signal.aborted) failure = error;
      });
    }, settleMs);
  });
  await aborted(signal);
  unsubscribe();
  clearTimeout(pending);
  print('');
  print('Stopping. Ingresses keep the finalizer and the address until a controller serves them again.');
  await work;
  if (failure !== undefined) throw failure;
}
