import assert from 'node:assert/strict';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { refused } from '../account.ts';
import type { Case } from '../case.ts';

export const loadBalancerCases: readonly Case[] = [
  {
    what: 'a load balancer is internet-facing, ipv4 and an application one when nothing else is said',
    run: async (account) => {
      const made = await account.loadBalancer();
      assert.deepEqual(
        [made.Scheme, made.IpAddressType, made.Type, made.VpcId],
        ['internet-facing', 'ipv4', 'application', account.vpcId],
      );
      assert.match(made.LoadBalancerArn, /:loadbalancer\/app\/ct-[a-z0-9-]+\/[0-9a-f]{16}$/);
      assert.match(made.DNSName ?? '', /^ct-.*\.elb\.amazonaws\.com$/);
    },
  },
  {
    what: 'creating the same load balancer again gives the same one',
    run: async (account) => {
      const Name = account.name();
      const [first, second] = [await account.loadBalancer({ Name }), await account.loadBalancer({ Name })];
      assert.equal(second.LoadBalancerArn, first.LoadBalancerArn);
    },
  },
  {
    what: 'the name of another load balancer with other settings is refused',
    run: async (account) => {
      const { LoadBalancerName: Name } = await account.loadBalancer();
      await refused(account.loadBalancer({ Name, Scheme: 'internal' }), 'DuplicateLoadBalancerName');
    },
  },
  ...['a'.repeat(33), 'under_score', '-first', 'last-', 'internal-x'].map(
    (Name): Case => ({
      what: `a load balancer cannot be called ${Name.slice(0, 12)} (${Name.length} characters)`,
      run: (account) => refused(account.loadBalancer({ Name }), 'ValidationError'),
    }),
  ),
  {
    what: 'a load balancer needs two zones',
    run: (account) =>
      refused(
        account.loadBalancer({ Subnets: account.subnetIds.slice(0, 1) }),
        'ValidationError',
        'InvalidConfigurationRequest',
      ),
  },
  {
    what: 'a subnet that does not exist is SubnetNotFound',
    run: (account) =>
      refused(
        account.loadBalancer({ Subnets: [account.subnetIds[0] ?? '', 'subnet-0123456789abcdef0'] }),
        'SubnetNotFound',
        'InvalidSubnet',
      ),
  },
  {
    what: 'a security group that does not exist is InvalidSecurityGroup',
    run: (account) =>
      refused(account.loadBalancer({ SecurityGroups: ['sg-0123456789abcdef0'] }), 'InvalidSecurityGroup'),
  },
  {
    what: 'a load balancer without security groups gets the default one of its VPC',
    run: async (account) => {
      assert.equal((await account.loadBalancer()).SecurityGroups?.length, 1);
    },
  },
  {
    what: 'an unknown load balancer is LoadBalancerNotFound when asked for, by name and by ARN',
    run: async (account) => {
      const { LoadBalancerArn } = await account.loadBalancer();
      const by = (input: elb.DescribeLoadBalancersCommandInput) =>
        account.elbv2.send(new elb.DescribeLoadBalancersCommand(input));
      await refused(by({ Names: ['ct-nobody'] }), 'LoadBalancerNotFound');
      await refused(by({ LoadBalancerArns: [account.unknown(LoadBalancerArn)] }), 'LoadBalancerNotFound');
    },
  },
  {
    what: 'one unknown ARN among known ones refuses the whole question',
    run: async (account) => {
      const { LoadBalancerArn } = await account.loadBalancer();
      const LoadBalancerArns = [LoadBalancerArn, account.unknown(LoadBalancerArn)];
      await refused(
        account.elbv2.send(new elb.DescribeLoadBalancersCommand({ LoadBalancerArns })),
        'LoadBalancerNotFound',
      );
    },
  },
  {
    what: 'deleting a load balancer that is gone succeeds',
    run: async (account) => {
      const { LoadBalancerArn } = await account.loadBalancer();
      await account.elbv2.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn }));
      await account.elbv2.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn }));
    },
  },
  {
    what: 'deletion protection refuses the deletion',
    run: async (account) => {
      const { LoadBalancerArn } = await account.loadBalancer();
      const protect = (Value: string) =>
        account.elbv2.send(
          new elb.ModifyLoadBalancerAttributesCommand({
            LoadBalancerArn,
            Attributes: [{ Key: 'deletion_protection.enabled', Value }],
          }),
        );
      await protect('true');
      account.after(() => protect('false'));
      await refused(
        account.elbv2.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn })),
        'OperationNotPermitted',
      );
    },
  },
  {
    what: 'the attributes of a new load balancer have the documented defaults',
    run: async (account) => {
      const { LoadBalancerArn } = await account.loadBalancer();
      const { Attributes = [] } = await account.elbv2.send(
        new elb.DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }),
      );
      const values = new Map(Attributes.map(({ Key, Value }) => [Key, Value]));
      const expected = {
        'access_logs.s3.enabled': 'false',
        'deletion_protection.enabled': 'false',
        'idle_timeout.timeout_seconds': '60',
        'client_keep_alive.seconds': '3600',
        'routing.http2.enabled': 'true',
        'routing.http.desync_mitigation_mode': 'defensive',
        'routing.http.drop_invalid_header_fields.enabled': 'false',
        'routing.http.xff_header_processing.mode': 'append',
        'load_balancing.cross_zone.enabled': 'true',
      };
      const found = Object.keys(expected).map((key) => [key, values.get(key)]);
      assert.deepEqual(Object.fromEntries(found), expected);
    },
  },
  {
    what: 'an attribute out of its range is refused, and so is an unknown one',
    run: async (account) => {
      const { LoadBalancerArn } = await account.loadBalancer();
      const set = (Key: string, Value: string) =>
        account.elbv2.send(
          new elb.ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: [{ Key, Value }] }),
        );
      const codes = ['ValidationError', 'InvalidConfigurationRequest'];
      await refused(set('idle_timeout.timeout_seconds', '999999'), ...codes);
      await refused(set('no.such.attribute', 'true'), ...codes);
    },
  },
  {
    what: 'SetSubnets and SetSecurityGroups replace what was there',
    run: async (account) => {
      const [one, two] = [await account.securityGroup(), await account.securityGroup()];
      const { LoadBalancerArn } = await account.loadBalancer({ SecurityGroups: [one] });
      const { SecurityGroupIds } = await account.elbv2.send(
        new elb.SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups: [two] }),
      );
      assert.deepEqual(SecurityGroupIds, [two]);
      const { LoadBalancers: [after] = [] } = await account.elbv2.send(
        new elb.DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] }),
      );
      assert.deepEqual(after?.SecurityGroups, [two]);
    },
  },
  {
    what: 'load balancers come in pages of the size asked for',
    run: async (account) => {
      await account.loadBalancer();
      await account.loadBalancer();
      const first = await account.elbv2.send(new elb.DescribeLoadBalancersCommand({ PageSize: 1 }));
      assert.equal(first.LoadBalancers?.length, 1);
      assert.ok(first.NextMarker);
    },
  },
];
