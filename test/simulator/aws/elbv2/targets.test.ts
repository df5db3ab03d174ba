import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KnobSettings } from '../../../../src/simulator/aws/knobs.ts';
import {
  assertRefused,
  makeListener,
  makeLoadBalancer,
  makeTargetGroup,
  notFoundPage,
  used,
  withAws,
} from '../support.ts';

test('a target is unused without a rule, registers, is checked once, and is healthy', () =>
  withAws(
    async (bench) => {
      const { elb, clock } = bench;
      const { listener, group, health } = await used(bench);
      assert.deepEqual(await health(), ['10.0.96.20:8080 initial Elb.RegistrationInProgress']);
      await clock.advance(4_000);
      assert.deepEqual(await health(), ['10.0.96.20:8080 initial Elb.InitialHealthChecking']);
      await clock.advance(30_000);
      assert.deepEqual(await health(), ['10.0.96.20:8080 healthy']);
      await elb.modifyListener({ ListenerArn: listener, DefaultActions: [notFoundPage] });
      assert.deepEqual(await health(), ['10.0.96.20:8080 unused Target.NotInUse']);
      await elb.modifyListener({
        ListenerArn: listener,
        DefaultActions: [
          { Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: group, Weight: 0 }] } },
        ],
      });
      assert.deepEqual(await health(), ['10.0.96.20:8080 initial Elb.RegistrationInProgress']);
    },
    { registrationMs: 4_000 },
  ));

test('a target that is made to fail turns unhealthy after the threshold, and healthy again after the other', () =>
  withAws(async (bench) => {
    const { aws, clock } = bench;
    const { target, health } = await used(bench);
    await clock.advance(30_000);
    const force = (up: boolean) =>
      aws.forceHealth({
        targetGroup: 'pods',
        id: target.Id,
        port: target.Port,
        up,
        reason: 'Target.Timeout',
      });
    force(false);
    await clock.advance(59_999);
    assert.deepEqual(await health(), ['10.0.96.20:8080 healthy']);
    await clock.advance(1);
    assert.deepEqual(await health(), ['10.0.96.20:8080 unhealthy Target.Timeout']);
    force(true);
    await clock.advance(149_999);
    assert.deepEqual(await health(), ['10.0.96.20:8080 unhealthy Target.Timeout']);
    await clock.advance(1);
    assert.deepEqual(await health(), ['10.0.96.20:8080 healthy']);
    assert.throws(
      () => aws.forceHealth({ targetGroup: 'pods', id: '10.0.0.1', port: 1, up: true }),
      /No target 10\.0\.0\.1:1 is registered/,
    );
  }));

test('a deregistered target drains for its delay and cannot come back before', () =>
  withAws(async (bench) => {
    const { elb, clock } = bench;
    const { group, target, health } = await used(bench);
    const Targets = [target];
    await elb.deregisterTargets({ TargetGroupArn: group, Targets });
    assert.deepEqual(await health(), ['10.0.96.20:8080 draining Target.DeregistrationInProgress']);
    await clock.advance(299_999);
    await assertRefused(bench, [
      ['still draining', 'InvalidTarget', () => elb.registerTargets({ TargetGroupArn: group, Targets })],
    ]);
    await clock.advance(1);
    assert.deepEqual(await health(), []);
    await elb.registerTargets({ TargetGroupArn: group, Targets });
    await elb.modifyTargetGroupAttributes({
      TargetGroupArn: group,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '0' }],
    });
    await elb.deregisterTargets({ TargetGroupArn: group, Targets });
    assert.deepEqual(await health(), []);
    await elb.deregisterTargets({ TargetGroupArn: group, Targets: [{ Id: '10.0.96.99' }] });
  }));

test('a target is its id and its port together', () =>
  withAws(async (bench) => {
    const { elb } = bench;
    const { group, health } = await used(bench);
    await elb.registerTargets({
      TargetGroupArn: group,
      Targets: [{ Id: '10.0.96.20', Port: 9090 }, { Id: '10.0.96.20' }],
    });
    assert.deepEqual(
      (await health()).map((text) => text.split(' ')[0]),
      ['10.0.96.20:8080', '10.0.96.20:9090'],
    );
    const asked = await elb.describeTargetHealth({
      TargetGroupArn: group,
      Targets: [{ Id: '10.0.96.20', Port: 1 }],
    });
    assert.equal(asked.TargetHealthDescriptions?.[0]?.TargetHealth?.Reason, 'Target.NotRegistered');
  }));

test('instances must run; a stopped one is unused, and its zone must be one of the load balancer', () =>
  withAws(async (bench) => {
    const { elb, ec2, id } = bench;
    const made = await elb.createTargetGroup({
      Name: 'nodes',
      TargetType: 'instance',
      Protocol: 'HTTP',
      Port: 30080,
      VpcId: id('vpc'),
    });
    const TargetGroupArn = made.TargetGroups?.[0]?.TargetGroupArn ?? '';
    const LoadBalancerArn = await makeLoadBalancer(bench);
    const ListenerArn = await makeListener(bench, LoadBalancerArn);
    await elb.modifyListener({ ListenerArn, DefaultActions: [{ Type: 'forward', TargetGroupArn }] });
    const [a, b] = [id('instance/node-a'), id('instance/node-b')];
    await elb.registerTargets({ TargetGroupArn, Targets: [{ Id: a }] });
    await ec2.stopInstances({ InstanceIds: [a, b] });
    const reason = async () =>
      (await elb.describeTargetHealth({ TargetGroupArn })).TargetHealthDescriptions?.map(
        ({ TargetHealth }) => TargetHealth?.Reason,
      );
    assert.deepEqual(await reason(), ['Target.InvalidState']);
    await assertRefused(bench, [
      ['stopped', 'InvalidTarget', () => elb.registerTargets({ TargetGroupArn, Targets: [{ Id: b }] })],
      ['unknown', 'InvalidTarget', () => elb.registerTargets({ TargetGroupArn, Targets: [{ Id: 'i-1' }] })],
      [
        'zone for an instance',
        'ValidationError',
        () => elb.registerTargets({ TargetGroupArn, Targets: [{ Id: a, AvailabilityZone: 'us-west-2a' }] }),
      ],
    ]);
    await ec2.startInstances({ InstanceIds: [a] });
    assert.deepEqual(await reason(), ['Elb.InitialHealthChecking']);
    await elb.setSubnets({ LoadBalancerArn, Subnets: ['subnet/public-b', 'subnet/public-c'].map(id) });
    assert.deepEqual(await reason(), ['Target.NotInUse']);
  }));

test('addresses must be private; those outside the VPC need the zone `all`', () =>
  withAws(async (bench) => {
    const { elb } = bench;
    const TargetGroupArn = await makeTargetGroup(bench);
    const register = (target: object) =>
      elb.registerTargets({ TargetGroupArn, Targets: [{ Id: '10.0.96.20' }, { Id: '', ...target }] });
    await assertRefused(register, [
      ['public', 'ValidationError', (call) => call({ Id: '8.8.8.8', AvailabilityZone: 'all' })],
      ['outside without a zone', 'ValidationError', (call) => call({ Id: '192.168.1.1' })],
      ['wrong zone', 'ValidationError', (call) => call({ Id: '10.0.96.21', AvailabilityZone: 'us-west-2b' })],
      ['IPv6', 'ValidationError', (call) => call({ Id: '2600::1' })],
      ['no address', 'ValidationError', (call) => call({ Id: 'i-1' })],
      ['port', 'ValidationError', (call) => call({ Id: '10.0.96.21', Port: 70_000 })],
    ]);
    assert.equal(bench.aws.state.targetGroups.get(TargetGroupArn)?.targets.size, 0);
    await register({ Id: '192.168.1.1', AvailabilityZone: 'all' });
  }));

test('without cross-zone load balancing an address outside the VPC needs a zone of its own', () =>
  withAws(async (bench) => {
    const { elb } = bench;
    const TargetGroupArn = await makeTargetGroup(bench);
    const Attributes = [{ Key: 'load_balancing.cross_zone.enabled', Value: 'false' }];
    await elb.modifyTargetGroupAttributes({ TargetGroupArn, Attributes });
    const register = (AvailabilityZone?: string) =>
      elb.registerTargets({
        TargetGroupArn,
        Targets: [{ Id: '192.168.1.1', ...(AvailabilityZone && { AvailabilityZone }) }],
      });
    await assertRefused(register, [
      ['all', 'ValidationError', (call) => call('all')],
      ['none', 'ValidationError', (call) => call()],
    ]);
    await register('us-west-2a');
  }));

test('targets of a group, of a load balancer, and registrations of one id are limited', async () => {
  const limits = [
    ['TooManyTargets', { 'targets-per-target-group': 2 }],
    ['TooManyTargets', { 'targets-per-application-load-balancer': 2 }],
    ['TooManyRegistrationsForTargetId', { 'target-id-registrations-per-application-load-balancer': 2 }],
  ] satisfies [string, NonNullable<KnobSettings['quotas']>][];
  for (const [code, quotas] of limits) {
    await withAws(
      async (bench) => {
        const { group } = await used(bench);
        const register = (...ports: number[]) =>
          bench.elb.registerTargets({
            TargetGroupArn: group,
            Targets: ports.map((Port) => ({ Id: '10.0.96.20', Port })),
          });
        await assertRefused(bench, [[Object.keys(quotas)[0] ?? '', code, () => register(1, 2)]]);
        await register(8080, 1);
      },
      { quotas },
    );
  }
});
