// What a plan without AWS takes for granted: everything that the manifests name exists, and the VPC is an ordinary one.

import * as z from 'zod';
import type { CoreConfig } from '../core/domain/config.ts';
import type {
  CertificateFact,
  Facts,
  FactsQuery,
  SecurityGroupFact,
  SubnetFact,
} from '../core/domain/facts.ts';
import type { GroupModel } from '../core/domain/group-model.ts';
import type { CertificateArn, SecurityGroupId, SubnetId, TargetGroupArn, VpcId } from '../core/domain/ids.ts';
import { partitionOf } from '../core/domain/partition.ts';
import { UserError } from './user-error.ts';

const strings = z.array(z.string());
const tags = z.record(z.string(), z.string()).default({});

/** A target group of somebody else's by its name: its ARN, or all that a TargetGroupBinding has to know of it. */
const targetGroup = z.strictObject({
  arn: z.string().optional(),
  targetType: z.enum(['instance', 'ip', 'lambda', 'alb']).optional(),
  protocol: z.string().optional(),
  ipAddressType: z.enum(['ipv4', 'ipv6']).optional(),
  vpcId: z.string().optional(),
  targets: z
    .array(
      z.strictObject({
        id: z.string(),
        port: z.number(),
        state: z
          .enum(['initial', 'healthy', 'unhealthy', 'unused', 'draining', 'unavailable'])
          .default('healthy'),
      }),
    )
    .optional(),
});

/** What `--facts` may say; what it leaves out is assumed. */
const factsFile = z.strictObject({
  vpc: z.strictObject({ id: z.string(), cidrs: strings, ipv6Cidrs: strings.default([]) }).optional(),
  subnets: z
    .array(
      z.strictObject({
        id: z.string(),
        availabilityZone: z.string(),
        cidr: z.string(),
        ipv6Cidrs: strings.default([]),
        availableIpCount: z.number().default(1000),
        tags,
        routesToInternet: z.boolean().optional(),
      }),
    )
    .optional(),
  securityGroups: z.array(z.strictObject({ id: z.string(), name: z.string(), tags })).optional(),
  certificates: z.array(z.strictObject({ arn: z.string(), domains: strings })).optional(),
  targetGroups: z.record(z.string(), z.union([z.string(), targetGroup])).optional(),
  trustStores: z.record(z.string(), z.string()).optional(),
});
export type GivenFacts = z.infer<typeof factsFile>;

/** Reads the text of a facts file; every mistake of it is in one message. */
export function parseFacts(file: string, text: string): GivenFacts {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const why = text.trim() === '' ? 'it is empty' : error instanceof Error ? error.message : String(error);
    throw new UserError(
      `--facts “${file}” is not JSON: ${why}; it may say ${Object.keys(factsFile.shape).join(', ')}`,
      2,
    );
  }
  const parsed = factsFile.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UserError(`${file} cannot be used as facts:\n${z.prettifyError(parsed.error)}`);
}

/** Facts for one group from the file, and assumptions for the rest, each with a line that says so. */
export function assumedFacts(
  model: GroupModel,
  query: FactsQuery,
  { given, config }: { readonly given: GivenFacts; readonly config: CoreConfig },
): { readonly facts: Facts; readonly assumptions: readonly string[] } {
  const assumptions: string[] = [];
  const assume = <T>(wanted: boolean, line: string, value: T, nothing: T): T => {
    if (!wanted) return nothing;
    assumptions.push(line);
    return value;
  };
  const subnets = given.subnets?.map(subnetOf);
  const certificates = given.certificates?.map(certificateOf);
  const discovered = [
    ...new Set(
      model.listeners.flatMap((listener) => listener.discoverCertificatesFor.map(({ host }) => host)),
    ),
  ];
  const facts: Facts = {
    vpc:
      given.vpc === undefined
        ? assume(query.vpc, 'the VPC has the addresses 10.0.0.0/16', vpc(config, ['10.0.0.0/16']), undefined)
        : { ...given.vpc, id: given.vpc.id as VpcId },
    subnets:
      subnets ??
      assume(
        query.subnets !== 'none',
        'there are tagged public and private subnets in three zones, and those named',
        assumedSubnets(model, config),
        [],
      ),
    securityGroups:
      given.securityGroups?.map(securityGroupOf) ??
      assume(
        query.securityGroups,
        'the security groups that are named exist',
        namedSecurityGroups(model),
        [],
      ),
    certificates:
      certificates ??
      assume(
        discovered.length > 0,
        `ACM has a certificate for each of ${discovered.join(', ')}`,
        discovered.map((host) => assumedCertificate(host, config)),
        [],
      ),
    quotas: [],
    targetGroupsByName: new Map(
      query.targetGroupNames.map((name) => [
        name,
        (givenTargetGroup(given, name)?.arn ?? targetGroupArn(config, name)) as TargetGroupArn,
      ]),
    ),
    trustStoresByName: new Map(
      query.trustStoreNames.map((name) => [
        name,
        given.trustStores?.[name] ?? arn(config, `truststore/${name}/0000000000000000`),
      ]),
    ),
    webAclsByName: new Map(
      query.webAclNames.map((name) => [
        name,
        arn(config, `regional/webacl/${name}/00000000-0000-0000-0000-000000000000`, 'wafv2'),
      ]),
    ),
    shieldActive: query.shield,
  };
  assumptions.push(
    ...namesTaken('target group', query.targetGroupNames, given.targetGroups),
    ...namesTaken('trust store', query.trustStoreNames, given.trustStores),
    ...namesTaken('web ACL', query.webAclNames),
  );
  return { facts, assumptions };
}

/** What the file says of a target group; undefined: nothing. */
export function givenTargetGroup(
  { targetGroups }: GivenFacts,
  name: string,
): z.infer<typeof targetGroup> | undefined {
  const said = targetGroups?.[name];
  return typeof said === 'string' ? { arn: said } : said;
}

export const targetGroupArn = (config: CoreConfig, name: string): string =>
  arn(config, `targetgroup/${name}/0000000000000000`);

/** A line for each thing that is found by its name in AWS and that nobody gave. */
const namesTaken = (
  what: string,
  names: readonly string[],
  given: Readonly<Record<string, unknown>> = {},
): readonly string[] =>
  names.filter((name) => given[name] === undefined).map((name) => `the ${what} ${name} exists`);

const arn = ({ region }: CoreConfig, resource: string, service = 'elasticloadbalancing'): string =>
  `arn:${partitionOf(region)}:${service}:${region}:000000000000:${resource}`;

const vpc = ({ vpcId }: CoreConfig, cidrs: readonly string[]): Facts['vpc'] => ({
  id: vpcId as VpcId,
  cidrs,
  ipv6Cidrs: ['fd00::/56'],
});

type Given<Key extends 'subnets' | 'securityGroups' | 'certificates'> = NonNullable<GivenFacts[Key]>[number];

const subnetOf = (subnet: Given<'subnets'>): SubnetFact => ({
  ...subnet,
  id: subnet.id as SubnetId,
  locale: 'availability-zone',
  routesToInternet: subnet.routesToInternet,
});
const securityGroupOf = (group: Given<'securityGroups'>): SecurityGroupFact => ({
  ...group,
  id: group.id as SecurityGroupId,
});
const certificateOf = ({ arn: id, domains }: Given<'certificates'>): CertificateFact => ({
  arn: id as CertificateArn,
  domains,
  status: 'ISSUED',
  certificateAuthorityArn: undefined,
  notAfter: undefined,
});

const zones = ['a', 'b', 'c'];

function assumedSubnets(model: GroupModel, config: CoreConfig): readonly SubnetFact[] {
  const role = { public: 'kubernetes.io/role/elb', private: 'kubernetes.io/role/internal-elb' } as const;
  const tagged = (['public', 'private'] as const).flatMap((kind) =>
    zones.map((zone, index) =>
      subnet(`subnet-${kind}-${zone}`, {
        zone,
        config,
        index,
        tags: { [role[kind]]: '1' },
        isPublic: kind === 'public',
      }),
    ),
  );
  const selection = model.loadBalancer.subnets;
  const isPublic = model.loadBalancer.scheme === 'internet-facing';
  if (selection.kind === 'discover') return tagged;
  if (selection.kind === 'named') {
    return selection.idsOrNames.map((name, index) =>
      subnet(name.startsWith('subnet-') ? name : `subnet-${name}`, {
        zone: zones[index % 3] ?? 'a',
        config,
        index,
        tags: { Name: name },
        isPublic,
      }),
    );
  }
  const wanted = Object.fromEntries(
    Object.entries(selection.tags).map(([key, values]) => [key, values[0] ?? '']),
  );
  return zones.map((zone, index) =>
    subnet(`subnet-tagged-${zone}`, { zone, config, index, tags: wanted, isPublic }),
  );
}

function subnet(
  id: string,
  input: {
    readonly zone: string;
    readonly config: CoreConfig;
    readonly index: number;
    readonly tags: Readonly<Record<string, string>>;
    readonly isPublic: boolean;
  },
): SubnetFact {
  return {
    id: id as SubnetId,
    availabilityZone: `${input.config.region}${input.zone}`,
    locale: 'availability-zone',
    cidr: `10.0.${input.index * 32}.0/19`,
    ipv6Cidrs: [`fd00:0:0:${input.index}::/64`],
    availableIpCount: 8000,
    tags: { ...input.tags, [`kubernetes.io/cluster/${input.config.clusterName}`]: 'shared' },
    routesToInternet: input.isPublic,
  };
}

function namedSecurityGroups({ loadBalancer: { securityGroups } }: GroupModel): readonly SecurityGroupFact[] {
  if (securityGroups.kind !== 'given') return [];
  return securityGroups.idsOrNames.map((name) => ({
    id: (name.startsWith('sg-') ? name : `sg-${name}`) as SecurityGroupId,
    name,
    tags: { Name: name },
  }));
}

function assumedCertificate(host: string, config: CoreConfig): CertificateFact {
  return {
    arn: arn(config, `certificate/${host.replace('*', 'wildcard')}`, 'acm') as CertificateArn,
    domains: [host],
    status: 'ISSUED',
    certificateAuthorityArn: undefined,
    notAfter: undefined,
  };
}
