import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObservedGroup, ObservedTargetGroup } from '../../src/core/domain/observed-group.ts';
import { dashboardBody, type Widget } from '../../src/telemetry/dashboards.ts';
import { nothingObserved, observedLoadBalancer } from '../core/desired/models.ts';

const prefix = 'arn:aws:elasticloadbalancing:eu-west-1:1';
const targetGroup = (name: string): ObservedTargetGroup =>
  ({
    name,
    arn: `${prefix}:targetgroup/${name}/6d0ecf831eec9f09`,
    loadBalancerArns: [],
  }) as unknown as ObservedTargetGroup;
const observed: ObservedGroup = {
  ...nothingObserved,
  loadBalancers: [
    observedLoadBalancer({ arn: `${prefix}:loadbalancer/app/shop/50dc6c495c0c9188` as never, name: 'shop' }),
  ],
  targetGroups: [targetGroup('one'), targetGroup('two')],
};

const body = dashboardBody({
  clusterName: 'prod',
  region: 'eu-west-1',
  observed,
  usage: [{ quota: 'rules-per-application-load-balancer', used: 25, limit: 100 }],
});
const chart = (title: string): Widget => {
  const found = body.widgets.find(({ properties }) => properties['title'] === title);
  return found ?? assert.fail(`no chart ${title}`);
};

test('dimensions are the tails of the ARNs, as CloudWatch has them', () => {
  assert.deepEqual(chart('shop: requests').properties['metrics'], [
    ['AWS/ApplicationELB', 'RequestCount', 'LoadBalancer', 'app/shop/50dc6c495c0c9188', { stat: 'Sum' }],
  ]);
  assert.deepEqual(chart('Healthy hosts').properties['metrics'], [
    [
      'AWS/ApplicationELB',
      'HealthyHostCount',
      'TargetGroup',
      'targetgroup/one/6d0ecf831eec9f09',
      'LoadBalancer',
      'app/shop/50dc6c495c0c9188',
      { stat: 'Minimum', label: 'one' },
    ],
    [
      'AWS/ApplicationELB',
      'HealthyHostCount',
      'TargetGroup',
      'targetgroup/two/6d0ecf831eec9f09',
      'LoadBalancer',
      'app/shop/50dc6c495c0c9188',
      { stat: 'Minimum', label: 'two' },
    ],
  ]);
});

test('latency is shown in percentiles and the error rate as a share', () => {
  const stats = (chart('Latency of targets, s').properties['metrics'] as unknown[][]).map(
    (metric) => (metric.at(-1) as { stat: string }).stat,
  );
  assert.deepEqual(stats, ['p50', 'p90', 'p99']);
  assert.match(JSON.stringify(chart('Errors, % of requests').properties['metrics']), /"expression":"100 \*/);
});

test('usage stands against its limit', () => {
  assert.match(
    JSON.stringify(body.widgets.at(-1)),
    /rules-per-application-load-balancer \| 25 \| 100 \| 25 %/,
  );
});

test('widgets do not overlap and stay on the grid', () => {
  const cells = new Set<string>();
  for (const { x, y, width, height } of body.widgets) {
    assert.ok(x + width <= 24);
    for (let row = y; row < y + height; row += 1) {
      for (let column = x; column < x + width; column += 1) {
        assert.ok(!cells.has(`${row} ${column}`), `row ${row}, column ${column}`);
        cells.add(`${row} ${column}`);
      }
    }
  }
});
