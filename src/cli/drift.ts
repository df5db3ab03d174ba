import { Command } from 'commander';
import type { Change } from '../core/domain/change.ts';
import { systemClock } from '../lib/clock.ts';
import { configFrom, givenOptions, withControllerOptions } from './controller-options.ts';
import { type DriftFindings, renderChanges, renderDifferences, time } from './drift-output.ts';
import { interruptSignal } from './interrupt.ts';
import { isOfGroup } from './of-group.ts';

type Given = {
  readonly group?: string;
  readonly log?: true;
  readonly who?: true;
  readonly json?: true;
};

/** `albatross drift`: where AWS is not what the Ingresses ask for, what is not ours there, and what the controller wrote; reads only. */
export function driftCommand(): Command {
  const command = new Command('drift')
    .description('Print where AWS is not what the Ingresses ask for, and what others have there')
    .option('--group <name>', 'only this group')
    .option(
      '--who',
      'ask CloudTrail who made the changes (needs cloudtrail:LookupEvents; events come minutes late)',
    )
    .option('--log', 'print what the controller wrote last, and why, instead')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nReads the cluster of the kubeconfig and AWS, and what the controller keeps in the ConfigMap albatross-changes.' +
        ' Exit code 0: nothing differs, but for fields in the mode ignore; 1: something does; 2: a mistake on the command line.' +
        '\n\nExamples:\n  albatross drift --cluster-name=prod --who\n  albatross drift --cluster-name=prod --group=shop --json\n  albatross drift --cluster-name=prod --log',
    );
  withControllerOptions(command);
  return command.action(async (given: Given) => {
    if (given.log === true) {
      const changes = await log(command, given);
      process.stdout.write(given.json === true ? logJson(changes) : renderChanges(changes));
      return;
    }
    const { driftOfCluster } = await import('./drift-cluster.ts');
    const config = configFrom(givenOptions(command));
    const { group, who } = given;
    const findings = await driftOfCluster(config, { group, who: who === true, signal: interruptSignal() });
    process.stdout.write(given.json === true ? json(findings) : renderDifferences(findings));
    if (findings.differences.some(({ mode }) => mode !== 'ignore')) process.exitCode = 1;
  });
}

async function log(command: Command, { group }: Given): Promise<readonly Change[]> {
  const config = configFrom(givenOptions(command));
  const { loadKubeConfig } = await import('../kube/kube-config.ts');
  const { kubeTransport } = await import('../kube/transport.ts');
  const { findChangeLog } = await import('../kube/change-log.ts');
  const access = await loadKubeConfig({ kubeconfig: config.kube.kubeconfig, clock: systemClock });
  const transport = kubeTransport(access);
  try {
    const namespace = config.kube.leaderElection.namespace ?? access.namespace;
    const { changes } = await findChangeLog({ transport, namespace }, { signal: interruptSignal() });
    return changes.filter((change) => isOfGroup(change.group ?? '', group));
  } finally {
    await transport.close();
  }
}

const logJson = (changes: readonly Change[]): string =>
  `${JSON.stringify(
    changes.map(({ at, ...change }) => ({ at: time(at), ...change })),
    undefined,
    2,
  )}\n`;

function json({ differences: all, foreign }: DriftFindings): string {
  const plain = all.map(({ since, lastRight, rests, ...rest }) => ({
    ...rest,
    ...(since === undefined ? {} : { since: time(since) }),
    ...(lastRight === undefined || !Number.isFinite(lastRight) ? {} : { lastRight: time(lastRight) }),
    ...(rests === undefined ? {} : { rests: { ...rests, until: time(rests.until) } }),
  }));
  return `${JSON.stringify({ drift: plain, foreign }, undefined, 2)}\n`;
}
