import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operations } from '../../src/aws/ports.ts';
import { RateLimiter } from '../../src/aws/rate-limit.ts';
import { throttleMistakes, withThrottles } from '../../src/aws/throttles.ts';
import { VirtualClock } from '../../src/lib/virtual-clock.ts';

const given = (service: string, pattern: string, perSecond: number, burst: number) => ({
  service,
  operations: new RegExp(pattern),
  perSecond,
  burst,
});

test('OPS-16: --aws-api-throttle takes the place of the built-in limits of the services that it names', () => {
  const { ruleOf } = withThrottles([
    given('Elastic Load Balancing v2', '^RegisterTargets|^DeregisterTargets', 4, 20),
    given('Elastic Load Balancing v2', 'Targets$', 1, 1),
  ]);
  assert.equal(ruleOf('elasticloadbalancing', 'RegisterTargets').buckets.length, 2);
  assert.deepEqual(ruleOf('elasticloadbalancing', 'DescribeRules'), { lane: 'reads', buckets: [] });
  assert.deepEqual(ruleOf('ec2', 'DescribeSubnets'), operations.ec2.DescribeSubnets);
});

test('OPS-16: its rates and bursts are taken whole', async () => {
  const clock = new VirtualClock();
  const { ruleOf, buckets } = withThrottles([given('WAFV2', '^AssociateWebACL', 0.5, 2)]);
  const limiter = new RateLimiter({ clock, buckets });
  const { signal } = new AbortController();
  const granted: number[] = [];
  for (let index = 0; index < 4; index += 1) {
    const rule = ruleOf('wafv2', 'AssociateWebACL');
    void limiter.acquire(rule, { signal }).then(() => granted.push(clock.now()));
  }
  const start = clock.now();
  await clock.advance(4000);
  assert.deepEqual(
    granted.map((at) => at - start),
    [0, 0, 2000, 4000],
  );
});

test('a limit of a service that nobody has is a mistake', () => {
  const [mistake] = throttleMistakes([given('WAFV2', '^Get', 1, 1), given('S3', '^Get', 1, 1)]);
  assert.match(mistake ?? '', /"S3" is not a known service; known are .*wafv2/);
});
