import { DescribeInstancesCommand, DescribeVpcsCommand, type Vpc } from '@aws-sdk/client-ec2';
import type { VpcFact } from '../../core/domain/facts.ts';
import type { VpcId } from '../../core/domain/ids.ts';
import { allPages } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { isKind, refused } from '../errors.ts';
import type { InstanceMetadata } from '../instance-metadata.ts';
import type { Calls } from '../ports.ts';

const action = 'ec2:DescribeVpcs';

/** The VPC with its associated address ranges. Throws `invalid` when there is no such VPC in the region. */
export async function vpc({ calls, vpcId }: AwsContext, { signal }: Signalled): Promise<VpcFact> {
  const [found] = await describe(calls, { VpcIds: [vpcId] }, { signal });
  if (found === undefined) throw noVpc(vpcId);
  const { CidrBlockAssociationSet = [], Ipv6CidrBlockAssociationSet = [] } = found;
  const ipv4 = CidrBlockAssociationSet.filter(({ CidrBlockState }) => CidrBlockState?.State === 'associated');
  const ipv6 = Ipv6CidrBlockAssociationSet.filter(
    ({ Ipv6CidrBlockState }) => Ipv6CidrBlockState?.State === 'associated',
  );
  return {
    id: vpcId as VpcId,
    cidrs: ipv4.map(({ CidrBlock = '' }) => CidrBlock),
    ipv6Cidrs: ipv6.map(({ Ipv6CidrBlock = '' }) => Ipv6CidrBlock),
  };
}

export type WhereToLook = {
  /** `--aws-vpc-id`; '' or undefined: not given. */
  readonly vpcId: string | undefined;
  /** `--aws-vpc-tags`. */
  readonly tags: Readonly<Record<string, string>>;
  readonly metadata: Pick<InstanceMetadata, 'vpcId'>;
  /** EC2 instances that are nodes of the cluster, the one that we run on first. */
  readonly instanceIds: readonly string[];
};

/**
 * The VPC to work in: the given id, the one VPC that carries all of the tags, that of the instance that we run on, or that of a
 * node of the cluster; the first of these that is known (albc-behaviour §9.1).
 * Throws `invalid` with the flag to set when none leads to exactly one.
 */
export async function findVpcId(
  calls: Pick<Calls, 'ec2'>,
  { vpcId, tags, metadata, instanceIds }: WhereToLook,
  { signal }: Signalled,
): Promise<VpcId> {
  if (vpcId !== undefined && vpcId !== '') return vpcId as VpcId;
  if (Object.keys(tags).length > 0) return taggedVpc(calls, tags, { signal });
  const told = await metadata.vpcId({ signal });
  if ('value' in told) return told.value as VpcId;
  const [instance] = instanceIds;
  const ofNode = instance === undefined ? undefined : await vpcOfInstance(calls, instance, { signal });
  if (ofNode !== undefined) return ofNode;
  const nodes =
    instance === undefined ? 'no node has the providerID of an instance' : `${instance} does not exist`;
  throw invalid(
    `the VPC of the cluster is not known: ${told.why}, and ${nodes}; set --aws-vpc-id, or --aws-vpc-tags to tags that only this VPC carries`,
  );
}

async function taggedVpc(
  calls: Pick<Calls, 'ec2'>,
  given: Readonly<Record<string, string>>,
  { signal }: Signalled,
): Promise<VpcId> {
  const tags = Object.entries(given);
  const Filters = tags.map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] }));
  const found = await describe(calls, { Filters }, { signal });
  const text = tags.map(([key, value]) => `${key}=${value}`).join(',');
  const [only, second] = found;
  if (only?.VpcId === undefined)
    throw invalid(`no VPC in this region carries the tags of --aws-vpc-tags=${text}; set --aws-vpc-id`);
  if (second !== undefined) {
    const ids = found.map(({ VpcId }) => VpcId).join(', ');
    throw invalid(
      `${found.length} VPCs carry the tags of --aws-vpc-tags=${text} (${ids}); set --aws-vpc-id to one of them`,
    );
  }
  return only.VpcId as VpcId;
}

async function vpcOfInstance(
  calls: Pick<Calls, 'ec2'>,
  instance: string,
  { signal }: Signalled,
): Promise<VpcId | undefined> {
  try {
    const command = new DescribeInstancesCommand({ InstanceIds: [instance] });
    const { Reservations = [] } = await calls.ec2(command, { signal });
    return Reservations[0]?.Instances?.[0]?.VpcId as VpcId | undefined;
  } catch (error) {
    if (isKind(error, 'notFound')) return undefined;
    throw error;
  }
}

async function describe(
  calls: Pick<Calls, 'ec2'>,
  query: { readonly VpcIds?: string[]; readonly Filters?: { Name: string; Values: string[] }[] },
  { signal }: Signalled,
): Promise<readonly Vpc[]> {
  try {
    return await allPages(async (NextToken) => {
      const { Vpcs: items, NextToken: next } = await calls.ec2(
        new DescribeVpcsCommand({ ...query, NextToken }),
        { signal },
      );
      return { items, next };
    });
  } catch (error) {
    if (isKind(error, 'notFound')) return [];
    throw error;
  }
}

const noVpc = (vpcId: string) =>
  invalid(`VPC ${vpcId} does not exist in this region; check --aws-vpc-id and --aws-region`);

const invalid = (message: string) => refused('invalid', { code: 'VpcNotFound', action, message });
