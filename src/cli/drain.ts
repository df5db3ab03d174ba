import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import type { Config } from '../config/load.ts';
import { configFrom, givenOptions, withControllerOptions } from './controller-options.ts';
import type { Drain } from './drain-cluster.ts';
import { interruptSignal } from './interrupt.ts';
import { renderOrphans } from './orphan-groups.ts';
import { renderPlans } from './plan-output.ts';
import { renderProblem } from '../core/plan/render.ts';
import { UserError } from './user-error.ts';

/** `albatross drain`: removes everything of a cluster from AWS, for its tear-down, after showing it. */
export function drainCommand(): Command {
  const command = new Command('drain')
    .description('Remove from AWS all that the controller made for this cluster, after showing it')
    .option('--yes', 'do it without asking')
    .addHelpText(
      'after',
      '\nFor the tear-down of a cluster or before uninstalling. Stop the controller first. Ingresses stay in the cluster and lose their finalizers; a controller that starts again makes everything anew.' +
        '\nLoad balancers with deletion protection, and what is paused or released, stay. Exit code 1: something is left.' +
        '\n\nExample:\n  albatross drain --cluster-name=prod --aws-region=eu-west-1 --aws-vpc-id=vpc-0123456789abcdef0',
    );
  withControllerOptions(command);
  return command.action(async ({ yes }: { readonly yes?: true }) => {
    const config = configFrom(givenOptions(command));
    const signal = interruptSignal();
    const { drainCluster, planDrain } = await import('./drain-cluster.ts');
    const drain = await planDrain(config, { signal });
    process.stdout.write(renderDrain(drain));
    if (isNothing(drain)) return;
    await agreed(config, yes);
    const problems = await drainCluster(config, drain, {
      signal,
      onProgress: (text) => process.stdout.write(`${text}\n`),
    });
    const after = await planDrain(config, { signal });
    process.stdout.write(renderEnd(after, problems.map(renderProblem)));
    if (!isNothing(after)) process.exitCode = 1;
  });
}

const isNothing = ({ planned: { groups, bindings, network } }: Drain): boolean =>
  [...groups, ...bindings].every(({ plan }) => plan.operations.length + plan.held.length === 0) &&
  (network?.operations ?? []).length === 0;

/** What would go, and what looks like the cluster's and stays. */
export function renderDrain(drain: Drain): string {
  const { planned, orphans, left } = drain;
  return [
    isNothing(drain) ? 'Nothing of this cluster is left in AWS.\n' : renderPlans(planned),
    ...(orphans.length === 0 ? [] : [`Of these no Ingress stands for ${orphans.join(', ')}.\n`]),
    ...(left.length === 0 ? [] : ['Not proven to be of this cluster, so it stays:\n', renderOrphans(left)]),
  ].join('\n');
}

function renderEnd(after: Drain, problems: readonly string[]): string {
  const why = problems.map((line) => `  ${line}\n`).join('');
  return isNothing(after) ? '\nDrained.\n' : `\nNot all of it went:\n${why}\n${renderDrain(after)}`;
}

async function agreed({ core: { clusterName } }: Config, yes: true | undefined): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY)
    throw new UserError('nobody is there to ask; say --yes to drain without a question', 2);
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question(`\nType the name of the cluster (${clusterName}) to do this: `);
  prompt.close();
  if (answer.trim() !== clusterName) throw new UserError('that is not its name, so nothing was done');
}
