import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Lane, lanes, operations } from '../../src/aws/ports.ts';
import { awsBuckets, RateLimiter } from '../../src/aws/rate-limit.ts';
import { VirtualClock } from '../../src/lib/virtual-clock.ts';

const { signal } = new AbortController();
const { CreateRule, DescribeRules, RegisterTargets, CreateLoadBalancer, DescribeAccountLimits } =
  operations.elasticloadbalancing;

/** Takes `count` tokens; the moments of their grants come in the order they were granted, in milliseconds from now. */
function grants(limiter: RateLimiter, clock: VirtualClock, rule = CreateRule, count = 1): number[] {
  const start = clock.now();
  const moments: number[] = [];
  for (let index = 0; index < count; index += 1) {
    void limiter.acquire(rule, { signal }).then(() => moments.push(clock.now() - start));
  }
  return moments;
}

test('a burst goes at once, then calls go at the rate of the scarcest bucket', async () => {
  const clock = new VirtualClock();
  const moments = grants(new RateLimiter({ clock, share: 0.5 }), clock, CreateRule, 13);
  await clock.advance(0);
  assert.equal(moments.length, 10);
  await clock.advance(2_001);
  assert.deepEqual(moments.slice(10), [667, 1334, 2001]);
});

test('Ask 3.4, Ask 10.2: lanes go in order when a bucket is empty, and in each lane who came first', async () => {
  const clock = new VirtualClock();
  const buckets = { account: { capacity: 1, perSecond: 1 } };
  const limiter = new RateLimiter({ clock, buckets, share: 1 });
  const served: string[] = [];
  const wish = (lane: Lane, name: string): void =>
    void limiter.acquire({ lane, buckets: ['account'] }, { signal }).then(() => served.push(name));
  wish('writes', 'takes the only token');
  for (const lane of lanes.toReversed()) {
    wish(lane, lane);
    wish(lane, `${lane} again`);
  }
  await clock.advance(20_000);
  const inOrder = lanes.flatMap((lane) => [lane, `${lane} again`]);
  assert.deepEqual(served, ['takes the only token', ...inOrder]);
});

test('an empty bucket holds nobody back who does not need it', async () => {
  const clock = new VirtualClock();
  const limiter = new RateLimiter({ clock });
  const intensive = grants(limiter, clock, CreateLoadBalancer, 9);
  const registrations = grants(limiter, clock, RegisterTargets, 3);
  await clock.advance(0);
  assert.equal(intensive.length, 8);
  assert.equal(registrations.length, 3);
});

test('Ask 10.1, Ask 10.3: a throttle halves the rate once for calls that were under way together, and the rate comes back', async () => {
  const clock = new VirtualClock();
  const limiter = new RateLimiter({ clock, buckets: { mutate: { capacity: 10, perSecond: 10 } }, share: 1 });
  const rule = { lane: 'rules', buckets: ['mutate'] } as const;
  limiter.throttled(['mutate']);
  limiter.throttled(['mutate']);
  const slowed = grants(limiter, clock, rule, 10);
  await clock.advance(2_000);
  assert.equal(slowed.length, 10);
  assert.equal(slowed[0], 200);
  await clock.advance(120_000);
  const later = grants(limiter, clock, rule, 20);
  await clock.advance(1_000);
  assert.equal(later.length, 20);
});

test('an aborted wait ends with the reason and takes no token', async () => {
  const clock = new VirtualClock();
  const limiter = new RateLimiter({ clock, buckets: { mutate: { capacity: 1, perSecond: 1 } }, share: 1 });
  const rule = { lane: 'rules', buckets: ['mutate'] } as const;
  await limiter.acquire(rule, { signal });
  const impatient = new AbortController();
  const waiting = limiter.acquire(rule, { signal: impatient.signal });
  const next = grants(limiter, clock, rule);
  impatient.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(limiter.acquire(rule, { signal: impatient.signal }), /enough/);
  await clock.advance(1_000);
  assert.deepEqual(next, [1_000]);
});

test('whatever is asked, no second of any ELBv2 bucket grants more than AWS allows', async () => {
  const rules = { CreateRule, DescribeRules, RegisterTargets, CreateLoadBalancer, DescribeAccountLimits };
  const names = Object.keys(rules) as (keyof typeof rules)[];
  const wishes = fc.array(fc.tuple(fc.constantFrom(...names), fc.integer({ min: 0, max: 400 })), {
    maxLength: 120,
  });
  await fc.assert(
    fc.asyncProperty(wishes, async (list) => {
      const clock = new VirtualClock();
      const limiter = new RateLimiter({ clock });
      const granted: { readonly at: number; readonly buckets: readonly string[] }[] = [];
      for (const [name, pause] of list) {
        const { buckets } = rules[name];
        void limiter.acquire(rules[name], { signal }).then(() => granted.push({ at: clock.now(), buckets }));
        await clock.advance(pause);
      }
      await clock.advance(60 * 60_000);
      assert.equal(granted.length, list.length);
      for (const bucket of ['account', 'describe', 'mutate', 'register', 'intensive'] as const) {
        const moments = granted.filter(({ buckets }) => buckets.includes(bucket)).map(({ at }) => at);
        const { capacity, perSecond } = awsBuckets[bucket];
        for (const [index, from] of moments.entries()) {
          const until = moments.slice(index).filter((at) => at <= from + 10_000).length;
          assert.ok(until <= capacity + perSecond * 10, `${bucket}: ${until} calls in 10 s`);
        }
      }
    }),
    { numRuns: 30 },
  );
});
