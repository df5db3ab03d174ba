// The controller against a real control plane, in the name of the ServiceAccount that deploy/ ships, with the simulated AWS
// below the cluster and its data plane in front of it.

import { join } from 'node:path';
import { controllerFlags } from '../../../src/sandbox/controller-flags.ts';
import { type InProcessController, startInProcess } from '../../../src/sandbox/in-process-controller.ts';
import { type RealWorld, startRealWorld } from '../../../src/sandbox/real-world.ts';
import { instantKnobs } from '../../../src/simulator/aws/knobs.ts';
import { tagsOf } from '../../../src/simulator/aws/tags.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import type { NodeSpec } from '../../support/cluster/nodes.ts';
import type { Cluster } from '../../support/cluster/start.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const clusterName = 'real';
export const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'test' };

/** Addresses lie in the simulated private subnets of the zones. */
export const nodes: readonly NodeSpec[] = ['a', 'b', 'c'].map((zone, index) => ({
  name: `real-${zone}`,
  providerID: `aws:///us-west-2${zone}/i-0000000000000000${zone}`,
  internalIp: `10.0.${96 + index * 32}.10`,
  podCidr: `10.0.${100 + index * 32}.0/24`,
}));

/** What deploy/ holds, as `kubectl apply -k` brings it; returns when the API server serves the CRDs. */
export async function installDeploy(cluster: Cluster): Promise<void> {
  await cluster.kubectl(['apply', '-k', join(root, 'deploy', 'base')]);
  const crds = ['crd/ingressclassparams.elbv2.k8s.aws', 'crd/targetgroupbindings.elbv2.k8s.aws'];
  await cluster.kubectl(['wait', '--for=condition=Established', ...crds]);
}

export function startWorld(cluster: Cluster, hosts: readonly string[] = []): Promise<RealWorld> {
  return startRealWorld({
    kubeconfig: cluster.adminKubeconfig,
    clusterName,
    region: 'us-west-2',
    knobs: instantKnobs,
    hosts,
    log: createLog('silent'),
    print: (line) => {
      throw new Error(line);
    },
    signal: new AbortController().signal,
  });
}

/** The flags with which a controller finds this world, by name without dashes. */
export function worldFlags(world: RealWorld): Readonly<Record<string, string>> {
  const place = { endpoint: world.aws.url, vpcId: world.id('vpc'), clusterName, region: 'us-west-2' };
  return {
    ...Object.fromEntries(controllerFlags(place)),
    'leader-election-namespace': 'albatross-system',
  };
}

export async function startController(
  cluster: Cluster,
  world: RealWorld,
  more: Readonly<Record<string, string>> = {},
): Promise<InProcessController> {
  const kubeconfig =
    more['kubeconfig'] ?? (await cluster.serviceAccountKubeconfig('albatross-system', 'albatross'));
  const flags = { ...worldFlags(world), 'enable-leader-election': 'true', ...more, kubeconfig };
  const log = createLog(process.env['TEST_LOG'] === '1' ? 'debug' : 'silent');
  return startInProcess({ flags: new Map(Object.entries(flags)), kubeconfig: undefined, log, credentials });
}

/** Ids or addresses that are registered, and not draining, in the target group of a Service, sorted. */
export function targetsOf({ aws }: RealWorld, namespace: string, service: string): readonly string[] {
  const isWanted = (arn: string) => {
    const resource = tagsOf(aws.state, arn).get('ingress.k8s.aws/resource') ?? '';
    return resource.startsWith(`${namespace}/`) && resource.includes(`-${service}:`);
  };
  return [...aws.state.targetGroups.values()]
    .filter(({ arn }) => isWanted(arn))
    .flatMap(({ targets }) => [...targets.values()])
    .filter(({ deregisteredAt }) => deregisteredAt === undefined)
    .map(({ id }) => id)
    .toSorted();
}
