import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desiredGroup } from '../../../src/core/desired/group.ts';
import type { Quota, QuotaName } from '../../../src/core/domain/facts.ts';
import type { GroupModel } from '../../../src/core/domain/group-model.ts';
import type { ObservedGroup, ObservedRule } from '../../../src/core/domain/observed-group.ts';
import type { DesiredTarget } from '../../../src/core/domain/target.ts';
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
} from './models.ts';

const limit = (name: QuotaName, figure: number): Quota => ({ name, limit: figure, source: 'api' });

/** `{ 'web/a': 2 }`: two rules of web/a on one listener. */
function group(counts: Readonly<Record<string, number>>, overrides: Partial<GroupModel> = {}): GroupModel {
  const rules = Object.entries(counts).flatMap(([id, count]) =>
    Array.from({ length: count }, (_, index) => rule(id, `${index}.example.com`)),
  );
  return model({
    members: Object.keys(counts).map(member),
    listeners: [listener(80, { rules })],
    ...overrides,
  });
}

/** The load balancer with so many rules of each; '' are somebody else's. */
function present(counts: Readonly<Record<string, number>>): ObservedGroup {
  const rules = Object.entries(counts).flatMap(([id, count]) =>
    Array.from({ length: count }, (_, index) => {
      const tags = id === '' ? {} : { 'albatross.dev/ingress': id, 'ingress.k8s.aws/stack': 'web/site' };
      const [conditions, actions]: [[], []] = [[], []];
      return { arn: `arn:${id}:${index}`, tags, conditions, actions } as unknown as ObservedRule;
    }),
  );
  const own = { tags: { 'ingress.k8s.aws/stack': 'web/site' }, defaultActions: [] };
  const http = { port: 80, rules, ...own } as unknown as Parameters<typeof observedLoadBalancer>[0];
  return { ...nothingObserved, loadBalancers: [observedLoadBalancer({ listeners: [http] } as never)] };
}

function refused(
  of: GroupModel,
  quotas: readonly Quota[],
  words: Partial<Parameters<typeof desiredGroup>[0]> = {},
) {
  const input = {
    facts: facts({ quotas }),
    observed: nothingObserved,
    config: coreConfig(),
    targetsOf: () => [],
  };
  const { problems } = desiredGroup({ model: of, ...input, ...words });
  for (const { code, scope } of problems) assert.deepEqual([code, scope], ['QuotaExceeded', 'member']);
  return problems;
}
const names = (problems: ReturnType<typeof refused>): readonly string[] =>
  problems.map(({ object, severity }) => `${object.name}${severity === 'warning' ? ' (warning)' : ''}`);

const rules = (figure: number) => [limit('rules-per-application-load-balancer', figure)];

test('RUL-16: the last member in group order that does not fit is refused, with the figures', () => {
  const [problem, ...others] = refused(group({ 'web/a': 3, 'web/b': 2, 'web/c': 2 }), rules(5));
  assert.deepEqual([problem?.object.name, others.length], ['c', 0]);
  assert.match(
    problem?.message ?? '',
    /Ingress web\/c needs 2 more rules; 5 of 5 are in use \(quota rules-per-application-load-balancer, L-7EED9B64, adjustable\)/,
  );
});

test('what fits exactly is admitted, and a smaller one behind a refused one too', () => {
  assert.deepEqual(names(refused(group({ 'web/a': 3, 'web/b': 2 }), rules(5))), []);
  assert.deepEqual(names(refused(group({ 'web/a': 3, 'web/b': 3, 'web/c': 2 }), rules(5))), ['b']);
});

test('a newcomer never pushes out one that is there, nor does one that grows', () => {
  const newcomer = group({ 'web/a': 3, 'web/z': 3 });
  assert.deepEqual(names(refused(newcomer, rules(5), { observed: present({ 'web/z': 3 }) })), ['a']);
  const growing = group({ 'web/a': 4, 'web/b': 2 });
  assert.deepEqual(names(refused(growing, rules(5), { observed: present({ 'web/a': 3, 'web/b': 2 }) })), [
    'a',
  ]);
});

test('rules of others and of held members take their room', () => {
  const held = [{ ...member('web/h'), problems: [] }];
  const observed = present({ '': 1, 'web/h': 1 });
  assert.deepEqual(names(refused(group({ 'web/a': 3 }, { held }), rules(5), { observed })), []);
  assert.deepEqual(names(refused(group({ 'web/a': 3 }, { held }), rules(4), { observed })), ['a']);
});

test('without a figure from AWS the documented default holds', () => {
  assert.deepEqual(names(refused(group({ 'web/a': 100 }), [])), []);
  assert.deepEqual(names(refused(group({ 'web/a': 101 }), [])), ['a']);
});

test('RUL-16: a single rule that no load balancer takes is refused before anything is counted', () => {
  const headers = ['a', 'b', 'c', 'd', 'e', 'f'].map(
    (name) => ({ kind: 'http-header', name, values: ['1'], regexValues: [] }) as const,
  );
  const wide = rule('web/site', '', { conditions: headers });
  const [problem] = refused(model({ listeners: [listener(80, { rules: [wide] })] }), []);
  assert.match(problem?.message ?? '', /needs 6 condition values; 0 of 5 .*not adjustable/);
  assert.equal(problem?.path, wide.path);
  const query = { kind: 'query-string', values: [{ key: 'k*', value: '\\*?' }] } as const;
  const starred = rule('web/site', '*.example.com', {
    conditions: [{ kind: 'path-pattern', values: ['/*/*/*', '/*?'], regexValues: [] }, query],
  });
  const withStars = model({ listeners: [listener(80, { rules: [starred] })] });
  assert.match(refused(withStars, [])[0]?.message ?? '', /needs 7 wildcards/);
});

test('Ask 1.1: who is there and asks for no more stays, even where AWS says that less is allowed', () => {
  const observed = present({ 'web/a': 3, 'web/b': 2 });
  assert.deepEqual(names(refused(group({ 'web/a': 3, 'web/b': 2, 'web/c': 1 }), rules(4), { observed })), [
    'c',
  ]);
  assert.deepEqual(names(refused(group({ 'web/a': 3, 'web/b': 3 }), rules(4), { observed })), ['b']);
});

test('Ask 1.1: certificates, target groups and listeners of others take their room', () => {
  const stranger = {
    arn: 'arn:theirs',
    tags: {},
    conditions: [],
    actions: [{ kind: 'forward', targetGroups: [{ targetGroup: 'tg:theirs', weight: 1 }] }],
  };
  const certificates = ['arn:default', 'arn:x', 'arn:y'];
  const https = {
    port: 443,
    rules: [stranger],
    defaultActions: [],
    tags: { 'ingress.k8s.aws/stack': 'web/site' },
  };
  const theirs = { port: 8080, rules: [], defaultActions: [], tags: {} };
  const listeners = [{ ...https, certificates, defaultCertificate: 'arn:default' }, theirs];
  const observed = { ...nothingObserved, loadBalancers: [observedLoadBalancer({ listeners } as never)] };
  const given = [{ kind: 'given', arn: 'arn:default', member: ref('web/a') }] as const;
  const one = (more: readonly string[]) =>
    model({
      members: [member('web/a')],
      listeners: [
        listener(443, {
          protocol: 'HTTPS',
          certificates: [
            ...given,
            ...more.map((arn) => ({ kind: 'given', arn, member: ref('web/a') }) as const),
          ],
          rules: [rule('web/a', 'a.b')],
        }),
      ],
      targetGroups: [targetGroup({ member: ref('web/a') })],
    });
  const lacking = (name: QuotaName, figure: number, more: readonly string[] = []) =>
    refused(one(more), [limit(name, figure)], { observed }).map(
      ({ message }) => /needs (.*) are in use/.exec(message)?.[1],
    );
  const quota = 'certificates-per-application-load-balancer';
  assert.deepEqual(lacking(quota, 3, ['arn:z']), []);
  assert.deepEqual(lacking(quota, 2, ['arn:z']), ['1 more certificates; 2 of 2']);
  assert.deepEqual(lacking(quota, 2, ['arn:x']), []);
  assert.deepEqual(lacking('target-groups-per-application-load-balancer', 2), []);
  assert.deepEqual(lacking('target-groups-per-application-load-balancer', 1), [
    '1 more target groups; 1 of 1',
  ]);
  assert.deepEqual(lacking('listeners-per-application-load-balancer', 2), []);
});

test('targets that do not fit stop a newcomer, and only warn one that is there', () => {
  const targets = Array.from({ length: 3 }, (_, index) => ({ id: `i-${index}`, port: 1 }) as DesiredTarget);
  const words = { targetsOf: () => targets };
  const targetGroups = [targetGroup({ member: ref('web/a') })];
  const quota = [limit('targets-per-application-load-balancer', 2)];
  const newcomer = group({ 'web/a': 1 }, { targetGroups });
  assert.deepEqual(names(refused(newcomer, quota, words)), ['a']);
  assert.deepEqual(names(refused(newcomer, quota, { ...words, observed: present({ 'web/a': 1 }) })), [
    'a (warning)',
  ]);
  const perGroup = [limit('targets-per-target-group', 2)];
  const [problem, ...more] = refused(newcomer, perGroup, words);
  assert.deepEqual(names(problem === undefined ? [] : [problem, ...more]), ['a']);
  assert.match(problem?.message ?? '', /Ingress web\/a needs 3 targets; 0 of 2 are in use .*L-A0D0B863/);
  assert.match(
    problem?.hint ?? '',
    /albatross\.dev\/target-overflow: split.* node-port .*request-service-quota-increase/,
  );
  const there = { ...words, observed: present({ 'web/a': 1 }) };
  assert.deepEqual(names(refused(newcomer, perGroup, there)), ['a (warning)']);
});

test('listeners and target groups are counted once however many members use them', () => {
  const listeners = [80, 81].map((port) =>
    listener(port, { rules: [rule('web/a', 'a.b'), rule('web/b', 'c.d')] }),
  );
  const shared = model({ members: ['web/a', 'web/b'].map(member), listeners });
  const quotas = [
    limit('listeners-per-application-load-balancer', 2),
    limit('target-groups-per-application-load-balancer', 1),
  ];
  assert.deepEqual(names(refused(shared, quotas)), []);
  assert.deepEqual(names(refused(shared, [limit('listeners-per-application-load-balancer', 1)])), ['a', 'b']);
});

test('Ask 1.1: a certificate that does not fit holds the member that names it; the default one does not count', () => {
  const certificates = ['web/a', 'web/b', 'web/c'].map(
    (id) => ({ kind: 'given', arn: `arn:${id}`, member: ref(id) }) as const,
  );
  const members = certificates.map(({ member: { namespace, name } }) => member(`${namespace}/${name}`));
  const rules = ['web/a', 'web/b', 'web/c'].map((id) => rule(id, `${id.slice(4)}.example.com`));
  const https = model({ members, listeners: [listener(443, { protocol: 'HTTPS', certificates, rules })] });
  const quota = (figure: number) => [limit('certificates-per-application-load-balancer', figure)];
  assert.deepEqual(names(refused(https, quota(2))), []);
  assert.deepEqual(names(refused(https, quota(1))), ['c']);
});

test('Ask 1.1: rules of the security group are counted by family, and who brings too many is held', () => {
  const rules = [rule('web/a', 'a.b')];
  const cidrs = (count: number) => Array.from({ length: count }, (_, index) => `10.${index}.0.0/16`);
  const listeners = [
    listener(80, { rules, inboundCidrs: ['0.0.0.0/0', '::/0'] }),
    listener(81, { rules: [rule('web/b', 'c.d')], inboundCidrs: cidrs(3) }),
  ];
  const both = model({ members: ['web/a', 'web/b'].map(member), listeners });
  const quota = (figure: number) => [limit('rules-per-security-group', figure)];
  assert.deepEqual(names(refused(both, quota(4))), []);
  const problems = refused(both, quota(3));
  assert.deepEqual(names(problems), ['b']);
  assert.match(problems[0]?.message ?? '', /needs 3 more inbound rules; 1 of 3 are in use .*L-0EA8095F/);
});

test('Ask 1.1: a group that the region has no room for is refused, whoever fills it; one that is there is not', () => {
  const one = group({ 'web/a': 1 }, { targetGroups: [targetGroup({ member: ref('web/a') })] });
  const full = { loadBalancers: 50, networkLoadBalancers: 0, targetGroups: 7 };
  const inRegion = (regionUse: typeof full, observed = nothingObserved) =>
    desiredGroup({
      model: one,
      facts: facts({ quotas: [], regionUse }),
      observed,
      config: coreConfig(),
      targetsOf: () => [],
    }).problems.map(({ message }) => message.replace(/ \(.*/, ''));
  assert.deepEqual(inRegion(full), ['Ingress web/a needs 1 more load balancers; 50 of 50 are in use']);
  assert.deepEqual(inRegion(full, present({ 'web/a': 1 })), []);
  assert.deepEqual(inRegion({ loadBalancers: 3, networkLoadBalancers: 0, targetGroups: 3000 }), [
    'Ingress web/a needs 1 more target groups; 3000 of 3000 are in use',
  ]);
});

test('Ask 1.1: rules that ALBC made keep their place before a newcomer', () => {
  const made = present({ '': 1 }).loadBalancers.map((loadBalancer) => ({
    ...loadBalancer,
    listeners: loadBalancer.listeners.map((one) => ({
      ...one,
      rules: one.rules.map((own) => ({
        ...own,
        tags: { 'ingress.k8s.aws/stack': 'web/site' },
        conditions: rule('web/z', '0.example.com').conditions,
      })),
    })),
  }));
  const both = model({
    members: ['web/a', 'web/z'].map(member),
    listeners: [listener(80, { rules: [rule('web/a', 'new.example.com'), rule('web/z', '0.example.com')] })],
  });
  const observed = { ...nothingObserved, loadBalancers: made };
  assert.deepEqual(names(refused(both, rules(1), { observed })), ['a']);
});
