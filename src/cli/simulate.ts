import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { aborted } from '../lib/abort.ts';
import { interruptSignal } from './interrupt.ts';
import { UserError } from './user-error.ts';

type Given = {
  readonly port: string;
  readonly clusterName: string;
  readonly region: string;
  readonly writeKubeconfig?: string;
  readonly kube?: true | string;
  readonly instant?: true;
  readonly throttle?: true;
};

/** `albatross simulate`: the simulated AWS, and on request a local Kubernetes API, for other programs. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('Serve a simulated AWS (ELBv2, EC2, ACM) on a local port, for any AWS client')
    .option('--port <number>', 'port of the simulated AWS; 0: any free one', '4566')
    .option(
      '--cluster-name <name>',
      'name of the cluster in the tags of subnets and security groups',
      'demo-cluster',
    )
    .option('--region <region>', 'region of the account', 'us-west-2')
    .option('--kube [port]', 'also serve a local Kubernetes API')
    .option('--write-kubeconfig <file>', 'write a kubeconfig for the local Kubernetes API')
    .option('--instant', 'no provisioning times, no health check delays')
    .option('--throttle', 'throttle as AWS does')
    .addHelpText(
      'after',
      '\nExample:\n  albatross simulate --port 4566 &\n  AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws elbv2 describe-load-balancers',
    )
    .action(async (given: Given) => simulate(given));
}

async function simulate(given: Given): Promise<void> {
  const signal = interruptSignal();
  const [{ startAwsSimulator }, { defaultWorld }, { instantKnobs }] = await Promise.all([
    import('../simulator/aws/server.ts'),
    import('../simulator/aws/default-world.ts'),
    import('../simulator/aws/knobs.ts'),
  ]);
  const knobs = {
    ...(given.instant ? instantKnobs : {}),
    ...(given.throttle ? { throttling: { enabled: true } } : {}),
  };
  const world = defaultWorld({ clusterName: given.clusterName, region: given.region });
  const aws = await startAwsSimulator({ port: portOf(given.port, '--port'), knobs, world });
  console.log(`AWS         ${aws.url}`);
  for (const [name, id] of aws.names) console.log(`  ${name.padEnd(24)} ${id}`);
  const kube = given.kube === undefined ? undefined : await startKube(given);
  console.log('Serving until Ctrl-C');
  await aborted(signal);
  await Promise.all([aws.close(), kube?.close()]);
}

async function startKube(given: Given): Promise<{ close(): Promise<void> }> {
  const { startKubeSimulator } = await import('../simulator/kube/simulator.ts');
  const port = typeof given.kube === 'string' ? portOf(given.kube, '--kube') : 0;
  const kube = await startKubeSimulator({ port, createNamespaces: true });
  console.log(`Kubernetes  ${kube.url}`);
  if (given.writeKubeconfig !== undefined) {
    await writeFile(given.writeKubeconfig, kube.kubeconfig());
    console.log(`  kubectl --kubeconfig ${given.writeKubeconfig} get ingress -A`);
  }
  return kube;
}

function portOf(text: string, option: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UserError(`${option} “${text}” is not a port; use a number from 0 to 65535`, 2);
}
