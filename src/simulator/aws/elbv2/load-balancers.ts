import type {
  CreateLoadBalancerInput,
  CreateLoadBalancerOutput,
  DeleteLoadBalancerInput,
  DescribeLoadBalancersInput,
  DescribeLoadBalancersOutput,
  LoadBalancer as SdkLoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedError, validationError } from '../errors.ts';
import { elbId, hex } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import { arn, type LoadBalancer } from '../state.ts';
import { mergedTags, setTags, tagsOf } from '../tags.ts';
import { elbPage } from './paging.ts';
import { attachInterfaces, releaseInterfaces } from './interfaces.ts';
import { removeListener } from './listeners.ts';
import { newLoadBalancerAttributes } from './load-balancer-attributes.ts';
import { findLoadBalancer, listenersOf, loadBalancerState, visible } from './lookup.ts';
import { checkName } from './names.ts';
import { targetGroupWith } from './alb-targets.ts';
import { chooseSecurityGroups, chooseSubnets, type Placement } from './placement.ts';

type Type = LoadBalancer['type'];

const addressTypes = ['ipv4', 'dualstack', 'dualstack-without-public-ipv4'];

/** Creates a load balancer, or returns the one of that name when it was created with the same settings. */
export function createLoadBalancer(
  input: CreateLoadBalancerInput,
  context: CallContext,
): CreateLoadBalancerOutput {
  const { state, knobs } = context;
  const name = checkName(input.Name, 'Load balancer');
  if (name.startsWith('internal-'))
    throw validationError(`Load balancer name '${name}' cannot start with 'internal-'`);
  const type = checkType(input.Type ?? 'application');
  const scheme = checkScheme(input);
  const ipAddressType = checkAddressType(input.IpAddressType ?? 'ipv4');
  const tags = mergedTags(context, name, input.Tags ?? []);
  const placement = chooseSubnets(input, { type, scheme }, context);
  const wanted = {
    ...input,
    name,
    type,
    scheme,
    placement,
    securityGroupIds: chooseSecurityGroups(input.SecurityGroups, { vpcId: placement.vpcId, type }, context),
  };
  const existing = [...state.loadBalancers.values()].find((other) => other.name === name);
  if (existing !== undefined)
    return { LoadBalancers: [renderLoadBalancer(sameOrDuplicate(existing, wanted, context), context)] };
  const siblings = [...state.loadBalancers.values()].filter((other) => other.type === type).length;
  if (siblings >= knobs.quotas[`${type}-load-balancers`]) {
    throw new SimulatedError('TooManyLoadBalancers', 'The maximum number of load balancers has been reached');
  }
  const id = elbId(state.ids);
  const loadBalancer: LoadBalancer = {
    arn: arn(
      state,
      'elasticloadbalancing',
      `loadbalancer/${type === 'network' ? 'net' : 'app'}/${name}/${id}`,
    ),
    name,
    type,
    dnsName: dnsName(name, scheme, context),
    createdAt: context.now,
    scheme,
    vpcId: placement.vpcId,
    customerOwnedIpv4Pool: input.CustomerOwnedIpv4Pool,
    ipAddressType,
    ipv4IpamPoolId: input.IpamPools?.Ipv4IpamPoolId,
    ...placed(placement),
    securityGroupIds: wanted.securityGroupIds,
    attributes: newLoadBalancerAttributes(type, scheme),
    capacityUnits: undefined,
    capacityChangedAt: context.now,
  };
  attachInterfaces(loadBalancer, context);
  state.loadBalancers.set(loadBalancer.arn, loadBalancer);
  setTags(context, loadBalancer.arn, tags);
  return { LoadBalancers: [renderLoadBalancer(loadBalancer, context)] };
}

const placed = ({ subnetIds, allocationIds }: Placement) => ({ subnetIds, allocationIds });

function checkType(type: string): Type {
  if (type === 'application' || type === 'network') return type;
  throw validationError(`Load balancer type '${type}' is not simulated; 'application' and 'network' are`);
}

function checkScheme(input: CreateLoadBalancerInput): LoadBalancer['scheme'] {
  const scheme = input.Scheme ?? 'internet-facing';
  if (scheme !== 'internal' && scheme !== 'internet-facing') {
    throw new SimulatedError('InvalidScheme', `Scheme '${scheme}' must be 'internal' or 'internet-facing'`);
  }
  return scheme;
}

export function checkAddressType(type: string): string {
  if (addressTypes.includes(type)) return type;
  throw validationError(`IP address type '${type}' must be one of ${addressTypes.join(', ')}`);
}

type Wanted = CreateLoadBalancerInput & {
  readonly type: Type;
  readonly scheme: string;
  readonly placement: Placement;
  readonly securityGroupIds: readonly string[];
};

function sameOrDuplicate(existing: LoadBalancer, wanted: Wanted, { state }: CallContext): LoadBalancer {
  const tags = tagsOf(state, existing.arn);
  const same =
    existing.type === wanted.type &&
    existing.scheme === wanted.scheme &&
    existing.ipAddressType === (wanted.IpAddressType ?? 'ipv4') &&
    sameSet(existing.subnetIds, wanted.placement.subnetIds) &&
    sameSet(existing.securityGroupIds, wanted.securityGroupIds) &&
    (wanted.Tags ?? []).every(({ Key = '', Value = '' }) => tags.get(Key) === Value);
  if (same) return existing;
  const message = `A load balancer with the same name '${existing.name}' exists, but with different settings`;
  throw new SimulatedError('DuplicateLoadBalancerName', message);
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item) => b.includes(item));

function dnsName(name: string, scheme: string, { state }: CallContext): string {
  const number = Number.parseInt(hex(state.ids, 8), 16) % 2_000_000_000;
  const suffix = state.partition === 'aws-cn' ? 'elb.amazonaws.com.cn' : 'elb.amazonaws.com';
  return `${scheme === 'internal' ? 'internal-' : ''}${name}-${number}.${state.region}.${suffix}`;
}

/** Deletes a load balancer with its listeners. An unknown one counts as deleted. */
export function deleteLoadBalancer(input: DeleteLoadBalancerInput, context: CallContext): object {
  const { state, knobs } = context;
  const loadBalancer = state.loadBalancers.get(input.LoadBalancerArn ?? '');
  if (loadBalancer === undefined) return {};
  const isProtected = loadBalancer.attributes.get('deletion_protection.enabled') === 'true';
  if (isProtected && !knobs.accepts.deletionOfProtected) {
    const message = `Load balancer '${loadBalancer.arn}' cannot be deleted because deletion protection is enabled`;
    throw new SimulatedError('OperationNotPermitted', message);
  }
  const registeredIn = targetGroupWith(loadBalancer.arn, context);
  if (registeredIn !== undefined) {
    const message = `Load balancer '${loadBalancer.arn}' cannot be deleted because it is registered as a target in target group '${registeredIn.arn}'`;
    throw new SimulatedError('ResourceInUse', message);
  }
  for (const listener of listenersOf(context, loadBalancer.arn)) removeListener(listener, context);
  releaseInterfaces(loadBalancer.arn, context);
  state.loadBalancers.delete(loadBalancer.arn);
  state.tags.delete(loadBalancer.arn);
  state.webAclAssociations.delete(loadBalancer.arn);
  return {};
}

export function describeLoadBalancers(
  input: DescribeLoadBalancersInput,
  context: CallContext,
): DescribeLoadBalancersOutput {
  const { items, NextMarker } = elbPage(selected(input, context), input, context);
  return { LoadBalancers: items.map((item) => renderLoadBalancer(item, context)), NextMarker };
}

function selected(input: DescribeLoadBalancersInput, context: CallContext): readonly LoadBalancer[] {
  const { LoadBalancerArns: arns, Names: names } = input;
  if (arns !== undefined && arns.length > 0) {
    if (names !== undefined && names.length > 0)
      throw validationError('Names and ARNs cannot be given together');
    if (arns.length > 20) throw validationError(`At most 20 load balancers can be named; got ${arns.length}`);
    return arns.map((item) => findLoadBalancer(context, item));
  }
  const all = visible(context, context.state.loadBalancers);
  if (names === undefined || names.length === 0) return all;
  return names.map((name) => {
    const found = all.find((item) => item.name === name);
    if (found === undefined)
      throw new SimulatedError('LoadBalancerNotFound', `Load balancers '[${name}]' not found`);
    return found;
  });
}

const addresses = (AllocationId: string | undefined, { state }: CallContext) =>
  AllocationId === undefined
    ? []
    : [{ AllocationId, IpAddress: state.addresses.get(AllocationId)?.publicIp }];

function renderLoadBalancer(item: LoadBalancer, context: CallContext): SdkLoadBalancer {
  const zones = item.subnetIds.flatMap((SubnetId, i) => {
    const subnet = context.state.subnets.get(SubnetId);
    return subnet === undefined
      ? []
      : [
          {
            ZoneName: subnet.zone,
            SubnetId,
            LoadBalancerAddresses: addresses(item.allocationIds[i], context),
            ...(subnet.outpostArn === undefined ? {} : { OutpostId: subnet.outpostArn }),
          },
        ];
  });
  return {
    LoadBalancerArn: item.arn,
    DNSName: item.dnsName,
    CanonicalHostedZoneId: 'Z1H1FL5HABSF5',
    CreatedTime: new Date(item.createdAt),
    LoadBalancerName: item.name,
    Scheme: item.scheme,
    VpcId: item.vpcId,
    State: { Code: loadBalancerState(item, context) },
    Type: item.type,
    AvailabilityZones: zones,
    SecurityGroups: [...item.securityGroupIds],
    IpAddressType: item.ipAddressType as NonNullable<SdkLoadBalancer['IpAddressType']>,
    CustomerOwnedIpv4Pool: item.customerOwnedIpv4Pool,
    IpamPools: item.ipv4IpamPoolId === undefined ? undefined : { Ipv4IpamPoolId: item.ipv4IpamPoolId },
  };
}
