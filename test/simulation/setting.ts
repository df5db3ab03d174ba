// Where every run takes place: the account, the cluster's name, and the controller's options.

import { type Config, loadConfig } from '../../src/config/load.ts';
import type { Policy } from '../../src/core/domain/config.ts';
import { defaultWorld } from '../../src/simulator/aws/default-world.ts';
import type { Scenario } from './scenario.ts';

export const clusterName = 'demo-cluster';
export const region = 'us-west-2';
const small = defaultWorld({
  region,
  clusterName,
  certificates: [['*.example.com'], ['one.example.com', 'two.example.com']],
});
/** With what its users made: a security group for load balancers, and target groups of their own. */
export const world = {
  ...small,
  securityGroups: [...(small.securityGroups ?? []), { name: 'sg/front' }],
  targetGroups: (['ip', 'instance'] as const).map((targetType) => ({
    name: `tg/bound-${targetType}`,
    targetGroupName: `bound-${targetType}`,
    targetType,
    protocol: 'HTTP',
    port: 80,
  })),
};

export function configFor(
  vpcId: string,
  compatibility: Policy['compatibility'],
  options: Scenario['options'] = {},
): Config {
  const flags = new Map([
    ['cluster-name', clusterName],
    ['aws-region', region],
    ['aws-vpc-id', vpcId],
    ['compatibility', compatibility],
    ...Object.entries(options),
  ]);
  const loaded = loadConfig({ flags, env: {} });
  if (loaded.kind === 'mistakes') throw new Error(JSON.stringify(loaded.mistakes));
  return loaded.config;
}
