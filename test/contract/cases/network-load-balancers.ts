import assert from 'node:assert/strict';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Account, forward, refused } from '../account.ts';
import type { Case } from '../case.ts';

const network = (account: Account, input: Partial<elb.CreateLoadBalancerCommandInput> = {}) =>
  account.loadBalancer({
    Type: 'network',
    Scheme: 'internal',
    Subnets: account.subnetIds.slice(0, 1),
    ...input,
  });

/** A target group whose one target is a load balancer. */
const albGroup = (account: Account, input: Partial<elb.CreateTargetGroupCommandInput> = {}) =>
  account.targetGroup({ TargetType: 'alb', Protocol: 'TCP', ...input });

const listen = async (
  account: Account,
  LoadBalancerArn: string,
  input: Partial<elb.CreateListenerCommandInput>,
): Promise<elb.Listener | undefined> => {
  const command = new elb.CreateListenerCommand({
    LoadBalancerArn,
    Port: 80,
    Protocol: 'TCP',
    DefaultActions: [],
    ...input,
  });
  return (await account.elbv2.send(command)).Listeners?.[0];
};

const register = (account: Account, TargetGroupArn: string, Id: string, Port = 80) =>
  account.elbv2.send(new elb.RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id, Port }] }));

/** A load balancer that listens on port 80, active, and a target group of type `alb`. */
async function behind(account: Account) {
  const { LoadBalancerArn } = await account.listener();
  await account.active(LoadBalancerArn);
  return { LoadBalancerArn, group: await albGroup(account) };
}

export const networkLoadBalancerCases: readonly Case[] = [
  {
    what: 'a network load balancer takes one zone and no security group',
    run: async (account) => {
      const made = await network(account);
      assert.deepEqual([made.Type, made.AvailabilityZones?.length], ['network', 1]);
      assert.deepEqual(made.SecurityGroups ?? [], []);
    },
  },
  {
    what: 'the ARN of a network load balancer says what it is',
    run: async (account) => {
      assert.match((await network(account)).LoadBalancerArn, /:loadbalancer\/net\//);
    },
  },
  {
    what: 'a network load balancer that was made without security groups gets none later',
    run: async (account) => {
      const { LoadBalancerArn } = await network(account);
      const SecurityGroups = [await account.securityGroup()];
      const command = new elb.SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups });
      await refused(account.elbv2.send(command), 'InvalidConfigurationRequest');
    },
  },
  {
    what: 'a zone of a network load balancer takes another subnet only when it has none',
    run: async (account) => {
      const [first = '', other = ''] = account.subnetIds;
      if (account.sameZoneSubnetId === '') return;
      const { LoadBalancerArn } = await network(account, { Subnets: [first, other] });
      const set = (...Subnets: string[]) =>
        account.elbv2.send(new elb.SetSubnetsCommand({ LoadBalancerArn, Subnets }));
      await refused(set(account.sameZoneSubnetId, other), 'InvalidConfigurationRequest');
      await set(other);
      await set(account.sameZoneSubnetId, other);
    },
  },
  {
    what: 'a listener of a network load balancer speaks TCP',
    run: async (account) => {
      const DefaultActions = [forward((await albGroup(account)).TargetGroupArn)];
      const { LoadBalancerArn } = await network(account);
      const listener = await listen(account, LoadBalancerArn, { DefaultActions });
      assert.deepEqual([listener?.Protocol, listener?.Port], ['TCP', 80]);
    },
  },
  {
    what: 'a listener of a network load balancer does not speak HTTP',
    run: async (account) => {
      const DefaultActions = [forward((await albGroup(account)).TargetGroupArn)];
      const { LoadBalancerArn } = await network(account);
      await refused(
        listen(account, LoadBalancerArn, { Protocol: 'HTTP', DefaultActions }),
        'UnsupportedProtocol',
      );
    },
  },
  {
    what: 'a listener of a network load balancer forwards, and answers nothing itself',
    run: async (account) => {
      const { LoadBalancerArn } = await network(account);
      const DefaultActions: elb.Action[] = [
        { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } },
      ];
      await refused(listen(account, LoadBalancerArn, { DefaultActions }), 'InvalidLoadBalancerAction');
    },
  },
  {
    what: 'a target group of type alb is of TCP and checks by HTTP',
    run: async (account) => {
      const made = await albGroup(account);
      assert.deepEqual(
        [made.TargetType, made.Protocol, made.ProtocolVersion, made.HealthCheckProtocol],
        ['alb', 'TCP', undefined, 'HTTP'],
      );
    },
  },
  {
    what: 'a target group of type alb takes no other protocol than TCP',
    run: (account) => refused(albGroup(account, { Protocol: 'HTTP' }), 'ValidationError'),
  },
  {
    what: 'the target group of one network load balancer cannot be used by another',
    run: async (account) => {
      const DefaultActions = [forward((await albGroup(account)).TargetGroupArn)];
      const [one, other] = [await network(account), await network(account)];
      await listen(account, one.LoadBalancerArn, { DefaultActions });
      await refused(
        listen(account, other.LoadBalancerArn, { DefaultActions }),
        'TargetGroupAssociationLimit',
      );
    },
  },
  {
    what: 'a load balancer is a target by its ARN and its port',
    run: async (account) => {
      const { LoadBalancerArn, group } = await behind(account);
      await register(account, group.TargetGroupArn, LoadBalancerArn);
      const command = new elb.DescribeTargetHealthCommand({ TargetGroupArn: group.TargetGroupArn });
      const { TargetHealthDescriptions = [] } = await account.elbv2.send(command);
      assert.deepEqual(
        TargetHealthDescriptions.map(({ Target }) => [Target?.Id, Target?.Port]),
        [[LoadBalancerArn, 80]],
      );
    },
  },
  {
    what: 'a load balancer is no target on a port on which it does not listen',
    run: async (account) => {
      const { LoadBalancerArn, group } = await behind(account);
      await refused(register(account, group.TargetGroupArn, LoadBalancerArn, 81), 'InvalidTarget');
    },
  },
  {
    what: 'a load balancer that is a target cannot be deleted, and neither can the listener on its port',
    run: async (account) => {
      const { LoadBalancerArn, group } = await behind(account);
      await register(account, group.TargetGroupArn, LoadBalancerArn);
      const { Listeners: [listener] = [] } = await account.elbv2.send(
        new elb.DescribeListenersCommand({ LoadBalancerArn }),
      );
      const { ListenerArn } = listener ?? {};
      await refused(account.elbv2.send(new elb.DeleteListenerCommand({ ListenerArn })), 'ResourceInUse');
      await refused(
        account.elbv2.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn })),
        'ResourceInUse',
      );
      await account.elbv2.send(
        new elb.DeregisterTargetsCommand({
          TargetGroupArn: group.TargetGroupArn,
          Targets: [{ Id: LoadBalancerArn, Port: 80 }],
        }),
      );
    },
  },
];
