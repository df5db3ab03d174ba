import assert from 'node:assert/strict';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Account, forward, refused } from '../account.ts';
import type { Case } from '../case.ts';

const register = (account: Account, TargetGroupArn: string, Targets: elb.TargetDescription[]) =>
  account.elbv2.send(new elb.RegisterTargetsCommand({ TargetGroupArn, Targets }));

const deregister = (account: Account, TargetGroupArn: string, Targets: elb.TargetDescription[]) =>
  account.elbv2.send(new elb.DeregisterTargetsCommand({ TargetGroupArn, Targets }));

async function health(
  account: Account,
  TargetGroupArn: string,
): Promise<readonly elb.TargetHealthDescription[]> {
  const { TargetHealthDescriptions = [] } = await account.elbv2.send(
    new elb.DescribeTargetHealthCommand({ TargetGroupArn }),
  );
  return TargetHealthDescriptions;
}

export const targetGroupCases: readonly Case[] = [
  {
    what: 'a new target group has the documented health check',
    run: async (account) => {
      const made = await account.targetGroup();
      assert.deepEqual(
        {
          protocol: made.HealthCheckProtocol,
          port: made.HealthCheckPort,
          path: made.HealthCheckPath,
          interval: made.HealthCheckIntervalSeconds,
          healthy: made.HealthyThresholdCount,
          unhealthy: made.UnhealthyThresholdCount,
          matcher: made.Matcher?.HttpCode,
          version: made.ProtocolVersion,
          family: made.IpAddressType,
        },
        {
          protocol: 'HTTP',
          port: 'traffic-port',
          path: '/',
          interval: 30,
          healthy: 5,
          unhealthy: 2,
          matcher: '200',
          version: 'HTTP1',
          family: 'ipv4',
        },
      );
    },
  },
  {
    what: 'the health check of a GRPC target group asks for /AWS.ALB/healthcheck and wants 12',
    run: async (account) => {
      const made = await account.targetGroup({ ProtocolVersion: 'GRPC' });
      assert.deepEqual([made.HealthCheckPath, made.Matcher?.GrpcCode], ['/AWS.ALB/healthcheck', '12']);
    },
  },
  {
    what: 'creating the same target group again gives the same one',
    run: async (account) => {
      const Name = account.name();
      const [first, second] = [await account.targetGroup({ Name }), await account.targetGroup({ Name })];
      assert.equal(second.TargetGroupArn, first.TargetGroupArn);
    },
  },
  {
    what: 'the name of another target group with other settings is refused',
    run: async (account) => {
      const { TargetGroupName: Name } = await account.targetGroup();
      await refused(account.targetGroup({ Name, Port: 8080 }), 'DuplicateTargetGroupName');
    },
  },
  ...['b'.repeat(33), 'under_score', '-first', 'last-'].map(
    (Name): Case => ({
      what: `a target group cannot be called ${Name.slice(0, 12)} (${Name.length} characters)`,
      run: (account) => refused(account.targetGroup({ Name }), 'ValidationError'),
    }),
  ),
  {
    what: 'health checks have their ranges, and a timeout below the interval',
    run: async (account) => {
      await refused(account.targetGroup({ HealthCheckIntervalSeconds: 301 }), 'ValidationError');
      await refused(account.targetGroup({ HealthyThresholdCount: 1 }), 'ValidationError');
      await refused(
        account.targetGroup({ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 10 }),
        'ValidationError',
      );
    },
  },
  {
    what: 'a target group that a listener or a rule uses is ResourceInUse',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      const { ListenerArn } = await account.listener();
      const { RuleArn } = await account.rule(ListenerArn, 1, { Actions: [forward(TargetGroupArn)] });
      const remove = () => account.elbv2.send(new elb.DeleteTargetGroupCommand({ TargetGroupArn }));
      await refused(remove(), 'ResourceInUse');
      await account.elbv2.send(new elb.DeleteRuleCommand({ RuleArn }));
      await remove();
    },
  },
  {
    what: 'an unknown target group is TargetGroupNotFound when asked for',
    run: (account) =>
      refused(
        account.elbv2.send(new elb.DescribeTargetGroupsCommand({ Names: ['ct-nobody'] })),
        'TargetGroupNotFound',
      ),
  },
  {
    what: 'target groups name the load balancers that use them, each once',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      const { ListenerArn, LoadBalancerArn } = await account.listener();
      for (const priority of [1, 2])
        await account.rule(ListenerArn, priority, { Actions: [forward(TargetGroupArn)] });
      const { TargetGroups: [found] = [] } = await account.elbv2.send(
        new elb.DescribeTargetGroupsCommand({ TargetGroupArns: [TargetGroupArn] }),
      );
      assert.deepEqual(found?.LoadBalancerArns, [LoadBalancerArn]);
    },
  },
  {
    what: 'target groups come in pages of the size asked for',
    run: async (account) => {
      await account.targetGroup();
      await account.targetGroup();
      const first = await account.elbv2.send(new elb.DescribeTargetGroupsCommand({ PageSize: 1 }));
      assert.equal(first.TargetGroups?.length, 1);
      assert.ok(first.NextMarker);
    },
  },
  {
    what: 'the attributes of a new target group have the documented defaults',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      const { Attributes = [] } = await account.elbv2.send(
        new elb.DescribeTargetGroupAttributesCommand({ TargetGroupArn }),
      );
      const values = new Map(Attributes.map(({ Key, Value }) => [Key, Value]));
      const expected = {
        'deregistration_delay.timeout_seconds': '300',
        'stickiness.enabled': 'false',
        'stickiness.type': 'lb_cookie',
        'stickiness.lb_cookie.duration_seconds': '86400',
        'load_balancing.algorithm.type': 'round_robin',
        'slow_start.duration_seconds': '0',
        'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
      };
      const found = Object.keys(expected).map((key) => [key, values.get(key)]);
      assert.deepEqual(Object.fromEntries(found), expected);
    },
  },
  {
    what: 'the deregistration delay is 3600 s at most',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      const set = (Value: string) =>
        account.elbv2.send(
          new elb.ModifyTargetGroupAttributesCommand({
            TargetGroupArn,
            Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value }],
          }),
        );
      await set('3600');
      await refused(set('3601'), 'ValidationError', 'InvalidConfigurationRequest');
    },
  },
  {
    what: 'a target is its id and its port: one address on two ports is two targets',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      const Id = account.address(1);
      await register(account, TargetGroupArn, [{ Id, Port: 80 }]);
      await register(account, TargetGroupArn, [{ Id, Port: 81 }]);
      const ports = (await health(account, TargetGroupArn)).map(({ Target }) => Target?.Port);
      assert.deepEqual(new Set(ports), new Set([80, 81]));
    },
  },
  {
    what: 'registering a target twice is no error and makes no second one',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      const targets = [{ Id: account.address(2), Port: 80 }];
      await register(account, TargetGroupArn, targets);
      await register(account, TargetGroupArn, targets);
      assert.equal((await health(account, TargetGroupArn)).length, 1);
    },
  },
  {
    what: 'deregistering a target that is not there succeeds',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      await deregister(account, TargetGroupArn, [{ Id: account.address(3), Port: 80 }]);
    },
  },
  {
    what: 'the target of a target group that no rule uses is unused',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      await register(account, TargetGroupArn, [{ Id: account.address(4), Port: 80 }]);
      const [found] = await health(account, TargetGroupArn);
      assert.deepEqual(
        [found?.TargetHealth?.State, found?.TargetHealth?.Reason],
        ['unused', 'Target.NotInUse'],
      );
    },
  },
  {
    what: 'a deregistered target drains',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      await account.listener({ DefaultActions: [forward(TargetGroupArn)] });
      const targets = [{ Id: account.address(5), Port: 80 }];
      await register(account, TargetGroupArn, targets);
      await deregister(account, TargetGroupArn, targets);
      const [found] = await health(account, TargetGroupArn);
      assert.equal(found?.TargetHealth?.State, 'draining');
    },
  },
  {
    what: 'a public address is no target',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      await refused(
        register(account, TargetGroupArn, [{ Id: '8.8.8.8', Port: 80, AvailabilityZone: 'all' }]),
        'ValidationError',
        'InvalidTarget',
      );
    },
  },
  {
    what: 'an address outside the VPC needs the zone "all"',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      const target = { Id: '100.64.1.1', Port: 80 };
      await refused(register(account, TargetGroupArn, [target]), 'ValidationError', 'InvalidTarget');
      await register(account, TargetGroupArn, [{ ...target, AvailabilityZone: 'all' }]);
    },
  },
  {
    what: 'an instance that does not exist is InvalidTarget',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup({ TargetType: 'instance' });
      await refused(
        register(account, TargetGroupArn, [{ Id: 'i-0123456789abcdef0', Port: 80 }]),
        'InvalidTarget',
      );
    },
  },
];
