import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Tags } from '../../core/domain/desired-group.ts';
import type { HealthCheck } from '../../core/domain/group-model.ts';
import type { LoadBalancerArn, TargetGroupArn } from '../../core/domain/ids.ts';
import type { ObservedTargetGroup } from '../../core/domain/observed-group.ts';
import { allPages, describeKnown } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { isKind } from '../errors.ts';
import type { GroupResources } from '../../core/domain/observation.ts';
import { pageSize } from '../inventory.ts';
import { required } from '../wire/required.ts';
import { observedTags } from '../wire/tags.ts';
import type { Found } from '../handover.ts';

/** AWS documents no size for a list of target group ARNs; that of load balancers. */
const batchSize = 20;

/** Descriptions of those that exist. Above one batch, those of a load balancer are listed with it: one call for up to 400. */
export async function targetGroupsByArn(
  context: AwsContext,
  { loadBalancerArns, targetGroupArns }: GroupResources,
  { signal }: Signalled,
): Promise<readonly Found<TargetGroup>[]> {
  const handed = context.handover.takeTargetGroups(targetGroupArns);
  if (handed !== undefined) return handed;
  const wanted = new Set<string>(targetGroupArns);
  const listed =
    wanted.size <= batchSize
      ? []
      : (await Promise.all(loadBalancerArns.map((arn) => attachedTo(context, arn, { signal })))).flat();
  const attached = new Map(
    listed.flatMap((item) => (wanted.has(item.TargetGroupArn ?? '') ? [[item.TargetGroupArn, item]] : [])),
  );
  const rest = targetGroupArns.filter((arn) => !attached.has(arn));
  const described = await describeKnown(rest, batchSize, async (batch) => {
    const command = new DescribeTargetGroupsCommand({ TargetGroupArns: [...batch] });
    const { TargetGroups = [] } = await context.calls.elbv2(command, { signal });
    return TargetGroups;
  });
  return [...attached.values(), ...described].map((item) => ({ item, tags: undefined }));
}

async function attachedTo(
  { calls }: AwsContext,
  loadBalancer: LoadBalancerArn,
  { signal }: Signalled,
): Promise<readonly TargetGroup[]> {
  try {
    return await allPages(async (Marker) => {
      const command = new DescribeTargetGroupsCommand({
        LoadBalancerArn: loadBalancer,
        Marker,
        PageSize: pageSize,
      });
      const { TargetGroups: items, NextMarker: next } = await calls.elbv2(command, { signal });
      return { items, next };
    });
  } catch (error) {
    if (isKind(error, 'notFound')) return [];
    throw error;
  }
}

export async function targetGroupAttributes(
  { calls }: AwsContext,
  arn: TargetGroupArn,
  { signal }: Signalled,
): Promise<Tags> {
  const command = new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn });
  const { Attributes } = await calls.elbv2(command, { signal });
  return observedTags(Attributes);
}

export function observedTargetGroup(
  item: TargetGroup,
  {
    attributes,
    tags,
    targets,
  }: {
    readonly attributes: Tags | undefined;
    readonly tags: Tags;
    readonly targets: ObservedTargetGroup['targets'];
  },
): ObservedTargetGroup {
  return {
    arn: required(item.TargetGroupArn, 'TargetGroupArn') as TargetGroupArn,
    name: required(item.TargetGroupName, 'TargetGroupName'),
    targetType: item.TargetType ?? 'instance',
    port: item.Port ?? 0,
    protocol: item.Protocol ?? 'HTTP',
    protocolVersion: item.ProtocolVersion ?? 'HTTP1',
    ipAddressType: item.IpAddressType ?? 'ipv4',
    healthCheck: observedHealthCheck(item),
    attributes,
    tags,
    loadBalancerArns: (item.LoadBalancerArns ?? []).map((arn) => arn as LoadBalancerArn),
    targets,
  };
}

function observedHealthCheck(item: TargetGroup): HealthCheck {
  return {
    protocol: (item.HealthCheckProtocol ?? 'HTTP') as HealthCheck['protocol'],
    port: item.HealthCheckPort ?? 'traffic-port',
    path: item.HealthCheckPath ?? '/',
    intervalSeconds: item.HealthCheckIntervalSeconds ?? 0,
    timeoutSeconds: item.HealthCheckTimeoutSeconds ?? 0,
    healthyThreshold: item.HealthyThresholdCount ?? 0,
    unhealthyThreshold: item.UnhealthyThresholdCount ?? 0,
    successCodes: item.Matcher?.HttpCode ?? item.Matcher?.GrpcCode ?? '',
  };
}
