import { Command } from 'commander';
import { configFrom, givenOptions, withControllerOptions } from './controller-options.ts';
import { interruptSignal } from './interrupt.ts';

/** `albatross orphans`: what is left in AWS of groups that the cluster knows nothing of; reads only. */
export function orphansCommand(): Command {
  const command = new Command('orphans')
    .description('List what AWS has with the tags of this cluster, and no Ingress stands for; delete nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nThe controller never deletes them, as nothing proves that nobody wants them. `albatross drain` deletes those with the UID of this cluster.' +
        '\n\nExample:\n  albatross orphans --cluster-name=prod --aws-region=eu-west-1 --aws-vpc-id=vpc-0123456789abcdef0',
    );
  withControllerOptions(command);
  return command.action(async ({ json }: { readonly json?: true }) => {
    const config = configFrom(givenOptions(command));
    const { withClusterGroups } = await import('./cluster-groups.ts');
    const { orphanGroups, renderOrphans } = await import('./orphan-groups.ts');
    const orphans = await withClusterGroups(
      config,
      { group: undefined, unplanned: true, signal: interruptSignal() },
      async ({ inventory, snapshot, config: core }) => orphanGroups(inventory, snapshot, core),
    );
    const text = orphans.length === 0 ? 'No orphans.\n' : renderOrphans(orphans);
    process.stdout.write(json === true ? `${JSON.stringify(orphans, undefined, 2)}\n` : text);
  });
}
