import { Command } from 'commander';
import { createLog } from '../telemetry/log.ts';
import { configFrom, givenOptions, withControllerOptions } from './controller-options.ts';
import { interruptSignal } from './interrupt.ts';

/** `albatross run`: the controller, until SIGTERM. */
export function runCommand(): Command {
  const command = new Command('run')
    .description('Run the controller')
    .addHelpText(
      'after',
      '\nExample:\n  albatross run --cluster-name=prod --aws-region=eu-west-1 --aws-vpc-id=vpc-0123456789abcdef0',
    );
  withControllerOptions(command);
  return command.action(async () => {
    const config = configFrom(givenOptions(command));
    const log = createLog(config.telemetry.logLevel);
    for (const note of config.notes) log.warn({}, note);
    // Loaded late: it brings the SDKs, which --help and mistakes need not wait for.
    const { runController } = await import('../main.ts');
    await runController({ config, log, signal: interruptSignal() });
  });
}
