// Network load balancers, and load balancers as their targets:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html

import assert from 'node:assert/strict';
import { test } from 'node:test';
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
