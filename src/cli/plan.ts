import { Command } from 'commander';
import { configFrom, givenOptions, withControllerOptions } from './controller-options.ts';
import { interruptSignal } from './interrupt.ts';
import { planExitCode } from './plan-exit.ts';
import { hasErrors, planJson, renderPlans } from './plan-output.ts';

type Given = {
  readonly file?: readonly string[];
  readonly facts?: string;
  readonly group?: string;
  readonly exitCode?: true;
  readonly json?: true;
};

/** What an offline plan takes where nothing is given: names and tags depend on them, so real ones make a truer plan. */
export const offline = { 'cluster-name': 'my-cluster', 'aws-region': 'us-east-1', 'aws-vpc-id': 'vpc-0' };

/** `albatross plan`: what the controller would do, and why; from files alone, or from a cluster and AWS by reading only. */
export function planCommand(): Command {
  const command = new Command('plan')
    .description('Print what the controller would do, and why, without doing it')
    .option('-f, --file <path...>', 'manifests (files or folders): plan them offline, against an empty AWS')
    .option(
      '--facts <file>',
      'with -f: JSON with the subnets, security groups, certificates, target groups and VPC to plan with',
    )
    .option('--group <name>', 'without -f: only this group')
    .option('--exit-code', 'say with the exit code what the plan does, for CI')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nWithout -f the cluster of the kubeconfig and AWS are read. Exit code 0: nothing is wrong; 1: something is, with an Ingress or a manifest;' +
        ' 2: a mistake on the command line. With --exit-code also 3: the plan makes or changes something; 4: it deletes something, or lets it go.' +
        '\n\nExamples:\n  albatross plan -f ingress.yaml\n  albatross plan --cluster-name=prod --aws-region=eu-west-1 --aws-vpc-id=vpc-0123456789abcdef0',
    );
  withControllerOptions(command);
  return command.action(async (given: Given) => {
    const planned =
      given.file === undefined ? await online(command, given) : await fromFiles(command, given, given.file);
    process.stdout.write(given.json === true ? planJson(planned) : renderPlans(planned));
    process.exitCode = given.exitCode === true ? planExitCode(planned) : Number(hasErrors(planned));
  });
}

async function fromFiles(command: Command, { facts }: Given, paths: readonly string[]) {
  const { core: config, aws } = configFrom(givenOptions(command, offline, {}));
  const { planFiles } = await import('./plan-files.ts');
  return planFiles(paths, { config, factsFile: facts, quotas: aws.limits });
}

async function online(command: Command, { group }: Given) {
  const config = configFrom(givenOptions(command));
  const { planCluster } = await import('./plan-cluster.ts');
  return planCluster(config, { group, targets: true, signal: interruptSignal() });
}
