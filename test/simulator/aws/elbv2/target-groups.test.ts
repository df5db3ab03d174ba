import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paginateDescribeTargetGroups } from '@aws-sdk/client-elastic-load-balancing-v2';
import { assertRefused, makeFront, makeTargetGroup, used, withAws } from '../support.ts';

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
        ['protocol', 'ValidationError', (make) => make({ Protocol: 'QUIC' })],
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

test('a target group of a network load balancer can be filled, checks by TCP, and is not for rules', () =>
  withAws(async (bench) => {
    const { elb, id } = bench;
    const create = (settings: object) =>
      elb.createTargetGroup({
        Name: 'tcp',
        TargetType: 'ip',
        Protocol: 'TCP',
        Port: 5432,
        VpcId: id('vpc'),
        ...settings,
      });
    const [group] = (await create({})).TargetGroups ?? [];
    assert.partialDeepStrictEqual(group, {
      Protocol: 'TCP',
      HealthCheckProtocol: 'TCP',
      HealthCheckTimeoutSeconds: 10,
    });
    assert.deepEqual(
      [group?.HealthCheckPath, group?.Matcher, group?.ProtocolVersion],
      [undefined, undefined, undefined],
    );
    const TargetGroupArn = group?.TargetGroupArn;
    await elb.registerTargets({ TargetGroupArn, Targets: [{ Id: '10.0.96.20' }] });
    const { listener } = await makeFront(bench);
    const http = await create({ Name: 'tcp-http', HealthCheckProtocol: 'HTTP' });
    assert.partialDeepStrictEqual(http.TargetGroups?.[0], {
      HealthCheckPath: '/',
      Matcher: { HttpCode: '200-399' },
    });
    await assertRefused(create, [
      [
        'in a rule',
        'IncompatibleProtocols',
        () =>
          elb.modifyListener({
            ListenerArn: listener,
            DefaultActions: [{ Type: 'forward', TargetGroupArn }],
          }),
      ],
      ['with a version', 'ValidationError', (make) => make({ Name: 'x', ProtocolVersion: 'HTTP1' })],
      ['with a path', 'ValidationError', (make) => make({ Name: 'x', HealthCheckPath: '/' })],
      [
        'TCP checks over HTTP',
        'ValidationError',
        (make) => make({ Name: 'x', Protocol: 'HTTP', HealthCheckProtocol: 'TCP' }),
      ],
    ]);
  }));
