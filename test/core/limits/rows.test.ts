import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desiredGroup } from '../../../src/core/desired/group.ts';
import type { Quota } from '../../../src/core/domain/facts.ts';
import type { ObservedGroup } from '../../../src/core/domain/observed-group.ts';
import type { DesiredTarget } from '../../../src/core/domain/target.ts';
import { renderLimits } from '../../../src/core/limits/render.ts';
import { nearLimits } from '../../../src/core/limits/near.ts';
import { groupRows, type LimitRow, regionRows } from '../../../src/core/limits/rows.ts';
import { coreConfig } from '../../support/core-config.ts';
import {
  facts,
  listener,
  member,
  model,
  nothingObserved,
  observedLoadBalancer,
  ref,
  rule,
  targetGroup,
} from '../desired/models.ts';

const config = coreConfig();
const quotas: readonly Quota[] = [
  { name: 'rules-per-application-load-balancer', limit: 4, source: 'api', readAt: 0 },
];

function desiredOf(hosts: readonly string[]) {
  const rules = hosts.map((host) => rule('web/a', host));
  const targets = [{ id: 'i-1', port: 1 } as DesiredTarget];
  const { value } = desiredGroup({
    model: model({
      members: [member('web/a')],
      listeners: [listener(80, { rules })],
      targetGroups: [targetGroup()],
    }),
    facts: facts({ quotas }),
    observed: nothingObserved,
    config,
    targetsOf: () => targets,
  });
  return value;
}

/** The load balancer that is wanted, with one rule of somebody else and one of a member that is gone. */
function presentOf(name: string): ObservedGroup {
  const rules = [{}, { 'albatross.dev/ingress': 'web/gone', 'ingress.k8s.aws/stack': 'web/site' }].map(
    (tags, index) => ({ arn: `arn:${index}`, tags, conditions: [], actions: [] }),
  );
  const http = { port: 80, rules, defaultActions: [], certificates: ['a', 'b'], defaultCertificate: 'a' };
  const loadBalancer = observedLoadBalancer({ name, listeners: [http], securityGroups: ['sg-1'] } as never);
  return { ...nothingObserved, loadBalancers: [loadBalancer] };
}

const figures = (rows: readonly LimitRow[], quota: string) =>
  rows.filter((row) => row.quota === quota).map(({ used, wanted, limit }) => [used, wanted, limit]);

test('Ask 1.1: the ledger has what AWS holds beside what is wanted, and other people’s rules in both', () => {
  const desired = desiredOf(['a.b', 'c.d']);
  const observed = presentOf(desired.loadBalancer?.name ?? '');
  const rows = groupRows({ observed, quotas, wanted: { desired, config } });
  assert.deepEqual(figures(rows, 'rules-per-application-load-balancer'), [[2, 3, 4]]);
  assert.deepEqual(figures(rows, 'certificates-per-application-load-balancer'), [[1, 0, 25]]);
  assert.deepEqual(figures(rows, 'security-groups-per-interface'), [[1, 2, 5]]);
  assert.deepEqual(figures(rows, 'targets-per-target-group'), [[undefined, 1, 1000]]);
  assert.deepEqual(figures(rows, 'condition-values-per-alb-rule'), [[0, 1, 5]]);
  assert.deepEqual(figures(groupRows({ observed, quotas }), 'listeners-per-application-load-balancer'), [
    [1, undefined, 50],
  ]);
});

test('Ask 1.1: the region counts what others made there', () => {
  const groups = [{ desired: desiredOf(['a.b']), observed: nothingObserved }];
  const rows = regionRows({
    region: 'r',
    use: { loadBalancers: 49, networkLoadBalancers: 0, targetGroups: 7 },
    groups,
    quotas,
  });
  assert.deepEqual(figures(rows, 'application-load-balancers'), [[49, 50, 50]]);
  assert.deepEqual(figures(rows, 'target-groups'), [[7, 8, 3000]]);
});

test('the table says what is nearly full, where a limit comes from, and shows the fullest of many', () => {
  const desired = desiredOf(['a.b', 'c.d', 'e.f', 'g.h']);
  const rows = groupRows({ observed: nothingObserved, quotas, wanted: { desired, config } });
  const table = renderLimits(rows, { all: false, now: 120_000, usedTitle: 'in AWS' });
  assert.match(table, /rules of load balancer \S+ +4 +4 +100 % full +L-7EED9B64 +AWS, 2 min ago\n/);
  assert.match(table, /target groups of load balancer \S+ .*L-822D1B1B, fixed +documentation\n/);
  assert.doesNotMatch(table, /in AWS|\?/);
});

test('Ask 1.3: what is nearly full is told at 80 % and at 95 %, in words that stay the same in between', () => {
  const rows = (
    used: number,
    wanted: number,
    quota: LimitRow['quota'] = 'rules-per-application-load-balancer',
  ) => [
    {
      scope: 'load balancer',
      group: undefined,
      name: 'x',
      quota,
      used,
      wanted,
      limit: 100,
      source: 'api',
    } as LimitRow,
  ];
  const told = (all: readonly LimitRow[]) =>
    nearLimits(all, { object: ref('web/a'), region: 'r' }).map(({ message }) => message);
  assert.deepEqual(told(rows(79, 79)), []);
  assert.match(
    told(rows(70, 80))[0] ?? '',
    /^The load balancer x has 80 % or more of the 100 rules that it may have/,
  );
  assert.deepEqual(told(rows(70, 80)), told(rows(94, 94)));
  assert.match(told(rows(95, 60))[0] ?? '', /95 % or more/);
  assert.deepEqual(told(rows(100, 100, 'security-groups-per-interface')), []);
});
