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

test('a network load balancer in front has the metrics and dimensions of its own kind', () => {
  const front = {
    ...targetGroup('front'),
    targetType: 'alb' as const,
    loadBalancerArns: [`${prefix}:loadbalancer/net/shop-front/1234567890abcdef` as never],
  };
  const { widgets } = dashboardBody({
    clusterName: 'prod',
    region: 'eu-west-1',
    usage: [],
    observed: {
      ...observed,
      loadBalancers: [
        ...observed.loadBalancers,
        observedLoadBalancer({
          arn: `${prefix}:loadbalancer/net/shop-front/1234567890abcdef` as never,
          name: 'shop-front',
          type: 'network',
        }),
      ],
      targetGroups: [...observed.targetGroups, front],
    },
  });
  const all = widgets.flatMap(({ properties }) => (properties['metrics'] ?? []) as readonly unknown[][]);
  const inFront = all.filter((metric) => metric.includes('net/shop-front/1234567890abcdef'));
  assert.ok(inFront.length > 0 && inFront.every(([namespace]) => namespace === 'AWS/NetworkELB'));
  assert.ok(inFront.some((metric) => metric.includes('targetgroup/front/6d0ecf831eec9f09')));
  const ofApplication = all.filter((metric) => metric.includes('app/shop/50dc6c495c0c9188'));
  assert.ok(ofApplication.every(([namespace]) => namespace === 'AWS/ApplicationELB'));
  assert.ok(!ofApplication.some((metric) => metric.includes('targetgroup/front/6d0ecf831eec9f09')));
  assert.ok(!inFront.some((metric) => metric.includes('targetgroup/one/6d0ecf831eec9f09')));
});

test('every metric of a dashboard is one that AWS publishes for such dimensions', () => {
  const perTargetGroup = [
    'HealthyHostCount',
    'RequestCount',
    'TargetResponseTime',
    'UnHealthyHostCount',
    'UnhealthyRoutingRequestCount',
  ];
  const perLoadBalancer = [
    'ActiveConnectionCount',
    'ClientTLSNegotiationErrorCount',
    'ConsumedLCUs',
    'HTTPCode_ELB_4XX_Count',
    'HTTPCode_ELB_500_Count',
    'HTTPCode_ELB_502_Count',
    'HTTPCode_ELB_503_Count',
    'HTTPCode_ELB_504_Count',
    'HTTPCode_ELB_5XX_Count',
    'HTTPCode_Target_2XX_Count',
    'HTTPCode_Target_3XX_Count',
    'HTTPCode_Target_4XX_Count',
    'HTTPCode_Target_5XX_Count',
    'NewConnectionCount',
    'PeakLCUs',
    'ProcessedBytes',
    'RejectedConnectionCount',
    'RequestCount',
    'RuleEvaluations',
    'TargetConnectionErrorCount',
    'TargetResponseTime',
    'TargetTLSNegotiationErrorCount',
  ];
  const metrics = body.widgets
    .flatMap(({ properties }) => (properties['metrics'] ?? []) as readonly unknown[][])
    .filter(([namespace]) => typeof namespace === 'string');
  const named = (ofTargetGroup: boolean): readonly unknown[] =>
    [
      ...new Set(
        metrics.filter((one) => one.includes('TargetGroup') === ofTargetGroup).map(([, name]) => name),
      ),
    ]
      .map(String)
      .toSorted();
  assert.deepEqual(named(true), perTargetGroup.toSorted());
  assert.deepEqual(named(false), perLoadBalancer.toSorted());
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
