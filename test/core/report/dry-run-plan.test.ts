import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientSecret } from '../../../src/core/domain/client-secret.ts';
import { policies } from '../../../src/core/domain/config.ts';
import type { DesiredGroup, DesiredTargetGroupRef } from '../../../src/core/domain/desired-group.ts';
import type { Action, RuleCondition } from '../../../src/core/domain/rule.ts';
import { snapshotOf } from '../../../src/core/domain/snapshot.ts';
import { shownAction, shownCondition, shownTransform } from '../../../src/core/report/dry-run-rules.ts';
import { planAnnotation } from '../../../src/core/domain/plan.ts';
import { dryRunPlan } from '../../../src/core/report/dry-run-plan.ts';
import { planAnnotations } from '../../../src/core/report/plan-annotations.ts';
import { ingress } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';
import { desiredLoadBalancer, healthCheck, member, model, nothingObserved } from '../desired/models.ts';

/** As it is written: what is undefined is not there. */
const json = (value: object): unknown => JSON.parse(JSON.stringify(value));
const shown = (action: Action<DesiredTargetGroupRef>): unknown =>
  json(shownAction(action, (targetGroup) => (targetGroup.kind === 'arn' ? targetGroup.arn : 'ours')));

test('OPS-22: actions are written as in ALBC’s model', () => {
  const to = (arn: string, weight: number) => ({ targetGroup: { kind: 'arn', arn } as const, weight });
  const placeholders = { protocol: '#{protocol}', host: '#{host}', path: '/#{path}', query: '#{query}' };
  const cases: readonly (readonly [Action<DesiredTargetGroupRef>, unknown])[] = [
    [
      { kind: 'forward', targetGroups: [to('a', 1)], stickinessSeconds: undefined },
      { type: 'forward', forwardConfig: { targetGroups: [{ targetGroupARN: 'a' }] } },
    ],
    [
      { kind: 'forward', targetGroups: [to('a', 9), to('b', 0)], stickinessSeconds: 60 },
      {
        type: 'forward',
        forwardConfig: {
          targetGroups: [
            { targetGroupARN: 'a', weight: 9 },
            { targetGroupARN: 'b', weight: 0 },
          ],
          targetGroupStickinessConfig: { enabled: true, durationSeconds: 60 },
        },
      },
    ],
    [
      { kind: 'redirect', ...placeholders, port: '443', statusCode: 'HTTP_301' },
      { type: 'redirect', redirectConfig: { port: '443', statusCode: 'HTTP_301' } },
    ],
    [
      { kind: 'jwt-validation', jwksEndpoint: 'https://k', issuer: 'i', additionalClaims: [] },
      { type: 'jwt-validation', jwtValidationConfig: { jwksEndpoint: 'https://k', issuer: 'i' } },
    ],
  ];
  for (const [action, expected] of cases) assert.deepEqual(shown(action), expected);
});

test('AUT-02: neither the id nor the secret of a client, nor its hash, is in the plan', () => {
  const secret = new ClientSecret('s3cret');
  const action: Action<DesiredTargetGroupRef> = {
    kind: 'authenticate-oidc',
    issuer: 'https://id',
    authorizationEndpoint: 'https://id/a',
    tokenEndpoint: 'https://id/t',
    userInfoEndpoint: 'https://id/u',
    clientId: 'my-client',
    clientSecretHash: secret.hash,
    session: {
      cookieName: 'c',
      scope: 'openid',
      timeoutSeconds: 60,
      onUnauthenticatedRequest: 'deny',
      extraParams: {},
    },
  };
  assert.deepEqual(shown(action), {
    type: 'authenticate-oidc',
    authenticateOIDCConfig: {
      onUnauthenticatedRequest: 'deny',
      scope: 'openid',
      sessionCookieName: 'c',
      sessionTimeout: 60,
      issuer: 'https://id',
      authorizationEndpoint: 'https://id/a',
      tokenEndpoint: 'https://id/t',
      userInfoEndpoint: 'https://id/u',
      clientID: '[REDACTED]',
      clientSecret: '[REDACTED]',
    },
  });
});

test('OPS-22: conditions and transforms are written as in ALBC’s model', () => {
  const cases: readonly (readonly [RuleCondition, object])[] = [
    [
      { kind: 'host-header', values: [], regexValues: ['^a'] },
      { field: 'host-header', hostHeaderConfig: { regexValues: ['^a'] } },
    ],
    [
      { kind: 'http-header', name: 'X', values: ['1'], regexValues: [] },
      { field: 'http-header', httpHeaderConfig: { httpHeaderName: 'X', values: ['1'] } },
    ],
    [
      { kind: 'query-string', values: [{ key: undefined, value: 'v' }] },
      { field: 'query-string', queryStringConfig: { values: [{ value: 'v' }] } },
    ],
    [
      { kind: 'source-ip', values: ['10.0.0.0/8'] },
      { field: 'source-ip', sourceIPConfig: { values: ['10.0.0.0/8'] } },
    ],
  ];
  for (const [condition, expected] of cases) assert.deepEqual(json(shownCondition(condition)), expected);
  const rewrites = [{ regex: 'a', replace: 'b' }];
  assert.deepEqual(shownTransform({ kind: 'url-rewrite', rewrites }), {
    type: 'url-rewrite',
    urlRewriteConfig: { rewrites },
  });
});

const groupOf = (...ids: readonly string[]): DesiredGroup => ({
  key: nothingObserved.key,
  model: model({ members: ids.map(member) }),
  loadBalancer: desiredLoadBalancer('a'),
  securityGroups: [],
  targetGroups: [],
  certificates: [],
  network: { backendSecurityGroup: undefined, openings: [], partial: false, ownSources: [] },
});

test('ANN-05: the first member carries the plan and no other member does, once', () => {
  const gates = { ...coreConfig().featureGates, IngressPlanAnnotation: true };
  const input = {
    desired: groupOf('web/a', 'web/b'),
    config: coreConfig({ featureGates: gates }),
    knownIds: new Map(),
  };
  const raw = (id: string, annotations: Readonly<Record<string, string>>) => {
    const object = ingress(id);
    return { ...object, meta: { ...object.meta, annotations } };
  };
  const first = planAnnotations(
    input,
    snapshotOf([raw('web/a', {}), raw('web/b', { [planAnnotation]: 'old' })]),
  );
  assert.deepEqual(
    first.map(({ object, text }) => [object.name, text === undefined]),
    [
      ['a', false],
      ['b', true],
    ],
  );
  const written = snapshotOf([raw('web/a', { [planAnnotation]: first[0]?.text ?? '' }), raw('web/b', {})]);
  assert.deepEqual(planAnnotations(input, written), []);
  assert.deepEqual(planAnnotations({ ...input, config: coreConfig() }, snapshotOf([raw('web/a', {})])), []);
});

test('OPS-22: a listener refers to the certificate that is made for it, and to others as its preset does', () => {
  const listener = {
    id: 'listener/443' as never,
    port: 443,
    protocol: 'HTTPS',
    defaultActions: [],
    sslPolicy: undefined,
    certificateArns: ['arn:made', 'arn:given'],
    mutualAuthentication: undefined,
    attributes: {},
    tags: {},
    rules: [],
  } as const;
  const certificate = {
    id: 'certificate/a' as never,
    name: 'amazon_issued/a.example.com-01234567',
    domains: ['a.example.com', 'b.example.com'],
    authorityArn: undefined,
    tags: { 'elbv2.k8s.aws/cluster': 'demo', team: 'a' },
    member: member('web/a').ref,
    arn: 'arn:made' as never,
    isIssued: true,
  };
  const group = groupOf('web/a');
  assert.ok(group.loadBalancer);
  const loadBalancer = { ...group.loadBalancer, listeners: [listener] };
  const shownIn = (compatibility: 'none' | 'albc') => {
    const config = coreConfig({ policy: policies[compatibility] });
    const desired = { ...group, loadBalancer, certificates: [certificate] };
    const plan = JSON.parse(dryRunPlan({ desired, config, knownIds: new Map() }) ?? '');
    return {
      made: plan.resources['AWS::ACM::Certificate'],
      used: plan.resources['AWS::ElasticLoadBalancingV2::Listener']['443'].spec.certificates,
    };
  };
  const made = {
    certificateARN: { $ref: `#/resources/AWS::ACM::Certificate/${certificate.name}/status/certificateARN` },
  };
  assert.deepEqual(shownIn('none').used, [made, { certificateARN: 'arn:given' }]);
  assert.deepEqual(shownIn('albc').used, [
    made,
    { certificateARN: { $ref: '#/resources///status/certificateARN' } },
  ]);
  assert.deepEqual(shownIn('none').made, {
    [certificate.name]: {
      spec: {
        type: 'AMAZON_ISSUED',
        certificateAuthorityARN: '',
        domainName: 'a.example.com',
        subjectAlternativeNames: ['a.example.com', 'b.example.com'],
        validationMethod: 'DNS',
        keyAlgorithm: '',
        tags: { team: 'a' },
      },
    },
  });
});

test('ANN-05, ANN-65: the network load balancer, its listeners and its target groups are in the plan', () => {
  const group = groupOf('web/a');
  assert.ok(group.loadBalancer);
  const targetGroup = { id: 'tg' as never, name: 'k8s-tg', healthCheck, tags: {}, targetPort: 80 };
  const frontendNlb = {
    loadBalancer: {
      ...group.loadBalancer,
      name: 'a-nlb',
      subnets: ['subnet-1' as never],
      allocationIds: ['eipalloc-1'],
    },
    listeners: [{ id: 'listener/8000' as never, port: 8000, tags: {}, targetGroup }],
  };
  const plan = dryRunPlan({ desired: { ...group, frontendNlb }, config: coreConfig(), knownIds: new Map() });
  const { resources } = JSON.parse(plan ?? '');
  const elb = 'AWS::ElasticLoadBalancingV2::';
  const { spec } = resources[`${elb}LoadBalancer`].FrontendNlb;
  assert.deepEqual(
    [spec.type, spec.subnetMapping],
    ['network', [{ subnetID: 'subnet-1', allocationID: 'eipalloc-1' }]],
  );
  const targetGroupARN = {
    $ref: `#/resources/${elb}TargetGroup/FrontendNlb-tg-TCP-8000/status/targetGroupARN`,
  };
  assert.deepEqual(resources[`${elb}Listener`]['FrontendNlb-ls-TCP-8000'].spec.defaultActions, [
    { type: 'forward', forwardConfig: { targetGroups: [{ targetGroupARN }] } },
  ]);
  assert.equal(resources[`${elb}TargetGroup`]['FrontendNlb-tg-TCP-8000'].spec.targetType, 'alb');
  assert.deepEqual(resources.FrontendNLBTargetGroup.FrontendNLBTargetGroup.TargetGroups, {
    'k8s-tg': {
      Name: 'k8s-tg',
      ARN: targetGroupARN,
      Port: 8000,
      TargetARN: { $ref: `#/resources/${elb}LoadBalancer/LoadBalancer/status/loadBalancerARN` },
      TargetPort: 80,
    },
  });
});
