import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
} from '@aws-sdk/client-ec2';
import { withAws } from './support.ts';

test('a load balancer with listener, rule and targets is built and read back by the real clients', () =>
  withAws(async ({ aws, elb, ec2, id }) => {
    const subnets = await ec2.send(
      new DescribeSubnetsCommand({ Filters: [{ Name: 'tag:kubernetes.io/role/elb', Values: ['1'] }] }),
    );
    assert.equal(subnets.Subnets?.length, 3);
    const { GroupId = '' } = await ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: 'front',
        Description: 'front',
        VpcId: id('vpc'),
        TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'owner', Value: 'me' }] }],
      }),
    );
    const authorized = await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: [
          {
            IpProtocol: 'tcp',
            FromPort: 80,
            ToPort: 80,
            IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'web' }],
          },
        ],
      }),
    );
    assert.match(authorized.SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? '', /^sgr-/);
    const groups = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
    assert.deepEqual(groups.SecurityGroups?.[0]?.IpPermissions?.[0]?.IpRanges, [
      { CidrIp: '0.0.0.0/0', Description: 'web' },
    ]);
    const created = await elb.send(
      new CreateLoadBalancerCommand({
        Name: 'shop',
        Subnets: subnets.Subnets?.map(({ SubnetId = '' }) => SubnetId),
        SecurityGroups: [GroupId],
        Tags: [{ Key: 'team', Value: 'a b' }],
      }),
    );
    const LoadBalancerArn = created.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
    const group = await elb.send(
      new CreateTargetGroupCommand({
        Name: 'pods',
        TargetType: 'ip',
        Protocol: 'HTTP',
        Port: 8080,
        VpcId: id('vpc'),
      }),
    );
    const TargetGroupArn = group.TargetGroups?.[0]?.TargetGroupArn ?? '';
    const listener = await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
      }),
    );
    const ListenerArn = listener.Listeners?.[0]?.ListenerArn ?? '';
    await elb.send(
      new CreateRuleCommand({
        ListenerArn,
        Priority: 1,
        Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } }],
        Actions: [{ Type: 'forward', TargetGroupArn }],
      }),
    );
    await elb.send(
      new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: '10.0.96.20', Port: 8080 }] }),
    );
    const rules = await elb.send(new DescribeRulesCommand({ ListenerArn }));
    assert.deepEqual(
      rules.Rules?.map(({ Priority }) => Priority),
      ['1', 'default'],
    );
    const health = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    assert.equal(health.TargetHealthDescriptions?.[0]?.TargetHealth?.State, 'initial');
    const tags = await elb.send(new DescribeTagsCommand({ ResourceArns: [LoadBalancerArn] }));
    assert.deepEqual(tags.TagDescriptions?.[0]?.Tags, [{ Key: 'team', Value: 'a b' }]);
    const read = await elb.send(new DescribeLoadBalancersCommand({ Names: ['shop'] }));
    assert.equal(read.LoadBalancers?.[0]?.State?.Code, 'provisioning');
    assert.equal(aws.trace.counts()['CreateRule'], 1);
    assert.equal(aws.trace.writes().length, 7);
  }));
