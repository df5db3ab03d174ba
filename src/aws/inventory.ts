// What of the account is ours, by group: read once at start-up, and whenever leftovers are looked for.

import { DescribeSecurityGroupsCommand, type SecurityGroup } from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  type LoadBalancer,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { clusterUidTag } from '../core/domain/cluster-uid.ts';
import type { Tags } from '../core/domain/desired-group.ts';
import type { RegionUse } from '../core/domain/facts.ts';
import type {
  CertificateArn,
  GroupKey,
  LoadBalancerArn,
  SecurityGroupId,
  TargetGroupArn,
} from '../core/domain/ids.ts';
import type { Inventory } from '../core/domain/observation.ts';
import { allPages } from './batches.ts';
import { certificateSummaries } from './certificates/list.ts';
import type { AwsContext, Signalled } from './context.ts';
import type { Described } from './handover.ts';
import { taggedResources } from './tagging-api.ts';
import { observedTags } from './wire/tags.ts';

/** Tracking tags (albc-behaviour §5.3): the cluster is on everything, the stack on everything of a group. */
export const clusterTag = 'elbv2.k8s.aws/cluster';
const stackTag = 'ingress.k8s.aws/stack';
/** ALBC's other stacks (`service.k8s.aws/stack`: a Service's NLB): not ours to keep, but rules on nodes may be theirs. */
const anyStackTag = /(^|\.)k8s\.aws\/stack$/;

/** Largest page of ELBv2's listings. */
export const pageSize = 400;

/**
 * Load balancers, target groups and security groups of our VPC that carry our cluster's tag, by the group in their stack tag.
 * Stacks that are no Ingress group have a key that no group can have, so they are orphans: nobody writes to them, and the
 * rules that they may share are not taken away.
 * Costs a call for each 400 load balancers and 400 target groups of the account, one for each 20 of those that may be ours,
 * and one for the security groups. The tagging API answers for the tags of 100 of ours at a time, whatever else the account has,
 * and for those of listeners and rules, which the first observations would read. Where certificates are made, one more call lists
 * them, and one each, once, tells whose they are. ARNs and ids are in AWS's order.
 */
export async function inventory(context: AwsContext, { signal }: Signalled): Promise<Inventory> {
  const cluster = { key: clusterTag, value: context.clusterName };
  const [loadBalancerList, targetGroupList, securityGroups, tagged, certificates] = await Promise.all([
    listLoadBalancers(context, { signal }),
    listTargetGroups(context, { signal }),
    listSecurityGroups(context, { signal }),
    context.byTaggingApi ? taggedResources(context, cluster, { signal }) : undefined,
    listCertificates(context, { signal }),
  ]);
  const allLoadBalancers = loadBalancerList.ofVpc;
  const allTargetGroups = targetGroupList.ofVpc;
  const arns = [
    ...allLoadBalancers.map((one) => one.LoadBalancerArn ?? ''),
    ...allTargetGroups.map((one) => one.TargetGroupArn ?? ''),
  ];
  const tags = tagged ?? (await context.tags.read(arns, { signal }));
  const isOurs = ({ tags: its }: Described<unknown>): boolean =>
    its[clusterTag] === context.clusterName && stackOf(its) !== undefined;
  const described = <Item>(items: readonly Item[], arnOf: (item: Item) => string | undefined) =>
    items.map((item) => ({ item, tags: tags.get(arnOf(item) ?? '') ?? {} })).filter(isOurs);
  const loadBalancers = described(allLoadBalancers, (one) => one.LoadBalancerArn);
  const targetGroups = described(allTargetGroups, (one) => one.TargetGroupArn);
  context.regionCount.counted({
    ...loadBalancerList.inRegion,
    targetGroups: targetGroupList.inRegion,
  });
  context.handover.fill({ loadBalancers, targetGroups, securityGroups, tags: tagged });
  const taggedGroups = securityGroups.map((item) => ({ item, tags: observedTags(item.Tags) }));
  const own = new Set(loadBalancers.map(({ item }) => item));
  context.othersGroups.noted([
    ...allLoadBalancers.flatMap((one) => (own.has(one) ? [] : (one.SecurityGroups ?? []))),
    ...taggedGroups.flatMap(({ item, tags: its }) =>
      its[clusterTag] === context.clusterName && context.isOthers(its) ? [item.GroupId ?? ''] : [],
    ),
  ]);
  return byGroup(
    {
      loadBalancers,
      targetGroups,
      securityGroups: taggedGroups.filter(isOurs),
      certificates: certificates.filter(isOurs),
    },
    context,
  );
}

function stackOf(tags: Tags): string | undefined {
  if (tags[stackTag] !== undefined) return tags[stackTag];
  const other = Object.keys(tags).find((key) => anyStackTag.test(key));
  return other === undefined ? undefined : `${other}=${tags[other]}`;
}

function byGroup(
  found: {
    readonly loadBalancers: readonly Described<LoadBalancer>[];
    readonly targetGroups: readonly Described<TargetGroup>[];
    readonly securityGroups: readonly Described<SecurityGroup>[];
    readonly certificates: readonly Described<CertificateArn>[];
  },
  { isOthers }: Pick<AwsContext, 'isOthers'>,
): Inventory {
  const keyOf = ({ tags }: { readonly tags: Tags }): GroupKey => stackOf(tags) as GroupKey;
  const loadBalancers = Map.groupBy(found.loadBalancers, keyOf);
  const targetGroups = Map.groupBy(found.targetGroups, keyOf);
  const securityGroups = Map.groupBy(found.securityGroups, keyOf);
  const certificates = Map.groupBy(found.certificates, keyOf);
  const all: readonly { readonly tags: Tags }[] = Object.values(found).flat();
  const own = new Set(all.filter(({ tags }) => !isOthers(tags)).map(keyOf));
  const isClaimed = (tags: Tags): boolean => tags[clusterUidTag] !== undefined && !isOthers(tags);
  const unclaimed = new Set(all.filter(({ tags }) => !isClaimed(tags)).map(keyOf));
  const keys = new Set([
    ...loadBalancers.keys(),
    ...targetGroups.keys(),
    ...securityGroups.keys(),
    ...certificates.keys(),
  ]);
  return new Map(
    [...keys].toSorted().map((key) => [
      key,
      {
        loadBalancerArns: (loadBalancers.get(key) ?? []).map(
          ({ item }) => item.LoadBalancerArn as LoadBalancerArn,
        ),
        targetGroupArns: (targetGroups.get(key) ?? []).map(
          ({ item }) => item.TargetGroupArn as TargetGroupArn,
        ),
        securityGroupIds: (securityGroups.get(key) ?? []).map(({ item }) => item.GroupId as SecurityGroupId),
        certificateArns: (certificates.get(key) ?? []).map(({ item }) => item),
        ...(own.has(key) ? {} : { others: true }),
        ...(unclaimed.has(key) ? {} : { claimed: true }),
      },
    ]),
  );
}

/** None where none are made: nobody pays for what is off. */
async function listCertificates(
  context: AwsContext,
  { signal }: Signalled,
): Promise<readonly Described<CertificateArn>[]> {
  if (context.certificateOwners === undefined) return [];
  const summaries = await certificateSummaries(context, {}, { signal });
  const owners = await context.certificateOwners.read(summaries, { signal });
  return [...owners].map(([arn, tags]) => ({ item: arn as CertificateArn, tags }));
}

async function listLoadBalancers(
  { calls, vpcId }: AwsContext,
  { signal }: Signalled,
): Promise<{ readonly ofVpc: readonly LoadBalancer[]; readonly inRegion: Omit<RegionUse, 'targetGroups'> }> {
  const all = await allPages(async (Marker) => {
    const command = new DescribeLoadBalancersCommand({ Marker, PageSize: pageSize });
    const { LoadBalancers: items, NextMarker: next } = await calls.elbv2(command, { signal });
    return { items, next };
  });
  const isOfUse = ({ VpcId, Type }: LoadBalancer): boolean =>
    VpcId === vpcId && (Type === 'application' || Type === 'network');
  const count = (type: LoadBalancer['Type']): number => all.filter(({ Type }) => Type === type).length;
  const inRegion = { loadBalancers: count('application'), networkLoadBalancers: count('network') };
  return { ofVpc: all.filter(isOfUse), inRegion };
}

/** Only those whose names begin as ours do (albc-behaviour §5.1): the tags of others need not be read. */
async function listTargetGroups(
  { calls, vpcId }: AwsContext,
  { signal }: Signalled,
): Promise<{ readonly ofVpc: readonly TargetGroup[]; readonly inRegion: number }> {
  const all = await allPages(async (Marker) => {
    const command = new DescribeTargetGroupsCommand({ Marker, PageSize: pageSize });
    const { TargetGroups: items, NextMarker: next } = await calls.elbv2(command, { signal });
    return { items, next };
  });
  const ofVpc = all.filter(
    ({ VpcId, TargetGroupName }) => VpcId === vpcId && TargetGroupName?.startsWith('k8s-') === true,
  );
  return { ofVpc, inRegion: all.length };
}

/**
 * Our cluster's groups: those with our tag on every load balancer, the shared backend group, and the groups of nodes, which
 * carry `kubernetes.io/cluster/<name>`. The network loop needs them all, so both ask this one question.
 */
export function listSecurityGroups(
  { calls, vpcId, clusterName }: AwsContext,
  { signal }: Signalled,
): Promise<readonly SecurityGroup[]> {
  return allPages(async (NextToken) => {
    const command = new DescribeSecurityGroupsCommand({
      NextToken,
      MaxResults: 1000,
      Filters: [
        { Name: 'vpc-id', Values: [vpcId] },
        { Name: 'tag-key', Values: [clusterTag, `kubernetes.io/cluster/${clusterName}`] },
      ],
    });
    const { SecurityGroups: items, NextToken: next } = await calls.ec2(command, { signal });
    return { items, next };
  });
}
