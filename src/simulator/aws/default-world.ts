import type { World, WorldNode } from './seed.ts';

const zones = ['a', 'b', 'c'] as const;

/**
 * A small cluster's account: a VPC with three public and three private subnets, tagged for load balancers as eksctl does, three
 * running nodes with addresses for pods, and a certificate for each list of host names.
 */
export function defaultWorld(options: {
  readonly region?: string;
  readonly account?: string;
  readonly clusterName: string;
  readonly certificates?: readonly (readonly string[])[];
}): World {
  const { region = 'us-west-2', account = '123456789012', clusterName, certificates = [] } = options;
  const clusterTag = `kubernetes.io/cluster/${clusterName}`;
  const subnet = (kind: 'public' | 'private', index: number): World['subnets'][number] => ({
    name: `subnet/${kind}-${zones[index]}`,
    zone: `${region}${zones[index]}`,
    cidr: `10.0.${(kind === 'public' ? 0 : 96) + index * 32}.0/19`,
    ipv6Index: index + (kind === 'public' ? 0 : 3),
    routeTable: `rtb/${kind}`,
    tags: {
      Name: `${kind}-${zones[index]}`,
      [kind === 'public' ? 'kubernetes.io/role/elb' : 'kubernetes.io/role/internal-elb']: '1',
      [clusterTag]: 'shared',
    },
  });
  return {
    region,
    account,
    clusterName,
    vpc: {
      name: 'vpc',
      cidr: '10.0.0.0/16',
      ipv6: 'one /56',
      tags: { Name: clusterName },
      internetGateway: 'igw',
    },
    routeTables: {
      main: { routes: ['local'] },
      'rtb/public': { routes: ['local', '0.0.0.0/0 igw'] },
      'rtb/private': { routes: ['local'] },
    },
    subnets: (['public', 'private'] as const).flatMap((kind) => zones.map((_, index) => subnet(kind, index))),
    securityGroups: [{ name: 'sg/nodes', tags: { Name: 'nodes', [clusterTag]: 'owned' } }],
    nodes: zones.map((zone, index) => node(zone, 96 + index * 32, clusterTag)),
    certificates: certificates.map((names) => ({
      name: `cert/${names[0] ?? ''}`,
      subjectAlternativeNames: names,
    })),
  };
}

const node = (zone: string, third: number, clusterTag: string): WorldNode => ({
  name: `node-${zone}`,
  instance: `instance/node-${zone}`,
  interface: `eni/node-${zone}`,
  subnet: `subnet/private-${zone}`,
  securityGroups: ['sg/nodes'],
  ip: `10.0.${third}.10`,
  podIps: `10.0.${third}.20 to 10.0.${third}.249`,
  tags: { Name: `node-${zone}`, [clusterTag]: 'owned' },
});
