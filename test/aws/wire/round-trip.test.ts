import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isKind } from '../../../src/aws/errors.ts';
import { observedActions, wireActions } from '../../../src/aws/wire/actions.ts';
import { observedConditions } from '../../../src/aws/wire/conditions.ts';
import {
  observedRules,
  permissionOfRuleId,
  type ResolvedRule,
  ruleIdOf,
  wirePermission,
} from '../../../src/aws/wire/security-group-rules.ts';
import { ClientSecret } from '../../../src/core/domain/client-secret.ts';
import type { RuleArn, SecurityGroupId, TargetGroupArn } from '../../../src/core/domain/ids.ts';
import type { Action, RuleCondition, RuleContent, Transform } from '../../../src/core/domain/rule.ts';
import { canonical } from '../../../src/lib/canonical.ts';
import { localAws } from '../local-aws.ts';
import { apply, key, openShop, shopWorld, tagsOf } from '../shop.ts';
import { onlyDescribed } from '../../../src/core/domain/observation.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const words = fc.uniqueArray(word, { minLength: 1, maxLength: 2 });
const hosts = words.map((list) => list.map((label) => `${label}.example.com`));
const regexes = fc.uniqueArray(
  word.map((text) => `^${text}$`),
  { minLength: 1, maxLength: 1 },
);
const valuesOr = (values: fc.Arbitrary<string[]>) =>
  fc.oneof(
    values.map((list) => ({ values: list, regexValues: [] })),
    regexes.map((list) => ({ values: [], regexValues: list })),
  );

const conditions: readonly fc.Arbitrary<RuleCondition>[] = [
  valuesOr(hosts).map((values) => ({ kind: 'host-header', ...values })),
  valuesOr(words.map((list) => list.map((text) => `/${text}/*`))).map((values) => ({
    kind: 'path-pattern',
    ...values,
  })),
  fc.tuple(word, valuesOr(words)).map(([name, values]) => ({ kind: 'http-header', name, ...values })),
  fc.constant({ kind: 'http-request-method', values: ['GET', 'HEAD'] }),
  fc
    .array(fc.record({ key: fc.option(word, { nil: undefined }), value: word }), {
      minLength: 1,
      maxLength: 2,
    })
    .map((values) => ({ kind: 'query-string', values })),
  fc.constant({ kind: 'source-ip', values: ['192.0.2.0/24', '2001:db8::/32'] }),
];
const someConditions = fc
  .subarray([...conditions.keys()], { minLength: 1, maxLength: 2 })
  .chain((chosen) => fc.tuple(...chosen.flatMap((index) => conditions[index] ?? [])));

const redirect: fc.Arbitrary<Action<TargetGroupArn>> = fc.record({
  kind: fc.constant('redirect'),
  protocol: fc.constantFrom('HTTPS', '#{protocol}'),
  host: fc.constantFrom('#{host}', 'www.#{host}'),
  port: fc.constantFrom('#{port}', '8443'),
  path: fc.constantFrom('/moved', '/new/#{path}'),
  query: fc.constantFrom('#{query}', 'a=b'),
  statusCode: fc.constantFrom('HTTP_301', 'HTTP_302'),
});
const fixedResponse: fc.Arbitrary<Action<TargetGroupArn>> = fc.record({
  kind: fc.constant('fixed-response'),
  statusCode: fc.constantFrom('200', '404', '503'),
  contentType: fc.constantFrom('text/plain', 'application/json'),
  messageBody: fc.option(word, { nil: undefined }),
});
const forward = (arns: readonly TargetGroupArn[]): fc.Arbitrary<Action<TargetGroupArn>> =>
  fc
    .record({
      chosen: fc.subarray([...arns], { minLength: 1 }),
      weights: fc.tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 0, max: 999 })),
      stickinessSeconds: fc.option(fc.integer({ min: 1, max: 604_800 }), { nil: undefined }),
    })
    .map(({ chosen, weights, stickinessSeconds }) => ({
      kind: 'forward',
      targetGroups: chosen.map((targetGroup, index) => ({
        targetGroup,
        weight: chosen.length === 1 ? 1 : (weights[index] ?? 1),
      })),
      stickinessSeconds,
    }));
const session = fc.record({
  cookieName: word,
  scope: fc.constantFrom('openid', 'openid email'),
  timeoutSeconds: fc.integer({ min: 1, max: 604_800 }),
  onUnauthenticatedRequest: fc.constantFrom('deny', 'allow', 'authenticate'),
  extraParams: fc.dictionary(word, word, { maxKeys: 2 }).map((extra) => ({ ...extra })),
});
const login: fc.Arbitrary<Action<TargetGroupArn>> = fc.oneof(
  session.map((its) => ({
    kind: 'authenticate-cognito' as const,
    userPoolArn: 'arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abc',
    userPoolClientId: 'client',
    userPoolDomain: 'login',
    session: its,
  })),
  fc.array(word, { minLength: 1, maxLength: 2 }).map((values) => ({
    kind: 'jwt-validation' as const,
    jwksEndpoint: 'https://example.com/jwks',
    issuer: 'https://example.com',
    additionalClaims: [{ format: 'string-array', name: 'aud', values }],
  })),
);
const transforms: fc.Arbitrary<readonly Transform[]> = fc.subarray([
  { kind: 'host-header-rewrite', rewrites: [{ regex: '^(.*)\\.example\\.com$', replace: '$1.internal' }] },
  { kind: 'url-rewrite', rewrites: [{ regex: '^/api/(.*)$', replace: '/$1' }] },
]);

const contents = (arns: readonly TargetGroupArn[]): fc.Arbitrary<RuleContent<TargetGroupArn>> =>
  fc.record({
    conditions: someConditions,
    actions: fc
      .tuple(fc.option(login, { nil: undefined }), fc.oneof(forward(arns), redirect, fixedResponse))
      .map(([first, last]) => (first === undefined ? [last] : [first, last])),
    transforms,
  });

test('a rule is observed as it was created, and as it was modified', async (t) => {
  const local = localAws(t, { ...shopWorld, knobs: { quotas: { 'condition-values-per-alb-rule': 20 } } });
  const { loadBalancer, listener, targetGroups } = await openShop(local);
  const tags = tagsOf('443:1');
  const resources = {
    loadBalancerArns: [loadBalancer],
    targetGroupArns: [],
    securityGroupIds: [],
    certificateArns: [],
  };
  const observed = async (): Promise<unknown> => {
    const group = await local.settled(
      local.aws.observeGroup(key, resources, onlyDescribed, { signal: local.signal }),
    );
    const [rule] = group.loadBalancers[0]?.listeners[0]?.rules ?? [];
    return rule && { conditions: rule.conditions, actions: rule.actions, transforms: rule.transforms };
  };
  await fc.assert(
    fc.asyncProperty(contents(targetGroups), contents(targetGroups), async (first, second) => {
      const { arn } = await apply(local, 'createRule', { listener, priority: 1, content: first, tags });
      const rule = arn as RuleArn;
      const created = await observed();
      await apply(local, 'modifyRule', {
        rule,
        content: second,
        resetTransforms: first.transforms.length > 0,
      });
      const modified = await observed();
      await apply(local, 'deleteRule', { rule });
      assert.equal(canonical([created, modified]), canonical([first, second]));
    }),
    { numRuns: 60 },
  );
});

test('an OIDC action is sent with the secret of its hash, or with the existing one, and not when that secret is gone', () => {
  const secret = new ClientSecret('s3cret');
  const action = (clientSecretHash: string | undefined): Action<TargetGroupArn> => ({
    kind: 'authenticate-oidc',
    issuer: 'https://example.com',
    authorizationEndpoint: 'https://example.com/authorize',
    tokenEndpoint: 'https://example.com/token',
    userInfoEndpoint: 'https://example.com/userinfo',
    clientId: 'client',
    clientSecretHash,
    session: {
      cookieName: 'c',
      scope: 'openid',
      timeoutSeconds: 1,
      onUnauthenticatedRequest: 'deny',
      extraParams: { prompt: 'login' },
    },
  });
  const clientSecret = (hash: string) => (hash === secret.hash ? secret : undefined);
  const [known] = wireActions([action(secret.hash)], { clientSecret });
  assert.equal(known?.AuthenticateOidcConfig?.ClientSecret, 's3cret');
  const [kept] = wireActions([action(undefined)], { clientSecret });
  assert.equal(kept?.AuthenticateOidcConfig?.UseExistingClientSecret, true);
  assert.throws(
    () => wireActions([action('other')], { clientSecret }),
    (error) => isKind(error, 'unavailable'),
  );
  assert.deepEqual(observedActions(known === undefined ? [] : [known]), [action(undefined)]);
});

test('echoes of AWS that mean the same come out the same', () => {
  const arn = 'arn:tg' as TargetGroupArn;
  const plain = {
    kind: 'forward',
    targetGroups: [{ targetGroup: arn, weight: 1 }],
    stickinessSeconds: undefined,
  };
  assert.deepEqual(observedActions([{ Type: 'forward', TargetGroupArn: arn }]), [plain]);
  const echoed = {
    Type: 'forward' as const,
    Order: 1,
    TargetGroupArn: arn,
    ForwardConfig: {
      TargetGroups: [{ TargetGroupArn: arn, Weight: 50 }],
      TargetGroupStickinessConfig: { Enabled: false, DurationSeconds: 3600 },
    },
  };
  assert.deepEqual(observedActions([echoed]), [plain]);
  const [redirected] = observedActions([
    { Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', Port: '443' } },
  ]);
  assert.deepEqual(redirected, {
    kind: 'redirect',
    protocol: '#{protocol}',
    host: '#{host}',
    port: '443',
    path: '/#{path}',
    query: '#{query}',
    statusCode: 'HTTP_301',
  });
  assert.deepEqual(observedConditions([{ Field: 'path-pattern', Values: ['/old'] }]), [
    { kind: 'path-pattern', values: ['/old'], regexValues: [] },
  ]);
});

test('what is newer than this program is left out of what is observed', () => {
  assert.deepEqual(observedConditions([{ Field: 'moon-phase', Values: ['full'] }]), []);
  assert.deepEqual(observedActions([{ Type: 'teleport' as never }]), []);
});

const sources: fc.Arbitrary<ResolvedRule['source']> = fc.oneof(
  fc.constantFrom('0.0.0.0/0', '10.0.0.0/8').map((cidr) => ({ kind: 'ipv4' as const, cidr })),
  fc.constantFrom('::/0', '2001:db8::/32').map((cidr) => ({ kind: 'ipv6' as const, cidr })),
  fc.constant({ kind: 'prefixList' as const, id: 'pl-1' }),
  fc
    .constantFrom('sg-1', 'sg-2')
    .map((id) => ({ kind: 'securityGroup' as const, id: id as SecurityGroupId })),
);
const rules: fc.Arbitrary<ResolvedRule> = fc.record({
  protocol: fc.constantFrom('tcp', 'udp', '-1'),
  fromPort: fc.integer({ min: -1, max: 65_535 }),
  toPort: fc.integer({ min: -1, max: 65_535 }),
  source: sources,
  description: fc.constantFrom('', 'why'),
});

test('security group rules survive the way to AWS and back, and a rule id names its permission', () => {
  fc.assert(
    fc.property(fc.uniqueArray(rules, { selector: ruleIdOf }), (list) => {
      const withIds = list.map((rule) => ({ ...rule, ruleId: ruleIdOf(rule) }));
      const inOrder = withIds.toSorted((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
      assert.deepEqual(observedRules(list.map(wirePermission)), inOrder);
      for (const rule of list) {
        assert.deepEqual(permissionOfRuleId(ruleIdOf(rule)), wirePermission({ ...rule, description: '' }));
      }
    }),
  );
});
