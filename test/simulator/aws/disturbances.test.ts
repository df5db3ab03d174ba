import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2';
import { inProcessHandler } from '../../../src/simulator/aws/in-process.ts';
import { knobs } from '../../../src/simulator/aws/knobs.ts';
import { bucketsOf, Throttle } from '../../../src/simulator/aws/throttle.ts';
import { assertRefused, codeOf, credentials, makeLoadBalancer, makeTargetGroup, withAws } from './support.ts';

/** How many of `count` calls of an operation the buckets let through at a moment. */
function allowed(
  throttle: Throttle,
  [service, operation]: readonly [string, string],
  count: number,
  now: number,
): number {
  const buckets = bucketsOf(service, operation, {});
  return Array.from({ length: count }, () => throttle.take(buckets, now)).filter(Boolean).length;
}

test('each kind of call has the burst and the refill that AWS documents', () => {
  const rows: [string, string, number, number][] = [
    ['elbv2', 'DescribeRules', 40, 10],
    ['elbv2', 'CreateRule', 20, 3],
    ['elbv2', 'RegisterTargets', 20, 4],
    ['elbv2', 'CreateLoadBalancer', 10, 2],
    ['elbv2', 'SetSubnets', 10, 2],
    ['elbv2', 'CreateTrustStore', 10, 2],
    ['ec2', 'DescribeSubnets', 100, 20],
    ['ec2', 'DescribeInstances', 50, 10],
    ['ec2', 'AuthorizeSecurityGroupIngress', 50, 5],
    ['ec2', 'CreateTags', 100, 10],
    ['wafv2', 'AssociateWebACL', 1, 5],
    ['acm', 'ListCertificates', 8, 8],
  ];
  for (const [service, operation, burst, refill] of rows) {
    const throttle = new Throttle(knobs({ throttling: { enabled: true } }));
    const seconds =
      { CreateLoadBalancer: 10, SetSubnets: 10, CreateTrustStore: 10, AssociateWebACL: 10 }[operation] ?? 1;
    assert.equal(allowed(throttle, [service, operation], 200, 0), burst, operation);
    // The one-token bucket of WAF holds no more than it bursts, however long one waits.
    assert.equal(
      allowed(throttle, [service, operation], 200, seconds * 1000),
      Math.min(burst, refill),
      operation,
    );
    assert.equal(allowed(throttle, [service, operation], 200, 1e9), burst, operation);
  }
  const filtered = bucketsOf('ec2', 'DescribeInstances', { Filters: [] });
  assert.equal(filtered[0]?.capacity, 100);
});

test('all ELBv2 calls share the bucket of the account, which others may drain', () => {
  const settings = knobs({ throttling: { enabled: true } });
  const throttle = new Throttle(settings);
  assert.equal(allowed(throttle, ['elbv2', 'DescribeRules'], 30, 0), 30);
  assert.equal(allowed(throttle, ['elbv2', 'CreateRule'], 30, 0), 10);
  assert.equal(allowed(throttle, ['ec2', 'DescribeSubnets'], 30, 0), 30);
  settings.throttling.neighbourTokensPerSecond = 8;
  assert.equal(allowed(throttle, ['elbv2', 'DescribeRules'], 30, 1000), 2);
});

test('throttled calls answer the code of their service and are in the trace', () =>
  withAws(
    async (bench) => {
      const { aws, elb, ec2, clock } = bench;
      const codes = await Promise.all(
        Array.from({ length: 42 }, () => codeOf(elb.describeLoadBalancers({}))),
      );
      assert.deepEqual(
        codes.filter((code) => code !== 'accepted'),
        ['ThrottlingException', 'ThrottlingException'],
      );
      aws.faults.add({ service: 'ec2', action: { kind: 'throttle' } });
      assert.equal(await codeOf(ec2.describeVpcs({})), 'RequestLimitExceeded');
      assert.partialDeepStrictEqual(aws.trace.entries().at(-1), {
        errorCode: 'RequestLimitExceeded',
        status: 503,
        bucket: 'ec2:DescribeVpcs',
        tokenCost: 1,
      });
      await clock.advance(100);
      assert.equal(await codeOf(elb.describeLoadBalancers({})), 'accepted');
    },
    { throttling: { enabled: true, code: 'ThrottlingException' } },
  ));

test('a fault meets the calls it names and no others', () =>
  withAws(async (bench) => {
    const { aws, elb, ec2 } = bench;
    aws.faults.add({
      operation: 'DescribeTags',
      nth: 2,
      action: { kind: 'fail', status: 500, code: 'InternalFailure' },
    });
    aws.faults.add({ operation: 'DescribeRules', times: 1, action: { kind: 'deny' } });
    const remove = aws.faults.add({
      when: ({ params }) => params['Names'] !== undefined,
      action: { kind: 'fail', status: 400, code: 'Odd', message: 'why' },
    });
    aws.faults.add({ service: 'ec2', operation: 'CreateVpc', action: { kind: 'deny' } });
    const tags = () => codeOf(elb.describeTags({ ResourceArns: [] }));
    assert.deepEqual([await tags(), await tags(), await tags()], ['accepted', 'InternalFailure', 'accepted']);
    const rules = () => codeOf(elb.describeRules({ RuleArns: ['x'] }));
    assert.deepEqual([await rules(), await rules()], ['AccessDenied', 'RuleNotFound']);
    const named = () => codeOf(elb.describeTargetGroups({ Names: ['x'] }));
    assert.equal(await named(), 'Odd');
    remove();
    assert.equal(await named(), 'TargetGroupNotFound');
    assert.equal(await codeOf(ec2.createVpc({ CidrBlock: '10.1.0.0/16' })), 'UnauthorizedOperation');
    aws.faults.clear();
    assert.equal(await codeOf(ec2.createVpc({ CidrBlock: '10.1.0.0/16' })), 'accepted');
  }));

test('a lost answer breaks the connection after the call was carried out', () =>
  withAws(async (bench) => {
    const { aws } = bench;
    aws.faults.add({ operation: 'CreateTargetGroup', nth: 1, action: { kind: 'loseAnswer' } });
    // What the SDK makes of a connection that was reset.
    assert.equal(await codeOf(makeTargetGroup(bench)), 'TimeoutError');
    assert.equal(aws.state.targetGroups.size, 1);
    assert.equal(aws.trace.entries().at(-1)?.status, 0);
    await makeTargetGroup(bench);
    assert.equal(aws.state.targetGroups.size, 1);
  }));

test('latency and delays pass on the clock of the simulator', () =>
  withAws(
    async ({ aws, elb, clock }) => {
      aws.faults.add({ operation: 'DescribeTags', action: { kind: 'delay', ms: 1_000 } });
      let done = false;
      const call = elb.describeTags({ ResourceArns: [] }).then(() => (done = true));
      while (clock.untilNextWake() === undefined) await clock.advance(0);
      await clock.advance(1_049);
      assert.equal(done, false);
      await clock.advance(1);
      await call;
      assert.equal(aws.trace.entries()[0]?.time, clock.now());
    },
    { latencyMs: 50 },
  ));

test('a client can be answered without a socket, with the same bytes', () =>
  withAws(async (bench) => {
    const { aws } = bench;
    const elb = new ElasticLoadBalancingV2({
      ...credentials,
      requestHandler: inProcessHandler(aws.controlPlane),
    });
    const direct = { ...bench, elb };
    const arn = await makeLoadBalancer(direct);
    const viaSocket = await bench.elb.describeLoadBalancers({});
    assert.deepEqual((await elb.describeLoadBalancers({})).LoadBalancers, viaSocket.LoadBalancers);
    assert.equal(viaSocket.LoadBalancers?.[0]?.LoadBalancerArn, arn);
    aws.faults.add({ operation: 'DeleteLoadBalancer', action: { kind: 'loseAnswer' } });
    await assertRefused(direct, [['lost', 'Error', () => elb.deleteLoadBalancer({ LoadBalancerArn: arn })]]);
    assert.equal(aws.state.loadBalancers.size, 0);
  }));

test('the trace counts since a mark and can be cleared', () =>
  withAws(async (bench) => {
    const { trace } = bench.aws;
    await makeTargetGroup(bench);
    const since = trace.mark;
    await bench.elb.describeTargetGroups({});
    await makeTargetGroup(bench, 'more');
    assert.deepEqual(trace.counts({ since }), { DescribeTargetGroups: 1, CreateTargetGroup: 1 });
    assert.deepEqual(
      trace.writes(since).map(({ params }) => params['Name']),
      ['more'],
    );
    trace.clear();
    assert.deepEqual(trace.entries(), []);
    assert.ok(trace.mark > since);
  }));

test('some readings show what was changed or deleted as it was; writes and the time after know better', () =>
  withAws(
    async (bench) => {
      const { elb, clock } = bench;
      const TargetGroupArn = await makeTargetGroup(bench);
      const intervals = async (): Promise<unknown[]> => {
        const seen = [];
        for (let reading = 0; reading < 5; reading += 1) {
          const { TargetGroups = [] } = await elb.describeTargetGroups({});
          seen.push(TargetGroups[0]?.HealthCheckIntervalSeconds);
        }
        return [...new Set(seen)];
      };
      await clock.advance(4_000);
      await elb.modifyTargetGroup({ TargetGroupArn, HealthCheckIntervalSeconds: 77 });
      assert.deepEqual(await intervals(), [30, 77]);
      await clock.advance(4_000);
      assert.deepEqual(await intervals(), [77]);
      await elb.deleteTargetGroup({ TargetGroupArn });
      assert.deepEqual(await intervals(), [77, undefined]);
    },
    { staleReadsMs: 4_000 },
  ));
