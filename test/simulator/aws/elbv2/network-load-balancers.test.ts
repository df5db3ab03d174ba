// Network load balancers, and load balancers as their targets:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  assertRefused,
  type Bench,
  codeOf,
  makeListener,
  makeLoadBalancer,
  publicSubnets,
  withAws,
} from '../support.ts';

const twoMinutes = 120_000;

async function makeNetwork({ elb, id }: Bench, settings: object = {}): Promise<string> {
  const made = await elb.createLoadBalancer({
    Name: 'net',
    Type: 'network',
    Subnets: [id('subnet/public-a')],
    ...settings,
  });
  return made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
}

async function makeAlbGroup({ elb, id }: Bench, settings: object = {}): Promise<string> {
  const made = await elb.createTargetGroup({
    Name: 'albs',
    TargetType: 'alb',
    Protocol: 'TCP',
    Port: 80,
    VpcId: id('vpc'),
    ...settings,
  });
  return made.TargetGroups?.[0]?.TargetGroupArn ?? '';
}

test('a network load balancer takes one zone, no security group, and its own ARN', () =>
  withAws(async (bench) => {
    const arn = await makeNetwork(bench);
    assert.match(arn, /:loadbalancer\/net\/net\//);
    const [made] = (await bench.elb.describeLoadBalancers({ LoadBalancerArns: [arn] })).LoadBalancers ?? [];
    assert.deepEqual(made?.SecurityGroups ?? [], []);
    await assertRefused(bench, [
      [
        'security groups after it was made without',
        'InvalidConfigurationRequest',
        ({ elb }) => elb.setSecurityGroups({ LoadBalancerArn: arn, SecurityGroups: ['sg-1'] }),
      ],
    ]);
  }));

test('a load balancer is a target when it is active and listens on the port, one for each target group', () =>
  withAws(async (bench) => {
    const alb = await makeLoadBalancer(bench);
    const group = await makeAlbGroup(bench);
    const register = (Id: string, Port: number) =>
      bench.elb.registerTargets({ TargetGroupArn: group, Targets: [{ Id, Port }] });
    assert.equal(await codeOf(register(alb, 80)), 'InvalidTarget', 'not active');
    await bench.clock.advance(twoMinutes);
    assert.equal(await codeOf(register(alb, 80)), 'InvalidTarget', 'no listener');
    await makeListener(bench, alb);
    await makeListener(bench, alb, 81);
    assert.equal(await codeOf(register(alb, 80)), 'accepted');
    assert.equal(await codeOf(register(alb, 81)), 'TooManyTargets');
    assert.equal(await codeOf(register('i-1', 80)), 'InvalidTarget');
    assert.equal(await codeOf(register(await makeNetwork(bench), 80)), 'InvalidTarget');
  }));

test('what is a target, and the listener on its port, cannot be deleted', () =>
  withAws(async (bench) => {
    const { elb, clock } = bench;
    const alb = await makeLoadBalancer(bench);
    const listener = await makeListener(bench, alb);
    await clock.advance(twoMinutes);
    const group = await makeAlbGroup(bench);
    const targets = { TargetGroupArn: group, Targets: [{ Id: alb, Port: 80 }] };
    await elb.registerTargets(targets);
    await assertRefused(bench, [
      ['the load balancer', 'ResourceInUse', () => elb.deleteLoadBalancer({ LoadBalancerArn: alb })],
      ['its listener', 'ResourceInUse', () => elb.deleteListener({ ListenerArn: listener })],
    ]);
    await elb.deregisterTargets(targets);
    await clock.advance(300_000);
    await elb.describeTargetHealth({ TargetGroupArn: group });
    await elb.deleteListener({ ListenerArn: listener });
    await elb.deleteLoadBalancer({ LoadBalancerArn: alb });
  }));

test('a target group of type alb takes TCP only, no attributes, and only listeners of network load balancers', () =>
  withAws(async (bench) => {
    const group = await makeAlbGroup(bench);
    const alb = await makeLoadBalancer(bench);
    const network = await makeNetwork(bench);
    const listen = (LoadBalancerArn: string, Protocol: 'HTTP' | 'TCP', Port: number) =>
      bench.elb.createListener({
        LoadBalancerArn,
        Port,
        Protocol,
        DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
      });
    await assertRefused(bench, [
      ['HTTP', 'ValidationError', () => makeAlbGroup(bench, { Name: 'http', Protocol: 'HTTP' })],
      [
        'attributes',
        'InvalidConfigurationRequest',
        ({ elb }) =>
          elb.modifyTargetGroupAttributes({
            TargetGroupArn: group,
            Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '10' }],
          }),
      ],
      ['an application load balancer', 'IncompatibleProtocols', () => listen(alb, 'HTTP', 80)],
      ['HTTP on a network load balancer', 'UnsupportedProtocol', () => listen(network, 'HTTP', 80)],
      ['in use', 'accepted', () => listen(network, 'TCP', 80)],
      [
        'deletion while a listener leads there',
        'ResourceInUse',
        ({ elb }) => elb.deleteTargetGroup({ TargetGroupArn: group }),
      ],
    ]);
  }));

test('a listener of a network load balancer forwards to one target group, which no other one has', () =>
  withAws(async (bench) => {
    const { elb } = bench;
    const [one, two] = [await makeAlbGroup(bench), await makeAlbGroup(bench, { Name: 'more' })];
    const LoadBalancerArn = await makeNetwork(bench);
    const other = await makeNetwork(bench, { Name: 'other' });
    const listen = (DefaultActions: Action[], where = LoadBalancerArn, Port = 80) =>
      elb.createListener({ LoadBalancerArn: where, Port, Protocol: 'TCP', DefaultActions });
    const to = (...arns: string[]): Action[] => [
      {
        Type: 'forward',
        ForwardConfig: { TargetGroups: arns.map((TargetGroupArn) => ({ TargetGroupArn })) },
      },
    ];
    const fixed: Action[] = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }];
    await assertRefused(bench, [
      ['a fixed response', 'InvalidLoadBalancerAction', () => listen(fixed)],
      ['two target groups', 'InvalidLoadBalancerAction', () => listen(to(one, two))],
      ['one', 'accepted', () => listen(to(one))],
      ['the same on another port', 'accepted', () => listen(to(one), LoadBalancerArn, 81)],
      ['on another load balancer', 'TargetGroupAssociationLimit', () => listen(to(one), other)],
    ]);
  }));

test('a load balancer is healthy where it listens and speaks what the check speaks, and only when a listener leads there', () =>
  withAws(async (bench) => {
    const { elb, clock } = bench;
    const alb = await makeLoadBalancer(bench);
    await makeListener(bench, alb);
    await clock.advance(twoMinutes);
    const group = await makeAlbGroup(bench);
    await elb.registerTargets({ TargetGroupArn: group, Targets: [{ Id: alb, Port: 80 }] });
    const health = async () => {
      await clock.advance(5 * twoMinutes);
      const found = await elb.describeTargetHealth({ TargetGroupArn: group });
      return found.TargetHealthDescriptions?.[0]?.TargetHealth?.State;
    };
    assert.equal(await health(), 'unused');
    await elb.createListener({
      LoadBalancerArn: await makeNetwork(bench),
      Port: 80,
      Protocol: 'TCP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
    });
    assert.equal(await health(), 'healthy');
    for (const check of [{ HealthCheckPort: '8080' }, { HealthCheckProtocol: 'HTTPS' }] as const) {
      await elb.modifyTargetGroup({ TargetGroupArn: group, ...check });
      assert.equal(await health(), 'unhealthy', JSON.stringify(check));
      await elb.modifyTargetGroup({
        TargetGroupArn: group,
        HealthCheckPort: 'traffic-port',
        HealthCheckProtocol: 'HTTP',
      });
    }
  }));

test('a load balancer counts as 50 targets of a zone where it is registered, and has two in front of it at most', () =>
  withAws(
    async (bench) => {
      const { elb, clock } = bench;
      const alb = await makeLoadBalancer(bench);
      await makeListener(bench, alb);
      await clock.advance(twoMinutes);
      const filled = async (Name: string) => {
        const TargetGroupArn = await makeAlbGroup(bench, { Name });
        await elb.registerTargets({ TargetGroupArn, Targets: [{ Id: alb, Port: 80 }] });
        return TargetGroupArn;
      };
      const listen = async (LoadBalancerArn: string, Port: number, TargetGroupArn: string) =>
        elb.createListener({
          LoadBalancerArn,
          Port,
          Protocol: 'TCP',
          DefaultActions: [{ Type: 'forward', TargetGroupArn }],
        });
      const [a, b, c] = [
        await makeNetwork(bench, { Name: 'a' }),
        await makeNetwork(bench, { Name: 'b' }),
        await makeNetwork(bench, { Name: 'c' }),
      ];
      const [one, two, three] = [await filled('one'), await filled('two'), await filled('three')];
      const four = await filled('four');
      await assertRefused(bench, [
        ['50', 'accepted', () => listen(a, 80, one)],
        ['100', 'accepted', () => listen(a, 81, two)],
        ['150 targets of a zone', 'TooManyTargets', () => listen(a, 82, three)],
        ['a second network load balancer', 'accepted', () => listen(b, 80, three)],
        ['a third one', 'TooManyRegistrationsForTargetId', () => listen(c, 80, four)],
        ['a third listener', 'accepted', () => listen(a, 83, two)],
        ['a fourth one', 'TooManyListeners', () => listen(a, 84, two)],
      ]);
    },
    {
      quotas: {
        'targets-per-availability-zone-per-network-load-balancer': 100,
        'listeners-per-network-load-balancer': 3,
      },
    },
  ));

test('a zone has another subnet only after it had none', () =>
  withAws(async (bench) => {
    const { elb, id } = bench;
    const [a = '', b = ''] = publicSubnets(bench);
    const LoadBalancerArn = await makeNetwork(bench, { Subnets: [a, b], Scheme: 'internal' });
    const set = (...Subnets: string[]) => elb.setSubnets({ LoadBalancerArn, Subnets });
    const other = id('subnet/private-a');
    await assertRefused(bench, [
      ['in one step', 'InvalidConfigurationRequest', () => set(other, b)],
      ['without it', 'accepted', () => set(b)],
      ['with the other', 'accepted', () => set(other, b)],
    ]);
  }));

test('elastic addresses: one for each subnet, internet-facing only, and a subnet in use keeps its own', () =>
  withAws(async (bench) => {
    const [a = '', b = ''] = publicSubnets(bench);
    const one = (await bench.ec2.allocateAddress({})).AllocationId ?? '';
    const two = (await bench.ec2.allocateAddress({})).AllocationId ?? '';
    const at = (SubnetId: string, AllocationId?: string) => ({ SubnetId, AllocationId });
    const make = (SubnetMappings: object[], settings: object = {}) =>
      makeNetwork(bench, { Subnets: undefined, SubnetMappings, ...settings });
    await assertRefused(bench, [
      ['internal', 'ValidationError', () => make([at(a, one)], { Scheme: 'internal' })],
      ['one of two', 'ValidationError', () => make([at(a, one), at(b)])],
      ['unknown', 'AllocationIdNotFound', () => make([at(a, 'eipalloc-0')])],
      [
        'an application load balancer',
        'ValidationError',
        () => make([at(a, one), at(b, two)], { Type: 'application' }),
      ],
    ]);
    const LoadBalancerArn = await make([at(a, one)]);
    const set = (SubnetMappings: ReturnType<typeof at>[]) =>
      bench.elb.setSubnets({ LoadBalancerArn, SubnetMappings });
    await assertRefused(bench, [
      ['another address', 'InvalidConfigurationRequest', () => set([at(a, two)])],
      ['one more subnet', 'accepted', () => set([at(a, one), at(b, two)])],
      ['taken', 'ResourceInUse', () => make([at(a, one)], { Name: 'other' })],
    ]);
    const [found] = (await bench.elb.describeLoadBalancers({})).LoadBalancers ?? [];
    assert.deepEqual(
      found?.AvailabilityZones?.map(({ LoadBalancerAddresses }) => LoadBalancerAddresses?.[0]?.AllocationId),
      [one, two],
    );
  }));

test('deletion protection holds for network load balancers too', () =>
  withAws(async (bench) => {
    const LoadBalancerArn = await makeNetwork(bench);
    const set = (Value: string) =>
      bench.elb.modifyLoadBalancerAttributes({
        LoadBalancerArn,
        Attributes: [{ Key: 'deletion_protection.enabled', Value }],
      });
    await set('true');
    assert.equal(await codeOf(bench.elb.deleteLoadBalancer({ LoadBalancerArn })), 'OperationNotPermitted');
    await set('false');
    await bench.elb.deleteLoadBalancer({ LoadBalancerArn });
    assert.deepEqual((await bench.elb.describeLoadBalancers({})).LoadBalancers ?? [], []);
  }));
