import {
  AddTagsCommand,
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  type IpAddressType,
  type LoadBalancer,
  ModifyCapacityReservationCommand,
  ModifyIpPoolsCommand,
  ModifyLoadBalancerAttributesCommand,
  SetIpAddressTypeCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Attributes, Handlers, Look, OperationOf } from '../../core/domain/operation.ts';
import { retiredTag } from '../../core/domain/observed-group.ts';
import { chunks } from '../batches.ts';
import type { AwsContext, Signalled } from '../context.ts';
import { AwsError, isKind, refused } from '../errors.ts';
import { wireTags } from '../wire/tags.ts';
import { required } from '../wire/required.ts';
import { assertOurs, vanished } from './ownership.ts';
import { isNew, onceVisible } from './retry.ts';

/** Attributes in one Modify…Attributes (ELBv2 API). */
export const attributeBatch = 20;

type Kinds =
  | 'createLoadBalancer'
  | 'modifyLoadBalancerAttributes'
  | 'setSubnets'
  | 'setSecurityGroups'
  | 'setIpAddressType'
  | 'modifyIpPools'
  | 'modifyCapacityReservation'
  | 'awaitActiveLoadBalancer'
  | 'retireLoadBalancer'
  | 'deleteLoadBalancer';

export function loadBalancerHandlers(context: AwsContext): Pick<Handlers, Kinds> {
  const { calls, clock } = context;
  return {
    createLoadBalancer: (operation, look, { signal }) => create(context, { ...operation, look }, { signal }),

    modifyLoadBalancerAttributes: async ({ loadBalancer, attributes }, look, { signal }) => {
      for (const Attributes of chunks(wireTags(attributes), attributeBatch)) {
        const command = new ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn: look(loadBalancer),
          Attributes: [...Attributes],
        });
        await onceVisible({ clock, signal, isNew: isNew(loadBalancer) }, () =>
          calls.elbv2(command, { signal }),
        );
      }
      return {};
    },

    setSubnets: async ({ loadBalancer, subnets, allocationIds, ipAddressType }, _look, { signal }) => {
      const command = new SetSubnetsCommand({
        LoadBalancerArn: loadBalancer,
        ...wireSubnets(subnets, allocationIds),
        IpAddressType: ipAddressType as IpAddressType,
      });
      await calls.elbv2(command, { signal });
      return {};
    },

    setSecurityGroups: async ({ loadBalancer, securityGroups }, look, { signal }) => {
      const command = new SetSecurityGroupsCommand({
        LoadBalancerArn: loadBalancer,
        SecurityGroups: securityGroups.map((id) => look(id)),
      });
      await calls.elbv2(command, { signal });
      return {};
    },

    setIpAddressType: async ({ loadBalancer, ipAddressType }, _look, { signal }) => {
      const command = new SetIpAddressTypeCommand({
        LoadBalancerArn: loadBalancer,
        IpAddressType: ipAddressType as IpAddressType,
      });
      await calls.elbv2(command, { signal });
      return {};
    },

    modifyIpPools: async ({ loadBalancer, ipamPoolId }, _look, { signal }) => {
      const command = new ModifyIpPoolsCommand({
        LoadBalancerArn: loadBalancer,
        ...(ipamPoolId === undefined
          ? { RemoveIpamPools: ['ipv4'] }
          : { IpamPools: { Ipv4IpamPoolId: ipamPoolId } }),
      });
      await calls.elbv2(command, { signal });
      return {};
    },

    modifyCapacityReservation: async ({ loadBalancer, capacityUnits }, _look, { signal }) => {
      const command = new ModifyCapacityReservationCommand({
        LoadBalancerArn: loadBalancer,
        ...(capacityUnits === 0
          ? { ResetCapacityReservation: true }
          : { MinimumLoadBalancerCapacity: { CapacityUnits: capacityUnits } }),
      });
      await calls.elbv2(command, { signal });
      return {};
    },

    awaitActiveLoadBalancer: ({ loadBalancer, timeoutSeconds }, look, { signal }) =>
      awaitActive(context, { arn: look(loadBalancer), timeoutMs: timeoutSeconds * 1000 }, { signal }),

    retireLoadBalancer: async ({ loadBalancer, retiredAt, seconds }, _look, { signal }) => {
      const noted = retiredAt === undefined ? Number.NaN : Date.parse(retiredAt);
      const since = Number.isNaN(noted) ? clock.now() : noted;
      const at = new Date(since).toISOString();
      if (Number.isNaN(noted)) {
        const command = new AddTagsCommand({
          ResourceArns: [loadBalancer],
          Tags: wireTags({ [retiredTag]: at }),
        });
        await calls.elbv2(command, { signal });
      }
      await clock.sleep(Math.max(0, since + seconds * 1000 - clock.now()), { signal });
      return { retiredAt: at };
    },

    // AWS answers the deletion of an unknown load balancer with success; its listeners and rules go with it.
    deleteLoadBalancer: async ({ loadBalancer, liftProtection }, _look, { signal }) => {
      const remove = async (): Promise<void> => {
        await calls.elbv2(new DeleteLoadBalancerCommand({ LoadBalancerArn: loadBalancer }), { signal });
      };
      try {
        await remove();
      } catch (error) {
        if (!liftProtection || !isProtected(error)) throw error;
        const unprotected = new ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn: loadBalancer,
          Attributes: wireTags({ 'deletion_protection.enabled': 'false' }),
        });
        await calls.elbv2(unprotected, { signal });
        await remove();
      }
      return {};
    },
  };
}

const activePollMs = 10_000;

async function awaitActive(
  { calls, clock }: AwsContext,
  { arn, timeoutMs }: { readonly arn: string; readonly timeoutMs: number },
  { signal }: Signalled,
): Promise<Attributes> {
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    const command = new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] });
    const { LoadBalancers = [] } = await calls.elbv2(command, { signal });
    const state = LoadBalancers[0]?.State?.Code;
    if (state === 'active') return { state };
    const left = deadline - clock.now();
    if (left <= 0) {
      throw refused('unavailable', {
        code: 'NotActive',
        action: 'elasticloadbalancing:DescribeLoadBalancers',
        message: `it is ${state ?? 'gone'} after ${timeoutMs / 1000} s`,
      });
    }
    await clock.sleep(Math.min(activePollMs, left), { signal });
  }
}

/** What AWS answers to the deletion of a load balancer whose deletion protection is on. */
const isProtected = (error: unknown): boolean =>
  error instanceof AwsError && error.code === 'OperationNotPermitted';

/** With elastic addresses, one for each subnet. */
function wireSubnets(subnets: readonly string[], allocationIds: readonly string[] | undefined) {
  if (allocationIds === undefined) return { Subnets: [...subnets] };
  return {
    SubnetMappings: subnets.map((SubnetId, i) => ({ SubnetId, AllocationId: allocationIds[i] })),
  };
}

type Creation = Pick<OperationOf<'createLoadBalancer'>, 'type' | 'spec'> & { readonly look: Look };

/**
 * With equal settings AWS answers with the load balancer that exists, with others it refuses the name. Either way one that
 * is there already is taken only if it is ours: its name may be a user's word, and what we hold we delete one day.
 */
async function create(
  context: AwsContext,
  { type, spec, look }: Creation,
  { signal }: Signalled,
): Promise<Attributes> {
  const command = new CreateLoadBalancerCommand({
    Type: type ?? 'application',
    Name: spec.name,
    Scheme: spec.scheme,
    IpAddressType: spec.ipAddressType,
    ...wireSubnets(spec.subnets, spec.allocationIds),
    SecurityGroups: spec.securityGroups.map((id) => look(id)),
    CustomerOwnedIpv4Pool: spec.customerOwnedIpv4Pool,
    ...(spec.ipamPoolId === undefined ? {} : { IpamPools: { Ipv4IpamPoolId: spec.ipamPoolId } }),
    Tags: wireTags(spec.tags),
  });
  const owned = async (found: LoadBalancer | undefined, error: AwsError): Promise<Attributes> => {
    const what = `load balancer ${spec.name}`;
    const arn = required(found?.LoadBalancerArn, 'LoadBalancerArn');
    const tags = (await context.tags.read([arn], { signal })).get(arn);
    if (tags === undefined) throw vanished(error, what);
    assertOurs(error, { what, found: tags, wanted: spec.tags });
    return assigned(found);
  };
  try {
    const { LoadBalancers = [] } = await context.calls.elbv2(command, { signal });
    const [found] = LoadBalancers;
    const age = context.clock.now() - (found?.CreatedTime?.getTime() ?? Number.POSITIVE_INFINITY);
    return age < surelyNotNewMs ? assigned(found) : await owned(found, nameTaken(spec.name));
  } catch (error) {
    if (!isKind(error, 'alreadyExists')) throw error;
    const byName = new DescribeLoadBalancersCommand({ Names: [spec.name] });
    const { LoadBalancers = [] } = await context.calls.elbv2(byName, { signal });
    return owned(LoadBalancers[0], error);
  }
}

/** Longer than a create with all its retries takes, and than clocks differ. */
const surelyNotNewMs = 5 * 60_000;

const nameTaken = (name: string): AwsError =>
  refused('conflict', {
    code: 'DuplicateLoadBalancerName',
    action: 'elasticloadbalancing:CreateLoadBalancer',
    message: `load balancer ${name} exists already`,
  });

const assigned = (created: LoadBalancer | undefined): Attributes => ({
  arn: required(created?.LoadBalancerArn, 'LoadBalancerArn'),
  dnsName: required(created?.DNSName, 'DNSName'),
  state: created?.State?.Code ?? 'provisioning',
});
