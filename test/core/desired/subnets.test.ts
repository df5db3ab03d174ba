import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chosenSubnets } from '../../../src/core/desired/subnets.ts';
import type { SubnetFact } from '../../../src/core/domain/facts.ts';
import type { LoadBalancerIntent } from '../../../src/core/domain/group-model.ts';
import { coreConfig } from '../../support/core-config.ts';
import { loadBalancerIntent, observedLoadBalancer, ref, subnet, subnets } from './models.ts';

type Words = Partial<Parameters<typeof chosenSubnets>[0]> & {
  readonly intentOf?: Partial<LoadBalancerIntent>;
};

function choose({ intentOf = {}, ...words }: Words = {}) {
  return chosenSubnets({
    intent: { ...loadBalancerIntent, ...intentOf },
    subnets,
    existing: undefined,
    config: coreConfig(),
    object: ref('web/site'),
    ...words,
  });
}

/** The problem's text where there must be exactly one, and ALBC's text after it. */
function refusal(words: Words): { readonly message: string; readonly albc: string } {
  const { problems } = choose(words);
  const [problem, ...others] = problems;
  assert.ok(problem !== undefined && others.length === 0);
  assert.deepEqual([problem.code, problem.scope, problem.severity], ['SubnetsUnusable', 'group', 'error']);
  return { message: problem.message, albc: problem.albcMessage ?? '' };
}

const named = (...idsOrNames: readonly string[]): Words => ({
  intentOf: { subnets: { kind: 'named', idsOrNames } },
});
const gates = (overrides: Partial<ReturnType<typeof coreConfig>['featureGates']>) =>
  coreConfig({ featureGates: { ...coreConfig().featureGates, ...overrides } });
const withTags = (name: string, tags: Readonly<Record<string, string>>): SubnetFact => subnet(name, { tags });

test('discovery takes the subnets with the role of the scheme, one per zone, by id', () => {
  assert.deepEqual(choose().value, ['subnet-private-a', 'subnet-private-b', 'subnet-private-c']);
  const open = choose({ intentOf: { scheme: 'internet-facing' } });
  assert.deepEqual(open.value, ['subnet-public-a', 'subnet-public-b', 'subnet-public-c']);
});

test('a role tag counts with the value 1 or none, and no other', () => {
  const role = 'kubernetes.io/role/internal-elb';
  const found = choose({
    subnets: [
      withTags('x-a', { [role]: '' }),
      withTags('x-b', { [role]: '1' }),
      withTags('x-c', { [role]: 'true' }),
    ],
  });
  assert.deepEqual(found.value, ['subnet-x-a', 'subnet-x-b']);
});

test('without any role tag the route tables decide, unless the gate is off', () => {
  const bare = subnets.map((each) => ({ ...each, tags: {} }));
  assert.deepEqual(choose({ subnets: bare }).value, choose().value);
  const off = refusal({ subnets: bare, config: gates({ SubnetDiscoveryByReachability: false }) });
  assert.match(
    off.message,
    /none is left; of 0 candidates.*6 other subnets of the VPC lack the tag kubernetes\.io\/role\/internal-elb=1, and the feature gate/,
  );
  assert.match(
    off.albc,
    /^couldn't auto-discover subnets: unable to resolve at least one subnet\. Evaluated 0 subnets/,
  );
});

test('a refusal by route tables says what the other subnets lack', () => {
  const closed = [subnet('private-a', { tags: {} }), subnet('private-b', { tags: {} })];
  const { message } = refusal({ subnets: closed, intentOf: { scheme: 'internet-facing' } });
  assert.match(
    message,
    /2 other subnets of the VPC lack the tag kubernetes\.io\/role\/elb=1 as well as a route table with a route to an internet gateway$/,
  );
});

test("in a zone the own cluster's subnet comes first, then the lowest id", () => {
  const role = { 'kubernetes.io/role/internal-elb': '1' };
  const found = choose({
    subnets: [
      withTags('1-a', role),
      withTags('2-a', { ...role, 'kubernetes.io/cluster/demo-cluster': 'owned' }),
      withTags('3-b', role),
      withTags('4-b', role),
    ],
  });
  assert.deepEqual(found.value, ['subnet-2-a', 'subnet-3-b']);
});

test('a refusal names every candidate with its verdict', () => {
  const other = { 'kubernetes.io/role/internal-elb': '1', 'kubernetes.io/cluster/other': 'owned' };
  const { message, albc } = refusal({
    subnets: [
      withTags('x-a', other),
      subnet('private-b', { availableIpCount: 7 }),
      subnet('private-c', { ipv6Cidrs: [] }),
    ],
    intentOf: { ipAddressType: 'dualstack' },
  });
  assert.match(
    message,
    /of 3 candidates, 1 tagged for another cluster, 1 with too few free IP addresses, 1 without IPv6/,
  );
  assert.match(message, /subnet-private-b \(us-west-2b\): 7 free IP addresses where 8 are needed/);
  assert.match(message, /subnet-private-c \(us-west-2c\): no IPv6 CIDR/);
  assert.match(
    message,
    /subnet-x-a \(us-west-2a\): tagged for another cluster \(kubernetes.io\/cluster\/other\)/,
  );
  assert.equal(
    albc,
    "couldn't auto-discover subnets: unable to resolve at least one subnet. Evaluated 3 subnets: 1 are tagged for other clusters, and 1 have insufficient available IP addresses",
  );
});

test('the cluster tag check can be switched off', () => {
  const other = subnets.map((each) => ({
    ...each,
    tags: { 'kubernetes.io/role/internal-elb': '1', 'kubernetes.io/cluster/other': 'owned' },
  }));
  assert.equal(choose({ subnets: other, config: gates({ SubnetsClusterTagCheck: false }) }).value.length, 3);
});

test('NET-18: ordinary zones need two subnets, other kinds of zones one, and kinds do not mix', () => {
  const one = refusal({ subnets: [subnet('private-a')] });
  assert.equal(
    one.albc,
    "couldn't auto-discover subnets: subnets count less than minimal required count: 1 < 2",
  );
  assert.equal(
    choose({ subnets: [subnet('private-a')], config: gates({ ALBSingleSubnet: true }) }).value.length,
    1,
  );
  assert.equal(choose({ subnets: [subnet('private-a', { locale: 'outpost' })] }).value.length, 1);
  const mixed = [subnet('private-a'), subnet('private-b', { locale: 'local-zone' })];
  assert.match(
    refusal({ subnets: mixed }).message,
    /different kinds of zones \(availability-zone, local-zone\)/,
  );
});

test('an existing load balancer of the same scheme keeps its subnets until others are named', () => {
  const existing = observedLoadBalancer();
  assert.deepEqual(choose({ existing }).value, ['subnet-old-a', 'subnet-old-b']);
  assert.deepEqual(choose({ existing, ...named('private-c', 'private-a') }).value, [
    'subnet-private-c',
    'subnet-private-a',
  ]);
  const refused = choose({ existing, ...named('nowhere') });
  assert.deepEqual(refused.value, ['subnet-old-a', 'subnet-old-b']);
});

test('named subnets keep their order, and a repeated name takes the lowest ids that carry it', () => {
  const twins = [
    subnet('private-a'),
    subnet('private-a', { id: subnet('0').id, availabilityZone: 'us-west-2d' }),
  ];
  const all = [...twins, subnet('private-b')];
  assert.deepEqual(choose({ subnets: all, ...named('subnet-private-b', 'private-a') }).value, [
    'subnet-private-b',
    'subnet-0',
  ]);
  assert.deepEqual(choose({ subnets: all, ...named('private-a', 'private-a') }).value, [
    'subnet-0',
    'subnet-private-a',
  ]);
});

test('what is wrong with named subnets is said in our words and in those of ALBC', () => {
  const lookup = 'failed to list subnets by names or IDs: ';
  assert.equal(refusal(named()).albc, 'unable to resolve at least one subnet');
  assert.equal(
    refusal(named('nowhere')).albc,
    `${lookup}couldn't find all subnets, missing names: [nowhere]`,
  );
  assert.match(refusal(named('subnet-9')).message, /no subnet with the id or Name tag "subnet-9"/);
  assert.equal(
    refusal(named('private-a', 'private-a')).albc,
    `${lookup}subnet with Name tag "private-a" requested 2 times but only 1 subnet(s) found with that name`,
  );
  assert.equal(refusal(named('private-a')).albc, 'subnets count less than minimal required count: 1 < 2');
  assert.equal(
    refusal(named('private-a', 'public-a')).albc,
    'multiple subnets in same Availability Zone us-west-2a: [subnet-private-a subnet-public-a]',
  );
  const plain = subnets.map((each) => ({ ...each, ipv6Cidrs: [] }));
  const selection = { kind: 'named', idsOrNames: ['private-a', 'private-b'] } as const;
  const dualstack = { subnets: plain, intentOf: { subnets: selection, ipAddressType: 'dualstack' } } as const;
  assert.match(
    refusal(dualstack).albc,
    /^subnets \[subnet-private-a subnet-private-b\] do not have an associated IPv6/,
  );
});

test('CLS-11: tags of the class select subnets, any of several values', () => {
  const tags = { Name: ['private-a', 'public-b', 'elsewhere'], 'kubernetes.io/cluster/demo-cluster': [] };
  const found = choose({ existing: observedLoadBalancer(), intentOf: { subnets: { kind: 'tagged', tags } } });
  assert.deepEqual(found.value, ['subnet-private-a', 'subnet-public-b']);
});

test('the choice does not depend on the order in which AWS lists subnets', () => {
  const zone = fc.constantFrom('a', 'b', 'c');
  const some = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 30 }), zone, fc.boolean()), {
    selector: ([id]) => id,
  });
  const shuffled = some.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  const built = (list: readonly (readonly [number, string, boolean])[]) =>
    list.map(([id, letter, own]) => {
      const role = { 'kubernetes.io/role/internal-elb': '1' };
      return withTags(
        `${id}-${letter}`,
        own ? { ...role, 'kubernetes.io/cluster/demo-cluster': 'owned' } : role,
      );
    });
  fc.assert(
    fc.property(shuffled, ([one, other]) => {
      assert.deepEqual(choose({ subnets: built(one) }), choose({ subnets: built(other) }));
    }),
  );
});
