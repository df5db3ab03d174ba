import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { createLog } from '../telemetry/log.ts';
import { knownOptions, withControllerOptions } from './controller-options.ts';
import { interruptSignal } from './interrupt.ts';
import { UserError } from './user-error.ts';

type Given = { readonly once?: true; readonly json?: true; readonly log?: true };

const examples = join(import.meta.dirname, '..', '..', 'examples');

/** `albatross sandbox`: the controller with a local AWS and a local Kubernetes API, fed from manifest files. */
export function sandboxCommand(): Command {
  const command = new Command('sandbox')
    .description(
      'Try it: a local AWS, a local Kubernetes API and the controller in one process, fed from manifest files',
    )
    .argument('[paths...]', 'files and folders of manifests (default: the examples)')
    .option('--once', 'apply, converge, report and exit')
    .option('--json', 'with --once: print what AWS holds as JSON and nothing else')
    .option('--log', 'print the log of the controller too, as JSON lines')
    .addHelpText('after', '\nExample:\n  npm run sandbox -- my-ingress.yaml');
  withControllerOptions(command).allowUnknownOption(false);
  return command.action(async (paths: readonly string[], given: Given) => sandbox(command, paths, given));
}

async function sandbox(command: Command, paths: readonly string[], given: Given): Promise<void> {
  const missing = paths.filter((path) => statSync(path, { throwIfNoEntry: false }) === undefined);
  if (missing.length > 0) throw new UserError(`no such file or folder: ${missing.join(', ')}`, 2);
  if (given.json && !given.once) throw new UserError('--json goes with --once', 2);
  const { runSandbox } = await import('../sandbox/sandbox.ts');
  const { isGood, state } = await runSandbox({
    paths: paths.length > 0 ? paths : [examples],
    flags: knownOptions(command),
    once: given.once === true,
    kubeconfigPath: join(tmpdir(), `albatross-sandbox-${process.pid}.kubeconfig`),
    log: createLog(given.log ? 'info' : 'silent'),
    print: given.json ? () => undefined : (line) => console.log(line),
    signal: interruptSignal(),
  });
  if (given.json) console.log(JSON.stringify(state, null, 2));
  if (given.once && !isGood) process.exitCode = 1;
}
