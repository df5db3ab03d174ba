import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupKey } from '../../../src/core/domain/ids.ts';
import { groupModel } from '../../../src/core/model/group.ts';
import { ingress, rule, service, servicePort } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';
import { cluster, modelOf, problemLines, ruleLines } from './model-of.ts';

const rules = [rule('a.example.com', { 'Exact /': 'x:use-annotation' })];

function actionOf(action: unknown) {
  const annotations = { 'actions.x': typeof action === 'string' ? action : JSON.stringify(action) };
  const model = modelOf('shop/web', [
    ingress('shop/web', { annotations, rules }),
    service('shop/blue'),
    service('shop/green'),
  ]);
  return { model, actions: model.listeners[0]?.rules[0]?.actions };
}

test('a fixed response and a redirect are taken over, what a redirect leaves open keeps the request', () => {
  assert.deepEqual(
    actionOf({ type: 'fixed-response', fixedResponseConfig: { statusCode: '503', messageBody: 'later' } })
      .actions,
    [{ kind: 'fixed-response', statusCode: '503', contentType: undefined, messageBody: 'later' }],
  );
  assert.deepEqual(
    actionOf({ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_302', Host: 'www.example.com' } })
      .actions,
    [
      {
        kind: 'redirect',
        protocol: '#{protocol}',
        host: 'www.example.com',
        port: '#{port}',
        path: '/#{path}',
        query: '#{query}',
        statusCode: 'HTTP_302',
      },
    ],
  );
});

test('a weighted forward names Services by number, quoted number or name, and target groups of others', () => {
  const { actions, model } = actionOf({
    type: 'forward',
    forwardConfig: {
      targetGroups: [
        { serviceName: 'blue', servicePort: 80, weight: 90 },
        { serviceName: 'green', servicePort: '80', weight: 10 },
        { targetGroupARN: 'arn:tg', weight: 0 },
        { targetGroupName: 'theirs', weight: 1 },
      ],
      targetGroupStickinessConfig: { enabled: true, durationSeconds: 60 },
    },
  });
  assert.deepEqual(actions, [
    {
      kind: 'forward',
      targetGroups: [
        { targetGroup: { kind: 'managed', id: 'shop/web-blue:80' }, weight: 90 },
        { targetGroup: { kind: 'managed', id: 'shop/web-green:80' }, weight: 10 },
        { targetGroup: { kind: 'arn', arn: 'arn:tg' }, weight: 0 },
        { targetGroup: { kind: 'name', name: 'theirs' }, weight: 1 },
      ],
      stickinessSeconds: 60,
    },
  ]);
  assert.deepEqual(
    model.targetGroups.map(({ id }) => id),
    ['shop/web-blue:80', 'shop/web-green:80'],
  );
});

test('the short form of a forward goes to one target group of somebody else', () => {
  assert.deepEqual(actionOf({ type: 'forward', targetGroupARN: 'arn:tg' }).actions, [
    {
      kind: 'forward',
      targetGroups: [{ targetGroup: { kind: 'arn', arn: 'arn:tg' }, weight: 1 }],
      stickinessSeconds: undefined,
    },
  ]);
});

test('every wrong action holds its Ingress with a message that names the annotation and what is allowed', () => {
  const tuple = (...targetGroups: object[]) => ({ type: 'forward', forwardConfig: { targetGroups } });
  const wrong: readonly unknown[] = [
    '',
    '{',
    '[]',
    'null',
    { type: 'drop' },
    { type: 'fixed-response' },
    { type: 'fixed-response', fixedResponseConfig: {} },
    { type: 'fixed-response', fixedResponseConfig: { statusCode: 503 } },
    { type: 'redirect' },
    { type: 'redirect', redirectConfig: {} },
    { type: 'forward' },
    { type: 'forward', targetGroupARN: 'a', forwardConfig: { targetGroups: [] } },
    tuple({}),
    tuple({ serviceName: 'blue' }),
    tuple({ serviceName: 'blue', servicePort: 80, targetGroupARN: 'a' }),
    tuple({ serviceName: 'blue', servicePort: 80 }, { serviceName: 'green', servicePort: 80, weight: 1 }),
    tuple({ serviceName: 'blue', servicePort: 80, weight: '1' }),
  ];
  for (const action of wrong) {
    const { problems, held } = actionOf(action).model;
    const name = JSON.stringify(action);
    assert.deepEqual(problemLines(problems), ['error AnnotationInvalid shop/web'], name);
    assert.equal(held.length, 1, name);
    assert.match(
      problems[0]?.message ?? '',
      /^Ingress shop\/web: annotation .*actions\.x is .*; allowed: /,
      name,
    );
    assert.ok((problems[0]?.albcMessage ?? '').startsWith('ingress: shop/web: '), name);
  }
});

test('an action that AWS would refuse holds its Ingress', () => {
  const redirect = (config: object) => ({
    type: 'redirect',
    redirectConfig: { statusCode: 'HTTP_301', ...config },
  });
  const forward = (count: number, more: object = {}) => ({
    type: 'forward',
    forwardConfig: {
      targetGroups: Array.from({ length: count }, () => ({ targetGroupARN: 'a', weight: 1, ...more })),
    },
  });
  const wrong: readonly object[] = [
    { type: 'fixed-response', fixedResponseConfig: { statusCode: '301' } },
    { type: 'fixed-response', fixedResponseConfig: { statusCode: '200', contentType: 'text/markdown' } },
    { type: 'fixed-response', fixedResponseConfig: { statusCode: '200', messageBody: 'x'.repeat(1025) } },
    redirect({ statusCode: '301' }),
    redirect({ protocol: 'https' }),
    redirect({ port: 'https' }),
    redirect({ path: 'x' }),
    redirect({ query: 'a=b' }),
    forward(0),
    forward(6),
    forward(2, { weight: 1000 }),
  ];
  for (const action of wrong) {
    assert.deepEqual(
      problemLines(actionOf(action).model.problems),
      ['error AnnotationInvalid shop/web'],
      JSON.stringify(action),
    );
  }
});

test('an action nobody wrote answers 503 with a warning, or is an error where that is not tolerated', () => {
  const objects = [ingress('shop/web', { rules })];
  const tolerant = modelOf('shop/web', objects);
  assert.deepEqual(problemLines(tolerant.problems), ['warning BackendInvalid shop/web']);
  assert.deepEqual(tolerant.listeners[0]?.rules[0]?.actions, [
    {
      kind: 'fixed-response',
      statusCode: '503',
      contentType: 'text/plain',
      messageBody: 'Backend action does not exist',
    },
  ]);
  const strict = modelOf('shop/web', objects, { tolerateNonExistentBackendAction: false });
  assert.deepEqual(problemLines(strict.problems), ['error BackendInvalid shop/web']);
});

test('trap 16: a Service that is known not to exist answers 503 at its own host and path, with a warning; one that may exist holds the Ingress', () => {
  const gone = [ingress('shop/web', { rules: [rule('a.example.com', { 'Exact /': 'ghost:80' })] })];
  const tolerant = modelOf('shop/web', gone);
  assert.deepEqual(problemLines(tolerant.problems), ['warning ServiceNotFound shop/web']);
  assert.deepEqual(ruleLines(tolerant), ['a.example.com / → fixed-response']);
  const strict = modelOf('shop/web', gone, { tolerateNonExistentBackendService: false });
  assert.deepEqual(problemLines(strict.problems), ['error ServiceNotFound shop/web']);
  const unread = groupModel(cluster(gone, { without: ['Service'] }), groupKey('shop/web'), coreConfig());
  assert.deepEqual(problemLines(unread.problems), ['error ServiceNotFound shop/web']);
});

test('a missing Service among several is an error, whatever is tolerated', () => {
  const { model } = actionOf({
    type: 'forward',
    forwardConfig: {
      targetGroups: [
        { serviceName: 'blue', servicePort: 80, weight: 1 },
        { serviceName: 'ghost', servicePort: 80, weight: 1 },
      ],
    },
  });
  assert.deepEqual(problemLines(model.problems), ['error ServiceNotFound shop/web']);
});

test('a port that the Service does not have is an error that lists those it has', () => {
  const model = modelOf('shop/web', [
    ingress('shop/web', { rules: [rule('', { '/': 'front:81' })] }),
    service('shop/front', { ports: [servicePort({ name: 'http' })] }),
  ]);
  assert.deepEqual(problemLines(model.problems), ['error ServicePortNotFound shop/web']);
  assert.match(model.problems[0]?.message ?? '', /80 \(http\)/);
});

test('instance targets need a node port', () => {
  const bare = service('shop/front', { type: 'ClusterIP', ports: [servicePort({ nodePort: undefined })] });
  const held = modelOf('shop/web', [ingress('shop/web'), bare]);
  assert.deepEqual(problemLines(held.problems), ['error ServiceNotRoutable shop/web']);
});

const secure = { 'listen-ports': '[{"HTTPS": 443}]', 'certificate-arn': 'arn:1' };
const cognito = JSON.stringify({ userPoolARN: 'arn:pool', userPoolClientID: 'id', userPoolDomain: 'shop' });

function firstAction(annotations: Record<string, string>) {
  const model = modelOf('shop/web', [ingress('shop/web', { annotations })]);
  return { model, action: model.listeners.find(({ port }) => port === 443)?.rules[0]?.actions[0] };
}

test('a Cognito sign-in and a token check stand before the routing action on HTTPS', () => {
  const signIn = firstAction({
    ...secure,
    'auth-type': 'cognito',
    'auth-idp-cognito': cognito,
    'auth-scope': 'openid email',
  });
  assert.deepEqual(signIn.action, {
    kind: 'authenticate-cognito',
    userPoolArn: 'arn:pool',
    userPoolClientId: 'id',
    userPoolDomain: 'shop',
    session: {
      cookieName: 'AWSELBAuthSessionCookie',
      scope: 'openid email',
      timeoutSeconds: 604800,
      onUnauthenticatedRequest: 'authenticate',
      extraParams: {},
    },
  });
  const token = firstAction({
    ...secure,
    'jwt-validation': '{"jwksEndpoint": "https://k", "issuer": "https://i"}',
  });
  assert.equal(token.action?.kind, 'jwt-validation');
});

test('access that should be restricted and cannot be is never left open: the Ingress is held', () => {
  const oidc = '{"issuer": "https://i", "secretName": "s"}';
  const wrong: readonly Record<string, string>[] = [
    { 'auth-type': 'oidc', 'auth-idp-oidc': oidc },
    { 'auth-type': 'oidc' },
    { 'auth-type': 'saml' },
    { 'auth-type': 'cognito' },
    {
      'auth-type': 'cognito',
      'auth-idp-cognito': cognito,
      'jwt-validation': '{"jwksEndpoint": "k", "issuer": "i"}',
    },
    { 'auth-type': 'none', 'auth-idp-oidc': '{' },
    { 'auth-session-timeout': '1h' },
    { 'jwt-validation': '{}' },
    { 'jwt-validation': '{"jwksEndpoint": "k"}' },
    {
      'jwt-validation':
        '{"jwksEndpoint": "k", "issuer": "i", "additionalClaims": [{"format": "f", "name": "n"}]}',
    },
  ];
  for (const annotations of wrong) {
    const { model } = firstAction({ ...secure, ...annotations });
    assert.deepEqual(model.members, [], JSON.stringify(annotations));
    assert.deepEqual(model.listeners, [], JSON.stringify(annotations));
  }
});

test('a sign-in that does not reach an open HTTP port is told', () => {
  const ports = '[{"HTTP": 80}, {"HTTPS": 443}]';
  const annotations = {
    ...secure,
    'listen-ports': ports,
    'auth-type': 'cognito',
    'auth-idp-cognito': cognito,
  };
  const { model } = firstAction(annotations);
  assert.deepEqual(problemLines(model.problems), ['warning AnnotationInvalid shop/web']);
  assert.deepEqual(firstAction({ ...annotations, 'ssl-redirect': '443' }).model.problems, []);
});

test('annotations without effect are told: unknown ones with the name that was meant, and misplaced ones', () => {
  const model = modelOf('shop/web', [
    ingress('shop/web', {
      annotations: {
        shceme: 'internal',
        'action.x': '{}',
        'listener-attributes.HTTP-81': 'a=1',
        'dry-run-plan': '{}',
      },
    }),
    service('shop/front', { annotations: { scheme: 'internal' } }),
  ]);
  const found = model.problems.map(({ severity, code, hint }) => `${severity} ${code} ${hint}`);
  assert.deepEqual(found, [
    'warning AnnotationUnknown Write alb.ingress.kubernetes.io/actions.x',
    'warning AnnotationInvalid For example alb.ingress.kubernetes.io/listener-attributes.HTTP-80',
    'warning AnnotationUnknown Write alb.ingress.kubernetes.io/scheme',
    'warning AnnotationUnknown Write it on the Ingress',
  ]);
  assert.equal(model.members.length, 1);
});

test('bad input: a Service of type ExternalName has no pods, which its Ingress is told', () => {
  const told = (targetType: string) =>
    modelOf('shop/web', [
      ingress('shop/web', {
        annotations: { 'target-type': targetType },
        rules: [rule('a.example.com', { '/': 'blue:80' })],
      }),
      service('shop/blue', { type: 'ExternalName', ports: [servicePort({ port: 80, nodePort: undefined })] }),
    ]).problems;
  const [pods, ...others] = told('ip');
  assert.deepEqual([pods?.code, pods?.severity, others], ['ServiceNotRoutable', 'warning', []]);
  assert.match(
    pods?.message ?? '',
    /Ingress shop\/web sends to Service shop\/blue of type ExternalName, .* answered with 503$/,
  );
  const [nodes] = told('instance');
  assert.deepEqual([nodes?.code, nodes?.severity], ['ServiceNotRoutable', 'error']);
  assert.match(nodes?.hint ?? '', /redirect to the host with actions\.NAME/);
});
