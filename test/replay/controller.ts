import { endpointsAt } from '../../src/sandbox/controller-flags.ts';
import { type InProcessController, startInProcess } from '../../src/sandbox/in-process-controller.ts';
import { createLog } from '../../src/telemetry/log.ts';
import type { RecordedWorld } from './world.ts';

/** ALBC's flags of the recordings (test/recordings/README.md, "The world"), a case's own on top, and our take-over preset. */
export async function startController(
  world: RecordedWorld,
  given: readonly string[],
  { rationed = true }: { readonly rationed?: boolean } = {},
): Promise<InProcessController> {
  const base = [
    `--compatibility=${world.preset}`,
    '--cluster-name=demo-cluster',
    '--aws-region=us-west-2',
    `--aws-vpc-id=${world.placeholders.id('vpc')}`,
    '--aws-max-retries=3',
    `--aws-api-endpoints=${endpointsAt(world.aws.url)}`,
    '--log-level=info',
    '--feature-gates=EnableServiceController=false,NLBGatewayAPI=false,ALBGatewayAPI=false,GatewayListenerSet=false',
  ];
  const flags = new Map<string, string>();
  for (const flag of [...base, ...given]) {
    const [name = '', ...words] = world.placeholders.toIds(flag).replace(/^--/, '').split('=');
    const value = words.length === 0 ? 'true' : words.join('=');
    const before = name === 'feature-gates' ? flags.get(name) : undefined;
    flags.set(name, [...(before === undefined ? [] : [before]), value].join(','));
  }
  return startInProcess({
    flags,
    kubeconfig: world.kube.kubeconfig(),
    rationed,
    log: createLog(process.env['REPLAY_LOG'] === '1' ? 'debug' : 'silent'),
    credentials: { accessKeyId: 'AKIDREPLAY', secretAccessKey: 'replay' },
  });
}
