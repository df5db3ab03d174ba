import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paginateDescribeTargetGroups } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { KnobSettings } from '../../../../src/simulator/aws/knobs.ts';
import {
  assertRefused,
  type Bench,
  makeFront,
  makeListener,
  makeLoadBalancer,
  makeTargetGroup,
  notFoundPage,
  withAws,
} from '../support.ts';

/** A target group behind a listener, with one target. */
async function used(bench: Bench) {
  const front = await makeFront(bench);
  await bench.elb.modifyListener({
    ListenerArn: front.listener,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: front.group }],
  });
  const target = { Id: '10.0.96.20', Port: 8080 };
  await bench.elb.registerTargets({ TargetGroupArn: front.group, Targets: [target] });
  const health = async () => {
    const answer = await bench.elb.describeTargetHealth({ TargetGroupArn: front.group });
    return (answer.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) =>
      `${Target?.Id}:${Target?.Port} ${TargetHealth?.State} ${TargetHealth?.Reason ?? ''}`.trim(),
    );
  };
  return { ...front, target, health };
}

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

test('a target group has the documented defaults and is created once', () =>
  withAws(async (bench) => {
    const { elb, aws } = bench;
    const arn = await makeTargetGroup(bench);
    assert.equal(await makeTargetGroup(bench), arn);
    assert.equal(aws.state.targetGroups.size, 1);
    const [group] = (await elb.describeTargetGroups({ Names: ['pods'] })).TargetGroups ?? [];
    assert.partialDeepStrictEqual(group, {
      TargetGroupArn: arn,
      ProtocolVersion: 'HTTP1',
      IpAddressType: 'ipv4',
      HealthCheckProtocol: 'HTTP',
      HealthCheckPort: 'traffic-port',
      HealthCheckPath: '/',
      HealthCheckIntervalSeconds: 30,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      Matcher: { HttpCode: '200' },
      LoadBalancerArns: [],
    });
    const modified = await elb.modifyTargetGroup({
      TargetGroupArn: arn,
      HealthCheckPath: '/up',
      Matcher: { HttpCode: '200-299,301' },
    });
    assert.partialDeepStrictEqual(modified.TargetGroups?.[0], {
      HealthCheckPath: '/up',
      HealthCheckIntervalSeconds: 30,
      Matcher: { HttpCode: '200-299,301' },
    });
    const { Attributes = [] } = await elb.describeTargetGroupAttributes({ TargetGroupArn: arn });
    assert.equal(Attributes.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds')?.Value, '300');
    await elb.deleteTargetGroup({ TargetGroupArn: arn });
    await elb.deleteTargetGroup({ TargetGroupArn: arn });
    assert.equal(aws.state.targetGroups.size, 0);
  }));

test('what a target group cannot be is refused', () =>
  withAws(
    async (bench) => {
      const { elb, id } = bench;
      const create = (settings: object) =>
        elb.createTargetGroup({
          Name: 'new',
          TargetType: 'ip',
          Protocol: 'HTTP',
          Port: 80,
          VpcId: id('vpc'),
          ...settings,
        });
      const arn = await makeTargetGroup(bench);
      const set = (Key: string, Value: string) =>
        elb.modifyTargetGroupAttributes({ TargetGroupArn: arn, Attributes: [{ Key, Value }] });
      await assertRefused(create, [
        ['quota', 'TooManyTargetGroups', (make) => make({})],
        ['same name', 'DuplicateTargetGroupName', (make) => make({ Name: 'pods' })],
        ['name', 'ValidationError', (make) => make({ Name: '-x' })],
        ['two hyphens in a row', 'ValidationError', (make) => make({ Name: 'a--b' })],
        ['protocol', 'ValidationError', (make) => make({ Protocol: 'TCP' })],
        ['port', 'ValidationError', (make) => make({ Port: 0 })],
        ['VPC', 'ValidationError', (make) => make({ VpcId: 'vpc-1' })],
        ['interval', 'ValidationError', (make) => make({ HealthCheckIntervalSeconds: 4 })],
        [
          'timeout beyond the interval',
          'ValidationError',
          (make) => make({ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 5 }),
        ],
        ['threshold', 'ValidationError', (make) => make({ HealthyThresholdCount: 11 })],
        ['health check path', 'ValidationError', (make) => make({ HealthCheckPath: 'x' })],
        ['health check port', 'ValidationError', (make) => make({ HealthCheckPort: 'http' })],
        ['matcher', 'ValidationError', (make) => make({ Matcher: { HttpCode: '200-600' } })],
        ['health checks off', 'ValidationError', (make) => make({ HealthCheckEnabled: false })],
        ['lambda with a port', 'ValidationError', (make) => make({ TargetType: 'lambda' })],
        ['delay', 'ValidationError', () => set('deregistration_delay.timeout_seconds', '3601')],
        ['cookie name', 'ValidationError', () => set('stickiness.app_cookie.cookie_name', 'AWSALB1')],
        [
          'mitigation without its algorithm',
          'InvalidConfigurationRequest',
          () => set('load_balancing.algorithm.anomaly_mitigation', 'on'),
        ],
        ['unknown group', 'TargetGroupNotFound', () => elb.describeTargetHealth({ TargetGroupArn: 'x' })],
        ['unknown name', 'TargetGroupNotFound', () => elb.describeTargetGroups({ Names: ['x'] })],
        [
          'two selectors',
          'ValidationError',
          () => elb.describeTargetGroups({ Names: ['pods'], TargetGroupArns: [arn] }),
        ],
        [
          'nothing to register',
          'ValidationError',
          () => elb.registerTargets({ TargetGroupArn: arn, Targets: [] }),
        ],
      ]);
    },
    { quotas: { 'target-groups': 1 } },
  ));

test('a target group stays in use for a while after its last rule went', () =>
  withAws(
    async (bench) => {
      const { listener, group } = await used(bench);
      await bench.elb.deleteListener({ ListenerArn: listener });
      await assertRefused(bench, [
        ['just released', 'ResourceInUse', ({ elb }) => elb.deleteTargetGroup({ TargetGroupArn: group })],
      ]);
      await bench.clock.advance(5_000);
      await bench.elb.deleteTargetGroup({ TargetGroupArn: group });
    },
    { targetGroupReleaseMs: 5_000 },
  ));

test('target groups come in pages, and by load balancer', () =>
  withAws(
    async (bench) => {
      const { loadBalancer } = await used(bench);
      for (const name of ['a', 'b', 'c', 'd']) await makeTargetGroup(bench, name);
      const names: string[] = [];
      for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client: bench.elb }, {})) {
        assert.ok(TargetGroups.length <= 2);
        names.push(...TargetGroups.map(({ TargetGroupName = '' }) => TargetGroupName));
      }
      assert.deepEqual(names, ['pods', 'a', 'b', 'c', 'd']);
      const own = await bench.elb.describeTargetGroups({ LoadBalancerArn: loadBalancer });
      assert.deepEqual(
        own.TargetGroups?.map(({ TargetGroupName }) => TargetGroupName),
        ['pods'],
      );
    },
    { pageSize: { elbv2: 2 } },
  ));

test('tags are added, overwritten and removed; readers may be behind', () =>
  withAws(
    async (bench) => {
      const { elb, clock } = bench;
      const arn = await makeTargetGroup(bench);
      const read = async () => {
        const answer = await elb.describeTags({ ResourceArns: [arn] });
        return (answer.TagDescriptions?.[0]?.Tags ?? []).map(({ Key, Value }) => `${Key}=${Value}`);
      };
      await elb.addTags({
        ResourceArns: [arn],
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '' },
        ],
      });
      assert.deepEqual(await read(), []);
      await clock.advance(1_000);
      assert.deepEqual(await read(), ['a=1', 'b=']);
      await elb.addTags({ ResourceArns: [arn], Tags: [{ Key: 'a', Value: '2' }] });
      await elb.removeTags({ ResourceArns: [arn], TagKeys: ['b', 'unknown'] });
      await clock.advance(1_000);
      assert.deepEqual(await read(), ['a=2']);
      const add = (...Tags: object[]) =>
        elb.addTags({ ResourceArns: [arn], Tags: Tags.map((tag) => ({ Key: 'k', ...tag })) });
      await assertRefused(add, [
        ['twice', 'DuplicateTagKeys', () => add({}, {})],
        [
          '51 in all',
          'TooManyTags',
          () => add(...Array.from({ length: 50 }, (_, number) => ({ Key: `k${number}` }))),
        ],
        ['key length', 'ValidationError', () => add({ Key: 'k'.repeat(129) })],
        ['value length', 'ValidationError', () => add({ Value: 'v'.repeat(257) })],
        ['character', 'ValidationError', () => add({ Value: 'a&b' })],
        ['reserved', 'ValidationError', () => add({ Key: 'AWS:x' })],
        ['unknown resource', 'TargetGroupNotFound', () => elb.describeTags({ ResourceArns: [`${arn}x`] })],
        ['not a resource', 'ValidationError', () => elb.addTags({ ResourceArns: ['x'], Tags: [] })],
        [
          '21 resources',
          'ValidationError',
          () => elb.describeTags({ ResourceArns: Array.from({ length: 21 }, () => arn) }),
        ],
      ]);
    },
    { tagLagMs: 1_000 },
  ));
