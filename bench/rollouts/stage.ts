// The whole controller with a real control plane on one side and load balancers that answer real requests on the other.

import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import { ClusterWatch } from '../../src/kube/cluster-watch.ts';
import { controllerFlags } from '../../src/sandbox/controller-flags.ts';
import { startInProcess } from '../../src/sandbox/in-process-controller.ts';
import { type RealWorld, startRealWorld } from '../../src/sandbox/real-world.ts';
import { targetHealth } from '../../src/simulator/aws/elbv2/target-health.ts';
import type { Target, TargetGroup } from '../../src/simulator/aws/state.ts';
import { DataPlane } from '../../src/simulator/dataplane/data-plane.ts';
import { createLog } from '../../src/telemetry/log.ts';
import type { NodeSpec } from '../../test/support/cluster/nodes.ts';
import type { Cluster } from '../../test/support/cluster/start.ts';
import { type App, appManifests, replicas } from './manifests.ts';
import { RunningPods } from './running-pods.ts';
import { knobsOf, type Settings } from './settings.ts';
import { type LoadResult, SteadyLoad } from './steady-load.ts';

const root = join(import.meta.dirname, '..', '..');

/** In the simulated private subnets; a node of the next generation has other addresses in the same zone. */
export const nodeOf = (zone: 'a' | 'b' | 'c', generation: number): NodeSpec => {
  const third = 96 + 'abc'.indexOf(zone) * 32 + generation * 4;
  return {
    name: `load-${zone}${generation}`,
    providerID: `aws:///us-west-2${zone}/i-00000000000000${generation}${zone}`,
    internalIp: `10.0.${third}.10`,
    podCidr: `10.0.${third + 1}.0/24`,
  };
};

export type PhaseResult = LoadResult & {
  readonly name: string;
  readonly calls: number;
  readonly writes: number;
  readonly seconds: number;
};

export type Stage = {
  readonly settings: Settings;
  readonly world: RealWorld;
  kubectl(line: string): Promise<string>;
  addNodes(nodes: readonly NodeSpec[]): Promise<void>;
  /** Applies an app and waits until its load balancer answers by all its pods. */
  deploy(app: App): Promise<void>;
  /** Condition type of the readiness gate of an app's target group. */
  gateOf(app: string): string;
  startLoad(apps: readonly string[]): void;
  /** Waits until no change is under way: no pod ends or starts, the controller rests, every deregistered target is gone. */
  settle(apps: readonly string[]): Promise<void>;
  phase(name: string, work: () => Promise<void>): Promise<PhaseResult>;
};

/** Runs `work` on a control plane without nodes, and takes everything away afterwards. */
export async function withStage(
  cluster: Cluster,
  settings: Settings,
  work: (stage: Stage) => Promise<void>,
): Promise<void> {
  const log = createLog('silent');
  const kubectl = (line: string) => cluster.kubectl(line.split(' '));
  await cluster.kubectl(['apply', '-k', join(root, 'deploy', 'base')]);
  await kubectl('wait --for=condition=Established crd/targetgroupbindings.elbv2.k8s.aws');
  const nodes = (['a', 'b', 'c'] as const).map((zone) => nodeOf(zone, 0));
  const added = [...nodes];
  await cluster.addNodes(nodes);
  const kubeconfig = cluster.adminKubeconfig;
  const place = { clusterName: 'load', region: 'us-west-2' };
  const signal = new AbortController().signal;
  const print = (line: string) => {
    throw new Error(line);
  };
  const options = { kubeconfig, ...place, knobs: knobsOf(settings), hosts: [], log, print, signal };
  const world = await startRealWorld(options);
  const watch = new ClusterWatch({ transport: world.transport, clock: systemClock, log, pods: 'all' });
  watch.start();
  await watch.ready();
  const pods = new RunningPods(watch);
  const dataPlane = new DataPlane({
    state: world.aws.state,
    healthOf: (group, target) => routedHealth(world, settings, group, target),
    backendOf: (target) => pods.backendOf(target),
  });
  const flags = new Map([
    ...controllerFlags({ endpoint: world.aws.url, vpcId: world.id('vpc'), ...place }),
    ['kubeconfig', kubeconfig],
    ['follow-draining', 'true'],
    ['annotate-drained-nodes', 'true'],
  ]);
  const controllerLog = createLog(process.env['TEST_LOG'] === '1' ? 'debug' : 'silent');
  const credentials = { accessKeyId: 'AKIDLOAD', secretAccessKey: 'load' };
  const controller = await startInProcess({ flags, kubeconfig: undefined, log: controllerLog, credentials });
  const apps = new Set<string>();
  let load: SteadyLoad | undefined;
  const groupsOf = (app: string) => targetGroupsOf(world, app);
  const settle = async (names: readonly string[]) => {
    const isAtRest = () =>
      names.every(
        (name) =>
          pods.of(name).length === replicas &&
          groupsOf(name).every(({ targets }) =>
            [...targets.values()].every(({ deregisteredAt }) => deregisteredAt === undefined),
          ),
      );
    await sleep(1000);
    do await controller.rest();
    while (!isAtRest() && (await sleep(200, true)));
  };
  const portOf = (app: string) =>
    dataPlane
      .listeners()
      .find(({ loadBalancerName }) => loadBalancerName.startsWith(`k8s-${shortened(app)}-`))?.localPort;
  try {
    await work({
      settings,
      world,
      kubectl,
      settle,
      addNodes: async (more) => {
        added.push(...more);
        await cluster.addNodes(more);
      },
      deploy: async (app) => {
        apps.add(app.name);
        await cluster.apply(appManifests(app, settings));
        await kubectl(`rollout status -n ${app.name} deployment/web --timeout=120s`);
        await settle([app.name]);
        await healthy(world, app);
        await dataPlane.sync();
      },
      gateOf: (app) => `target-health.elbv2.k8s.aws/${groupsOf(app)[0]?.name}`,
      startLoad: (names) => {
        load = new SteadyLoad({
          ports: new Map(names.map((name) => [name, () => portOf(name)])),
          perSecond: settings.requestsPerSecond,
          onLost: (name) => describe(world, groupsOf(name)),
        });
      },
      phase: async (name, change) => {
        load?.take();
        const begun = Date.now();
        const { trace } = world.aws;
        const { mark } = trace;
        await change();
        const seconds = (Date.now() - begun) / 1000;
        const result = load?.take();
        if (result === undefined) throw new Error('no load');
        const calls = trace.entries(mark).length;
        return { name, seconds, calls, writes: trace.writes(mark).length, ...result };
      },
    });
  } finally {
    await load?.close();
    if (apps.size > 0) await kubectl(`delete namespace --timeout=90s ${[...apps].join(' ')}`);
    await controller.stop();
    pods.close();
    await watch.stop();
    await dataPlane.close();
    await world.close();
    await kubectl(`delete nodes --ignore-not-found ${added.map(({ name }) => name).join(' ')}`);
  }
}

const shortened = (namespace: string): string => namespace.replaceAll('-', '').slice(0, 8);

const targetGroupsOf = ({ aws }: RealWorld, app: string): readonly TargetGroup[] =>
  [...aws.state.targetGroups.values()].filter(({ name }) => name.startsWith(`k8s-${shortened(app)}-`));

/** Health as the nodes of the load balancer know it: they learn of a deregistration a little later. */
function routedHealth(world: RealWorld, settings: Settings, group: TargetGroup, target: Target): string {
  const context = world.aws.controlPlane.context();
  const { deregisteredAt, ...registered } = target;
  const isKnown = deregisteredAt === undefined || context.now - deregisteredAt >= settings.routingLagMs;
  return (
    targetHealth(group, isKnown ? target : { ...registered, deregisteredAt: undefined }, context).State ??
    'unused'
  );
}

async function healthy(world: RealWorld, { name }: App): Promise<void> {
  const context = () => world.aws.controlPlane.context();
  const isDone = () => {
    const groups = targetGroupsOf(world, name);
    return (
      groups.length > 0 &&
      groups.every(
        (group) =>
          group.targets.size > 0 &&
          [...group.targets.values()].every(
            (target) => targetHealth(group, target, context()).State === 'healthy',
          ),
      )
    );
  };
  while (!isDone()) await sleep(100);
}

/** States of the targets, counted, for each target group. */
function describe(world: RealWorld, groups: readonly TargetGroup[]): string {
  const context = world.aws.controlPlane.context();
  return groups
    .map((group) => {
      const states = [...group.targets.values()].map((target) => targetHealth(group, target, context).State);
      const counts = Map.groupBy(states, (state) => state);
      return `${group.name} ${group.targetType} [${[...counts].map(([state, all]) => `${all.length} ${state}`).join(', ')}]`;
    })
    .join(' ');
}
