// `npm run bench -- rollouts`: requests at a constant rate while real Deployments, nodes, target modes and ports change.

import { startCluster } from '../test/support/cluster/start.ts';
import {
  nodeReplacement,
  rollOuts,
  servicePortChange,
  targetModeSwitch,
  targetPortChange,
} from './rollouts/phases.ts';
import { benchSettings, type Settings } from './rollouts/settings.ts';
import { type PhaseResult, withStage } from './rollouts/stage.ts';

const gated = ['gated-one', 'gated-two'];
const plain = ['plain-one', 'plain-two'];
const byNode = 'by-node';

/** 20 roll-outs in five rounds, or one round. */
export async function benchRollouts({
  quick,
  print,
}: {
  readonly quick: boolean;
  readonly print: (line: string) => void;
}): Promise<void> {
  const rounds = quick ? 1 : 5;
  print(about(benchSettings));
  const tell = (result: PhaseResult) => print(row(result));
  const cluster = await startCluster();
  try {
    await withStage(cluster, benchSettings, async (stage) => {
      const inIpMode = [...gated, ...plain];
      const all = [...inIpMode, byNode];
      await Promise.all(
        all.map(async (name) => {
          const targetType = name === byNode ? 'instance' : 'ip';
          await stage.deploy({ name, targetType });
          if (gated.includes(name)) await stage.deploy({ name, targetType, gate: stage.gateOf(name) });
        }),
      );
      stage.startLoad(all);
      for (let round = 1; round <= rounds; round += 1)
        tell(await rollOuts(stage, `${inIpMode.length} roll-outs in ip mode, round ${round}`, inIpMode));
      tell(await nodeReplacement(stage, all));
      tell(await targetModeSwitch(stage, 'plain-one', 'instance'));
      tell(await targetModeSwitch(stage, 'plain-one', 'ip'));
      tell(await targetPortChange(stage, 'plain-one'));
      tell(await servicePortChange(stage, 'plain-two'));
    });
  } finally {
    await cluster.stop();
  }
}

function about(settings: Settings): string {
  const { preStopSeconds, deregistrationDelaySeconds, minReadySeconds, requestsPerSecond } = settings;
  return (
    `Roll-outs with a real control plane. AWS: ${settings.latencyMs} ms a call, ${settings.registrationMs} ms to register, ` +
    `${settings.initialHealthChecks} check of 5 s to be healthy, ${settings.routingLagMs} ms until a deregistered target gets nothing new.\n` +
    `Pods: 4 a Deployment, maxSurge 2, maxUnavailable 0, ready after ${settings.podReadyAfterSeconds} s, preStop ${preStopSeconds} s, ` +
    `deregistration delay ${deregistrationDelaySeconds} s; readiness gates, or minReadySeconds ${minReadySeconds}.\n` +
    `Load: ${requestsPerSecond} requests a second to each of 5 apps. Aim: no answer that is not 2xx.\n`
  );
}

function row(result: PhaseResult): string {
  const { name, requests, lost, p50Ms, p99Ms, calls, writes, seconds, examples } = result;
  const count = Object.values(lost).reduce((sum, each) => sum + each, 0);
  const kinds = Object.entries(lost).map(([status, times]) => `${times} × ${status}`);
  const figures =
    `${name.padEnd(42)} ${requests} requests, ${count} not 2xx${count > 0 ? ` (${kinds.join(', ')})` : ''}, ` +
    `answered in ${p50Ms.toFixed(1)} ms p50, ${p99Ms.toFixed(1)} ms p99, ` +
    `${calls} AWS calls (${writes} writes), ${seconds.toFixed(0)} s`;
  return [figures, ...examples.map((example) => `    ${example}`)].join('\n');
}
