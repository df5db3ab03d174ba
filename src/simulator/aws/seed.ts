import { createHash } from 'node:crypto';
import { selfSigned } from './acm/self-signed.ts';
import { createTargetGroup } from './elbv2/target-groups.ts';
import { newSecurityGroup } from './ec2/security-groups.ts';
import { wish } from './ids.ts';
import { knobs } from './knobs.ts';
import type { CallContext } from './operation.ts';
import { arn, type AwsState } from './state.ts';
import { setTags } from './tags.ts';

type Tags = Readonly<Record<string, string>>;

/** What an account holds before anybody calls it. Names are placeholder names, such as `subnet/public-a`; ids are made from them. */
export type World = {
  readonly region: string;
  readonly account: string;
  readonly clusterName: string;
  readonly vpc: {
    readonly name: string;
    readonly cidr: string;
    readonly ipv6?: string;
    readonly tags?: Tags;
    readonly internetGateway?: string;
  };
  readonly routeTables?: Readonly<Record<string, { readonly routes: readonly string[] }>>;
  readonly subnets: readonly {
    readonly name: string;
    readonly zone: string;
    readonly cidr: string;
    readonly ipv6Index?: number;
    readonly routeTable?: string;
    readonly tags?: Tags;
  }[];
  readonly securityGroups?: readonly { readonly name: string; readonly tags?: Tags }[];
  readonly nodes?: readonly WorldNode[];
  /** Their ARNs sort in the order of this list. */
  readonly certificates?: readonly {
    readonly name: string;
    readonly subjectAlternativeNames: readonly string[];
    readonly keyAlgorithm?: string;
  }[];
  readonly webAcls?: readonly { readonly name: string; readonly aclName: string; readonly scope: string }[];
  readonly targetGroups?: readonly {
    readonly name: string;
    readonly targetGroupName: string;
    readonly targetType: string;
    readonly protocol: string;
    readonly port: number;
  }[];
  readonly trustStores?: readonly { readonly name: string; readonly trustStoreName: string }[];
  readonly elasticIps?: readonly string[];
};

export type WorldNode = {
  readonly name: string;
  readonly instance: string;
  readonly interface: string;
  readonly subnet: string;
  readonly securityGroups: readonly string[];
  readonly ip: string;
  /** `FIRST to LAST`: secondary addresses of the interface. */
  readonly podIps?: string;
  readonly tags?: Tags;
};

/** Fills an empty account; answers the id or ARN of each placeholder name. `now` is when everything was made. */
export function seedWorld(state: AwsState, world: World, now: number): ReadonlyMap<string, string> {
  // Seeded resources are older than any describe or tag lag.
  const context: CallContext = { state, knobs: knobs(), now: now - 86_400_000, isTargetUp: () => true };
  const names = new Map<string, string>();
  const seed: Seed = { world, context, names, id: (name) => names.get(name) ?? name };
  seedNetwork(seed);
  seedNodes(seed);
  seedCertificates(seed);
  seedRest(seed);
  return names;
}

type Seed = {
  readonly world: World;
  readonly context: CallContext;
  readonly names: Map<string, string>;
  readonly id: (name: string) => string;
};

/** Ids begin with 8 so that there is room to make ids that sort before and after them. */
const idFor = (prefix: string, name: string): string =>
  `${prefix}-8${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;

function name({ names, context }: Seed, placeholder: string, id: string, tags: Tags = {}): string {
  names.set(placeholder, id);
  setTags(context, id, new Map(Object.entries(tags)));
  return id;
}

function seedNetwork(seed: Seed): void {
  const { world, context } = seed;
  const { state } = context;
  const vpcId = name(seed, world.vpc.name, idFor('vpc', world.vpc.name), world.vpc.tags);
  const gateway = world.vpc.internetGateway ?? 'igw';
  state.internetGateways.set(name(seed, gateway, idFor('igw', gateway)), { id: seed.id(gateway), vpcId });
  const tables: NonNullable<World['routeTables']> = { main: { routes: ['local'] }, ...world.routeTables };
  for (const [table, { routes }] of Object.entries(tables)) {
    const id = name(seed, table, idFor('rtb', table));
    state.routeTables.set(id, {
      id,
      vpcId,
      routes: routes.map((route) => routeOf(route, seed)),
      associations: new Map(),
    });
  }
  const group = newSecurityGroup(
    { name: 'default', description: 'default VPC security group', vpcId },
    context,
  );
  const ipv6Cidr = world.vpc.ipv6 === undefined ? undefined : '2600:1f14:aaaa:bb00::/56';
  state.vpcs.set(vpcId, {
    id: vpcId,
    cidr: world.vpc.cidr,
    ipv6Cidr,
    mainRouteTableId: seed.id('main'),
    defaultSecurityGroupId: group.id,
  });
  for (const subnet of world.subnets) {
    const id = name(seed, subnet.name, idFor('subnet', subnet.name), subnet.tags);
    const letter = subnet.zone.charCodeAt(subnet.zone.length - 1) - 96;
    const ipv6 =
      ipv6Cidr === undefined || subnet.ipv6Index === undefined ? undefined : ipv6Subnet(subnet.ipv6Index);
    state.subnets.set(id, {
      id,
      vpcId,
      zone: subnet.zone,
      zoneId: `${world.region.replace(/^([a-z]+)-([a-z])[a-z]*-(\d+)$/, '$1$2$3')}-az${letter}`,
      cidr: subnet.cidr,
      ipv6Cidr: ipv6,
      outpostArn: undefined,
    });
    if (subnet.routeTable !== undefined) {
      state.routeTables.get(seed.id(subnet.routeTable))?.associations.set(idFor('rtbassoc', subnet.name), id);
    }
  }
  for (const item of world.securityGroups ?? []) seedSecurityGroup(item.name, item.tags, vpcId, seed);
}

/** The N-th /64 of the VPC's /56. */
const ipv6Subnet = (index: number): string => `2600:1f14:aaaa:bb${index.toString(16).padStart(2, '0')}::/64`;

/** `local`, or `DESTINATION TARGET`. */
function routeOf(route: string, seed: Seed): { destination: string; gatewayId: string } {
  const [destination = '', target] = route.split(' ');
  return target === undefined
    ? { destination: seed.world.vpc.cidr, gatewayId: 'local' }
    : { destination, gatewayId: seed.id(target) };
}

function seedSecurityGroup(placeholder: string, tags: Tags | undefined, vpcId: string, seed: Seed): void {
  const short = placeholder.replace(/^sg\//, '');
  wish(seed.context.state.ids, 'sg', idFor('sg', placeholder));
  const group = newSecurityGroup({ name: short, description: short, vpcId }, seed.context);
  name(seed, placeholder, group.id, tags);
}

function seedNodes(seed: Seed): void {
  const { world, context } = seed;
  const { state } = context;
  for (const node of world.nodes ?? []) {
    const id = name(seed, node.instance, idFor('i', node.instance), node.tags);
    const interfaceId = name(seed, node.interface, idFor('eni', node.interface));
    const subnetId = seed.id(node.subnet);
    state.networkInterfaces.set(interfaceId, {
      id: interfaceId,
      subnetId,
      description: '',
      interfaceType: 'interface',
      instanceId: id,
      loadBalancerArn: undefined,
      groupIds: node.securityGroups.map(seed.id),
      privateIps: [node.ip, ...addressRange(node.podIps)],
      ipv6Addresses: [],
      releaseAt: undefined,
    });
    state.instances.set(id, {
      id,
      subnetId,
      vpcId: seed.id(world.vpc.name),
      instanceType: 'm5.large',
      launchedAt: context.now,
      networkInterfaceIds: [interfaceId],
      state: 'running',
    });
  }
}

/** The addresses from the first to the last one; both must differ in their last part only. */
function addressRange(range: string | undefined): readonly string[] {
  const match = /^(\d+\.\d+\.\d+)\.(\d+) to \1\.(\d+)/.exec(range ?? '');
  if (match === null) return [];
  const [, network, first, last] = match;
  return Array.from(
    { length: Number(last) - Number(first) + 1 },
    (_, index) => `${network}.${Number(first) + index}`,
  );
}

function seedCertificates(seed: Seed): void {
  const { context, world } = seed;
  for (const [index, certificate] of (world.certificates ?? []).entries()) {
    const order = (index + 1).toString(16).padStart(8, '0');
    const id = arn(context.state, 'acm', `certificate/${order}-0000-4000-8000-000000000000`);
    const names = certificate.subjectAlternativeNames;
    context.state.certificates.set(name(seed, certificate.name, id), {
      arn: id,
      domainName: names[0] ?? '',
      names,
      type: 'IMPORTED',
      status: 'ISSUED',
      createdAt: context.now,
      keyAlgorithm: certificate.keyAlgorithm ?? 'EC_prime256v1',
      chainPem: undefined,
      ...selfSigned(names, context.now),
    });
  }
}

function seedRest(seed: Seed): void {
  const { context, world } = seed;
  const { state } = context;
  for (const { name: placeholder, aclName, scope } of world.webAcls ?? []) {
    const id = idFor('acl', placeholder).slice(4);
    const webAcl = { arn: arn(state, 'wafv2', `regional/webacl/${aclName}/${id}`), id, name: aclName, scope };
    state.webAcls.set(name(seed, placeholder, webAcl.arn), webAcl);
  }
  for (const { name: placeholder, targetGroupName, targetType, protocol, port } of world.targetGroups ?? []) {
    const input = {
      Name: targetGroupName,
      TargetType: targetType,
      Protocol: protocol,
      Port: port,
      VpcId: seed.id(world.vpc.name),
    };
    const made = createTargetGroup(input as Parameters<typeof createTargetGroup>[0], context);
    name(seed, placeholder, made.TargetGroups?.[0]?.TargetGroupArn ?? '');
  }
  for (const { name: placeholder, trustStoreName } of world.trustStores ?? []) {
    const id = arn(
      state,
      'elasticloadbalancing',
      `truststore/${trustStoreName}/${idFor('ts', placeholder).slice(3, 19)}`,
    );
    state.trustStores.set(name(seed, placeholder, id), {
      arn: id,
      name: trustStoreName,
      createdAt: context.now,
      caCertificates: 1,
    });
  }
  for (const [index, placeholder] of (world.elasticIps ?? []).entries()) {
    const allocationId = name(seed, placeholder, idFor('eipalloc', placeholder));
    state.addresses.set(allocationId, { allocationId, publicIp: `203.0.113.${index + 1}` });
  }
}
