import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factsNeeded } from '../../../src/core/desired/facts-needed.ts';
import { desiredGroup } from '../../../src/core/desired/group.ts';
import { policies } from '../../../src/core/domain/config.ts';
import type { GroupModel } from '../../../src/core/domain/group-model.ts';
import type { SecurityGroupId, TargetGroupArn } from '../../../src/core/domain/ids.ts';
import type { DesiredTarget } from '../../../src/core/domain/target.ts';
import { coreConfig, gatesWith } from '../../support/core-config.ts';
import {
  facts,
  healthCheck,
  listener,
  loadBalancerIntent,
  member,
  model,
  nothingObserved,
  observedLoadBalancer,
  observedTargetGroup,
  ref,
  rule,
  targetGroup,
} from './models.ts';

type Words = Partial<Parameters<typeof desiredGroup>[0]> & { readonly group?: Partial<GroupModel> };

function desired({ group, ...words }: Words = {}) {
  return desiredGroup({
    model: model(group),
    facts: facts(),
    observed: nothingObserved,
    config: coreConfig(),
    targetsOf: () => [],
    ...words,
  });
}

const tracking = { 'elbv2.k8s.aws/cluster': 'demo-cluster', 'ingress.k8s.aws/stack': 'web/site' };
test('one Ingress becomes a load balancer with the names and tags that ALBC gives them', () => {
  const { value, problems } = desired();
  assert.deepEqual(problems, []);
  const { loadBalancer } = value;
  assert.equal(loadBalancer?.name, 'k8s-web-site-6fce5aad7b');
  assert.deepEqual(loadBalancer.tags, { ...tracking, 'ingress.k8s.aws/resource': 'LoadBalancer' });
  const [http] = loadBalancer.listeners;
  assert.deepEqual(http?.tags, { ...tracking, 'ingress.k8s.aws/resource': '80' });
  assert.deepEqual(value.securityGroups[0]?.tags, {
    ...tracking,
    'ingress.k8s.aws/resource': 'ManagedLBSecurityGroup',
  });
  const [group] = value.targetGroups;
  assert.deepEqual(group?.tags, { ...tracking, 'ingress.k8s.aws/resource': 'web/site-front:80' });
  assert.deepEqual(http?.rules[0]?.actions, [
    {
      kind: 'forward',
      targetGroups: [{ targetGroup: { kind: 'managed', id: group.id }, weight: 1 }],
      stickinessSeconds: undefined,
    },
  ]);
});

test("tracking tags win over users' tags, and rules say which Ingress they are for", () => {
  const tags = { team: 'web', 'ingress.k8s.aws/stack': 'mine' };
  const group = { listeners: [listener(80, { tags, rules: [rule('web/site', 'a.example.com', { tags })] })] };
  const [http] = desired({ group }).value.loadBalancer?.listeners ?? [];
  assert.deepEqual(http?.tags, { team: 'web', ...tracking, 'ingress.k8s.aws/resource': '80' });
  assert.deepEqual(http.rules[0]?.tags, { team: 'web', ...tracking, 'albatross.dev/ingress': 'web/site' });
  const config = coreConfig({ policy: policies.albc });
  const [asAlbc] = desired({ group, config }).value.loadBalancer?.listeners ?? [];
  assert.deepEqual(asAlbc?.rules[0]?.tags, { team: 'web', ...tracking });
});

test('without the gate ListenerRulesTagging listeners and rules carry no tags at all', () => {
  const config = coreConfig(gatesWith({ ListenerRulesTagging: false }));
  const [http] = desired({ config }).value.loadBalancer?.listeners ?? [];
  assert.deepEqual([http?.tags, http?.rules[0]?.tags], [{}, {}]);
});

test('a group without valid members wants nothing, whether or not some are held', () => {
  const observed = { ...nothingObserved, targetGroups: [observedTargetGroup('k8s-web-front')] };
  for (const held of [[], [{ ...member('web/site'), problems: [] }]]) {
    const { value } = desired({ group: { members: [], held }, observed });
    assert.deepEqual([value.loadBalancer, value.targetGroups, value.securityGroups], [undefined, [], []]);
    assert.equal(value.network.partial, held.length > 0);
    assert.equal(value.network.backendSecurityGroup, undefined);
  }
});

const forwardTo = (name: string) =>
  ({
    kind: 'forward',
    targetGroups: [{ targetGroup: { kind: 'name', name }, weight: 1 }],
    stickinessSeconds: undefined,
  }) as const;

test("a target group given by name is looked up, and an unknown one is its Ingress's problem", () => {
  const rules = [
    rule('web/site', 'a', { actions: [forwardTo('ext-tg-1')] }),
    rule('web/other', 'b', { actions: [forwardTo('no-such')] }),
  ];
  const known = facts({ targetGroupsByName: new Map([['ext-tg-1', 'arn:ext' as TargetGroupArn]]) });
  const { value, problems } = desired({ group: { listeners: [listener(80, { rules })] }, facts: known });
  assert.deepEqual(
    problems.map(({ code, object, scope }) => [code, object.name, scope]),
    [['BackendInvalid', 'other', 'member']],
  );
  assert.match(problems[0]?.message ?? '', /no target group named "no-such"/);
  const [action] = value.loadBalancer?.listeners[0]?.rules[0]?.actions ?? [];
  assert.deepEqual(action?.kind === 'forward' && action.targetGroups[0]?.targetGroup, {
    kind: 'arn',
    arn: 'arn:ext',
  });
});

test("a default backend on an HTTPS listener without certificates is its Ingress's problem", () => {
  const targets = [{ targetGroup: { kind: 'managed', id: 'web/site-front:80' }, weight: 1 }] as const;
  const defaultActions = [{ kind: 'forward', targetGroups: targets, stickinessSeconds: undefined }] as const;
  const listeners = [listener(443, { protocol: 'HTTPS', rules: [], defaultActions })];
  const members = ['web/other', 'web/site'].map(member);
  const { problems } = desired({ group: { members, listeners } });
  assert.deepEqual(
    problems.map(({ code, object, scope }) => [code, object.name, scope]),
    [['CertificateNotFound', 'site', 'member']],
  );
});

test('mutual authentication: verify has its defaults, and an absent one is reset only by its gate', () => {
  const authenticate = (mode: 'passthrough' | 'verify', trustStore?: string) => ({
    mode,
    trustStore,
    ignoreClientCertificateExpiry: undefined,
    advertiseTrustStoreCaNames: undefined,
  });
  const result = (words: Words, mutualAuthentication?: ReturnType<typeof authenticate>) => {
    const https = listener(443, {
      protocol: 'HTTPS',
      certificates: [{ kind: 'given', arn: 'arn:c', member: ref('web/site') }],
      mutualAuthentication,
    });
    return desired({ ...words, group: { listeners: [https] } });
  };
  const setting = (outcome: ReturnType<typeof result>) =>
    outcome.value.loadBalancer?.listeners[0]?.mutualAuthentication;
  const stores = { facts: facts({ trustStoresByName: new Map([['ts-1', 'arn:ts']]) }) };
  assert.deepEqual(setting(result(stores, authenticate('verify', 'ts-1'))), {
    mode: 'verify',
    trustStoreArn: 'arn:ts',
    ignoreClientCertificateExpiry: false,
    advertiseTrustStoreCaNames: 'off',
  });
  assert.equal(setting(result({}, authenticate('passthrough')))?.ignoreClientCertificateExpiry, undefined);
  assert.equal(setting(result({})), undefined);
  assert.equal(
    setting(result({ config: coreConfig(gatesWith({ EnhancedDefaultBehavior: true })) }))?.mode,
    'off',
  );
  const [problem] = result({}, authenticate('verify', 'ts-9')).problems;
  assert.deepEqual([problem?.scope, problem?.object.name], ['member', 'site']);
  assert.equal(problem?.albcMessage, "ingress: web/site: couldn't find TrustStores with names [ts-9]");
});

const target = (id: string, port: number, availabilityZone?: string): DesiredTarget => ({
  id,
  port,
  availabilityZone,
  object: { kind: 'Pod', id: ref('web/p').name as DesiredTarget['object']['id'], uid: 'u' },
});

test("nodes and pods must be open on the targets' ports, the health check's and the control port", () => {
  const targetGroups = [
    targetGroup({ targetType: 'ip', healthCheck: { ...healthCheck, port: '9090' }, targetControlPort: 3000 }),
  ];
  const targets = [target('10.0.0.2', 8081), target('10.0.0.1', 8080), target('192.168.0.1', 8080, 'all')];
  const words = { group: { targetGroups }, targetsOf: () => targets };
  const { network } = desired(words).value;
  assert.deepEqual(
    network.openings.map(({ ports }) => ports),
    [[3000, 8080, 8081, 9090]],
  );
  assert.deepEqual(network.openings[0]?.endpoints, ['10.0.0.1', '10.0.0.2']);
  const securityGroups = { kind: 'given', idsOrNames: ['sg-1'], manageBackendRules: false } as const;
  const given = desired({
    ...words,
    facts: facts({ securityGroups: [{ id: 'sg-1' as SecurityGroupId, name: '', tags: {} }] }),
    group: { ...words.group, loadBalancer: { ...loadBalancerIntent, securityGroups } },
  });
  assert.deepEqual(given.value.network.openings, []);
});

test('only what the model depends on is looked up', () => {
  const needed = (group: Partial<GroupModel> = {}, observed = nothingObserved) =>
    factsNeeded(model(group), observed, coreConfig());
  assert.deepEqual(needed({ members: [] }).subnets, 'none');
  const plain = needed();
  assert.deepEqual(
    [plain.vpc, plain.subnets, plain.securityGroups, plain.certificates, plain.targetGroupNames],
    [false, 'withRoutes', false, false, []],
  );
  const existing = { ...nothingObserved, loadBalancers: [observedLoadBalancer()] };
  assert.equal(needed({}, existing).subnets, 'none');
  const other = { ...nothingObserved, loadBalancers: [observedLoadBalancer({ scheme: 'internet-facing' })] };
  assert.equal(needed({}, other).subnets, 'withRoutes');
  const rich = needed({
    loadBalancer: {
      ...loadBalancerIntent,
      subnets: { kind: 'named', idsOrNames: ['a'] },
      securityGroups: { kind: 'given', idsOrNames: ['b'], manageBackendRules: false },
    },
    targetGroups: [targetGroup({ targetType: 'ip' })],
    listeners: [
      listener(80, {
        discoverCertificatesFor: [{ host: 'a', member: ref('web/site') }],
        defaultActions: [forwardTo('z')],
        rules: [rule('web/site', 'a', { actions: [forwardTo('y')] })],
        mutualAuthentication: {
          mode: 'verify',
          trustStore: 'ts',
          ignoreClientCertificateExpiry: undefined,
          advertiseTrustStoreCaNames: undefined,
        },
      }),
    ],
  });
  assert.deepEqual(rich, {
    vpc: true,
    subnets: 'all',
    securityGroups: true,
    certificates: true,
    quotas: true,
    targetGroupNames: ['y', 'z'],
    trustStoreNames: ['ts'],
    webAclNames: [],
    shield: false,
  });
});
