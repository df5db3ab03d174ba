import { freeAddress } from '../ec2/addresses.ts';
import { SimulatedError } from '../errors.ts';
import { ec2Id } from '../ids.ts';
import type { CallContext } from '../operation.ts';
import type { LoadBalancer } from '../state.ts';

/** Gives a load balancer one network interface in each of its subnets, and lets go of those it no longer needs. */
export function attachInterfaces(loadBalancer: LoadBalancer, context: CallContext): void {
  const { state, now, knobs } = context;
  const own = [...state.networkInterfaces.values()].filter(
    (item) => item.loadBalancerArn === loadBalancer.arn && item.releaseAt === undefined,
  );
  for (const item of own) {
    if (!loadBalancer.subnetIds.includes(item.subnetId)) item.releaseAt = now + knobs.interfaceReleaseMs;
    else item.groupIds = loadBalancer.securityGroupIds;
  }
  for (const subnetId of loadBalancer.subnetIds) {
    if (own.some((item) => item.subnetId === subnetId)) continue;
    const subnet = state.subnets.get(subnetId);
    const address = subnet === undefined ? undefined : freeAddress(subnet, state);
    if (address === undefined)
      throw new SimulatedError('InvalidSubnet', `Not enough IP space available in ${subnetId}`);
    const id = ec2Id(state.ids, 'eni');
    state.networkInterfaces.set(id, {
      id,
      subnetId,
      description: `ELB ${loadBalancer.arn.slice(loadBalancer.arn.indexOf('/') + 1)}`,
      interfaceType: 'interface',
      instanceId: undefined,
      loadBalancerArn: loadBalancer.arn,
      groupIds: loadBalancer.securityGroupIds,
      privateIps: [address],
      ipv6Addresses: [],
      releaseAt: undefined,
    });
  }
}

/** Starts the release of all interfaces of a deleted load balancer; they hold their security groups until it is over. */
export function releaseInterfaces(loadBalancerArn: string, { state, now, knobs }: CallContext): void {
  for (const item of state.networkInterfaces.values()) {
    if (item.loadBalancerArn === loadBalancerArn) item.releaseAt ??= now + knobs.interfaceReleaseMs;
  }
}
