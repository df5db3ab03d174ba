import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import type { GivenAws } from '../sandbox/given-aws.ts';
import type { RealSandboxOptions } from '../sandbox/real-sandbox.ts';
import type { SandboxOptions, SandboxResult } from '../sandbox/sandbox.ts';
import { createLog } from '../telemetry/log.ts';
import { knownOptions, withControllerOptions } from './controller-options.ts';
import { interruptSignal } from './interrupt.ts';
import { UserError } from './user-error.ts';

type Given = {
  readonly once?: true;
  readonly json?: true;
  readonly log?: true;
  readonly awsEndpoint?: string;
};

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
    .option('--aws-endpoint <url>', 'another AWS instead of the local one, such as moto; answers no requests')
    .option('--log', 'print the log of the controller too, as JSON lines')
    .addHelpText(
      'after',
      '\n--kubeconfig: the Ingresses of that cluster instead of files; apply them with kubectl.' +
        '\n\nExamples:\n  npm run sandbox -- my-ingress.yaml\n  npm run sandbox -- --kubeconfig ~/.kube/config',
    );
  withControllerOptions(command).allowUnknownOption(false);
  return command.action(async (paths: readonly string[], given: Given) => sandbox(command, paths, given));
}

/** @throws UserError for what does not go together. */
function check(paths: readonly string[], given: Given): void {
  const missing = paths.filter((path) => statSync(path, { throwIfNoEntry: false }) === undefined);
  if (missing.length > 0) throw new UserError(`no such file or folder: ${missing.join(', ')}`, 2);
  if (given.json && !given.once) throw new UserError('--json goes with --once', 2);
  if (given.json && given.awsEndpoint !== undefined)
    throw new UserError('--json shows the local AWS, which --aws-endpoint replaces', 2);
}

async function sandbox(command: Command, paths: readonly string[], given: Given): Promise<void> {
  check(paths, given);
  const flags = knownOptions(command);
  const kubeconfig = flags.get('kubeconfig');
  const common = {
    flags,
    once: given.once === true,
    log: createLog(given.log ? 'info' : 'silent'),
    print: given.json ? () => undefined : (line: string) => console.log(line),
    signal: interruptSignal(),
  };
  const { isGood, state } =
    kubeconfig === undefined
      ? await fromFiles(common, paths, given.awsEndpoint)
      : await fromCluster({ ...common, kubeconfig }, paths, given.awsEndpoint);
  if (given.json) console.log(JSON.stringify(state, null, 2));
  if (given.once && !isGood) process.exitCode = 1;
}

async function fromFiles(
  common: Omit<SandboxOptions, 'paths' | 'kubeconfigPath' | 'aws'>,
  paths: readonly string[],
  endpoint: string | undefined,
): Promise<SandboxResult> {
  if (paths.length === 0 && statSync(examples, { throwIfNoEntry: false }) === undefined)
    throw new UserError('name the files or folders to apply; the examples are only in a checkout', 2);
  const { runSandbox } = await import('../sandbox/sandbox.ts');
  return runSandbox({
    ...common,
    paths: paths.length > 0 ? paths : [examples],
    aws: endpoint === undefined ? undefined : await awsAt(endpoint, common.flags),
    kubeconfigPath: join(tmpdir(), `albatross-sandbox-${process.pid}.kubeconfig`),
  });
}

async function awsAt(endpoint: string, flags: ReadonlyMap<string, string>): Promise<GivenAws> {
  if (!URL.canParse(endpoint))
    throw new UserError(`--aws-endpoint “${endpoint}” is not a URL such as http://127.0.0.1:4566`, 2);
  const { findAws } = await import('../sandbox/given-aws.ts');
  const clusterName = flags.get('cluster-name') ?? 'sandbox';
  const region = flags.get('aws-region') ?? 'us-west-2';
  const found = await findAws({ endpoint, region, clusterName, vpcId: flags.get('aws-vpc-id') });
  if (found !== undefined) return found;
  throw new UserError(
    `the AWS at ${endpoint} has no VPC named ${clusterName} in ${region}: give --aws-vpc-id, or make one with ` +
      `\`npm run seed -- --endpoint ${endpoint} --region ${region} --cluster-name ${clusterName}\``,
  );
}

async function fromCluster(
  options: RealSandboxOptions,
  paths: readonly string[],
  endpoint: string | undefined,
): Promise<SandboxResult> {
  if (paths.length > 0)
    throw new UserError(
      `with --kubeconfig the cluster's own Ingresses are served: kubectl apply -f ${paths[0]}`,
      2,
    );
  if (endpoint !== undefined)
    throw new UserError('a real cluster and another AWS need no sandbox: use `albatross run`', 2);
  const { runRealSandbox } = await import('../sandbox/real-sandbox.ts');
  return runRealSandbox(options);
}
