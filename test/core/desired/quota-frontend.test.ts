// What the network load balancer in front of a group takes of AWS's quotas.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desiredGroup } from '../../../src/core/desired/group.ts';
import { type CoreConfig, policies } from '../../../src/core/domain/config.ts';
import type { Quota, QuotaName } from '../../../src/core/domain/facts.ts';
import type { FrontendNlbIntent } from '../../../src/core/domain/group-model.ts';
import { namespacedName } from '../../../src/core/domain/ids.ts';
import type { ObservedGroup } from '../../../src/core/domain/observed-group.ts';
import { groupRows, regionRows } from '../../../src/core/limits/rows.ts';
import { coreConfig } from '../../support/core-config.ts';
import {
  facts,
  healthCheck,
  listener,
  member,
  model,
  nothingObserved,
  observedLoadBalancer,
  rule,
} from './models.ts';

const [a, b] = [namespacedName('web', 'a'), namespacedName('web', 'b')];
const limit = (name: QuotaName, figure: number): Quota => ({ name, limit: figure, source: 'api' });
const perZone = 'targets-per-availability-zone-per-network-load-balancer';
const perNetwork = 'listeners-per-network-load-balancer';

/** web/a switches it on; each port by the members that ask for it. */
function front(
  ports: Readonly<Record<number, readonly (typeof a)[]>>,
  attributes: FrontendNlbIntent['attributes'] = {},
): FrontendNlbIntent {
  return {
    scheme: 'internal',
    subnets: { kind: 'discover' },
    securityGroups: undefined,
    allocationIds: [],
    attributes,
    tags: {},
    enabledBy: [a],
    listeners: Object.entries(ports).map(([port, askedBy]) => ({
      port: Number(port),
      askedBy,
      targetPort: 80,
      healthCheck,
    })),
  };
}

function planned(
  frontendNlb: FrontendNlbIntent,
  quotas: readonly Quota[],
  {
    observed = nothingObserved,
    networks = 0,
    config = coreConfig(),
  }: { readonly observed?: ObservedGroup; readonly networks?: number; readonly config?: CoreConfig } = {},
) {
  const regionUse = { loadBalancers: 0, networkLoadBalancers: networks, targetGroups: 0 };
  const rules = [rule('web/a', 'a.example.com'), rule('web/b', 'b.example.com')];
  return desiredGroup({
    model: model({
      members: ['web/a', 'web/b'].map(member),
      listeners: [listener(80, { rules })],
      frontendNlb,
    }),
    facts: facts({ quotas, regionUse }),
    observed,
    config,
    targetsOf: () => [],
  });
}

const told = (...given: Parameters<typeof planned>): readonly string[] =>
  planned(...given).problems.map(({ message }) => message.replace(/ \(quota (\S+), .*/, ' $1'));

/** Both members have a rule, and the network load balancer has these ports. */
function present(ports: readonly number[]): ObservedGroup {
  const tags = (id: string) => ({ 'albatross.dev/ingress': id, 'ingress.k8s.aws/stack': 'web/site' });
  const rules = ['web/a', 'web/b'].map((id) => ({ arn: id, tags: tags(id), conditions: [], actions: [] }));
  const own = { tags: { 'ingress.k8s.aws/stack': 'web/site' }, defaultActions: [], rules: [] };
  const listeners = ports.map((port) => ({ ...own, arn: `${port}`, port, protocol: 'TCP' }));
  return {
    ...nothingObserved,
    loadBalancers: [
      observedLoadBalancer({ listeners: [{ ...own, port: 80, rules }] } as never),
      observedLoadBalancer({ arn: 'arn:net', name: 'net', type: 'network', listeners } as never),
    ],
  };
}

test('ANN-65, Ask 1.1: who switches it on is held where the region has no room for another one', () => {
  const full = [limit('network-load-balancers', 3)];
  assert.deepEqual(told(front({ 80: [a] }), full, { networks: 3 }), [
    'Ingress web/a needs 1 more network load balancers; 3 of 3 are in use network-load-balancers',
  ]);
  assert.deepEqual(told(front({ 80: [a] }), full, { networks: 2 }), []);
  assert.deepEqual(told(front({ 80: [a] }), full, { networks: 3, observed: present([80]) }), []);
});

test('ANN-69, Ask 1.1: a port that does not fit holds who asks for it, and nobody who has one', () => {
  const ports = front({ 80: [a, b], 81: [b] });
  const two = 'Ingress web/b needs 1 more listeners; 1 of 1 are in use listeners-per-network-load-balancer';
  assert.deepEqual(told(ports, [limit(perNetwork, 1)]), [two]);
  assert.deepEqual(told(ports, [limit(perNetwork, 1)], { observed: present([80]) }), [two]);
  const targetGroups = planned(ports, []).value.frontendNlb?.listeners.map(({ targetGroup }) => targetGroup);
  const observed = { ...present([80, 81]), targetGroups } as unknown as ObservedGroup;
  assert.deepEqual(told(ports, [limit(perNetwork, 1)], { observed }), []);
});

test('ANN-69, Ask 1.1: a port counts as 50 targets of a zone, and as 100 where zones are crossed', () => {
  const more = (count: number, used: number, of: number) =>
    `Ingress web/b needs ${count} more targets of a zone; ${used} of ${of} are in use ${perZone}`;
  const crossed = { 'load_balancing.cross_zone.enabled': 'true' };
  const ports = { 80: [a], 81: [b] };
  assert.deepEqual(told(front(ports), [limit(perZone, 99)]), [more(50, 50, 99)]);
  assert.deepEqual(told(front(ports), [limit(perZone, 100)]), []);
  assert.deepEqual(told(front(ports, crossed), [limit(perZone, 100)]), [more(100, 100, 100)]);
});

test('ANN-65, Ask 1.1: its target groups need room in the region, too', () => {
  assert.deepEqual(told(front({ 80: [a], 81: [b] }), [limit('target-groups', 1)]), [
    'Ingress web/b needs 1 more target groups; 1 of 1 are in use target-groups',
  ]);
});

test('ANN-65: as ALBC, the preset leaves these limits to AWS', () => {
  const config = coreConfig({ policy: policies.albc });
  const none = [limit('network-load-balancers', 0), limit(perNetwork, 0), limit(perZone, 0)];
  assert.deepEqual(told(front({ 80: [a] }), none, { config }), []);
});

test('ANN-65, Ask 1.1: the ledger has what AWS holds beside what is wanted', () => {
  const { value: desired } = planned(front({ 80: [a], 81: [b] }), []);
  const observed = present([80]);
  const config = coreConfig();
  const name = desired.frontendNlb?.loadBalancer.name;
  const rows = groupRows({ observed, quotas: [], wanted: { desired, config } });
  assert.deepEqual(
    rows
      .filter(({ scope }) => scope === 'network load balancer')
      .map((row) => [row.name === name ? 'wanted' : row.name, row.quota, row.used, row.wanted, row.limit]),
    [
      ['wanted', perNetwork, undefined, 2, 50],
      ['net', perNetwork, 1, undefined, 50],
      ['wanted', 'targets-per-network-load-balancer', undefined, 100, 3000],
      ['net', 'targets-per-network-load-balancer', 50, undefined, 3000],
      ['wanted', perZone, undefined, 100, 500],
      ['net', perZone, 50, undefined, 500],
    ],
  );
  const use = { loadBalancers: 1, networkLoadBalancers: 7, targetGroups: 9, securityGroups: 20 };
  const region = regionRows({
    region: 'r',
    use,
    groups: [{ desired, observed: nothingObserved }],
    quotas: [],
  });
  assert.deepEqual(
    region.map(({ quota, used, wanted }) => [quota, used, wanted]),
    [
      ['application-load-balancers', 1, 2],
      ['target-groups', 9, 12],
      ['security-groups', 20, 21],
      ['network-load-balancers', 7, 8],
    ],
  );
});
