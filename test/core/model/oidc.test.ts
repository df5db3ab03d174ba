import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientSecret } from '../../../src/core/domain/client-secret.ts';
import type { ClusterObject, Secret } from '../../../src/core/domain/cluster.ts';
import { groupKey } from '../../../src/core/domain/ids.ts';
import { groupModel } from '../../../src/core/model/group.ts';
import { secretReferences } from '../../../src/core/model/secret-references.ts';
import { keysForChange } from '../../../src/core/model/triggers.ts';
import { ingress, meta, rule, service } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';
import { cluster, modelOf, problemLines } from './model-of.ts';

const provider = JSON.stringify({
  issuer: 'https://id',
  authorizationEndpoint: 'https://id/a',
  tokenEndpoint: 'https://id/t',
  userInfoEndpoint: 'https://id/u',
  secretName: 'oidc',
  authenticationRequestExtraParams: { prompt: 'login' },
});
const signIn = { 'auth-type': 'oidc', 'auth-idp-oidc': provider };
const annotations = { 'listen-ports': '[{"HTTPS": 443}]', 'certificate-arn': 'arn:1', ...signIn };
const web = ingress('shop/web', { annotations });
const clientSecret = new ClientSecret('s3cret');

function secret(values: Secret['values'], labels: Readonly<Record<string, string>> = {}): Secret {
  return { kind: 'Secret', meta: meta('Secret', 'shop/oidc', { labels }), values };
}
const good = secret({ clientId: 'me', clientSecret });

const actionsOf = (...objects: readonly ClusterObject[]) =>
  modelOf('shop/web', objects).listeners[0]?.rules[0]?.actions ?? [];

test('an OIDC sign-in stands before the routing action, with the hash of the secret and nothing of its text', () => {
  const [action, forward] = actionsOf(web, good);
  assert.deepEqual(action, {
    kind: 'authenticate-oidc',
    issuer: 'https://id',
    authorizationEndpoint: 'https://id/a',
    tokenEndpoint: 'https://id/t',
    userInfoEndpoint: 'https://id/u',
    clientId: 'me',
    clientSecretHash: clientSecret.hash,
    session: {
      cookieName: 'AWSELBAuthSessionCookie',
      scope: 'openid',
      timeoutSeconds: 604800,
      onUnauthenticatedRequest: 'authenticate',
      extraParams: { prompt: 'login' },
    },
  });
  assert.equal(forward?.kind, 'forward');
  assert.doesNotMatch(JSON.stringify(modelOf('shop/web', [web, good])), /s3cret/);
});

test('a Secret that is no use holds the Ingress, in words that say why and in those of ALBC', () => {
  const label = { requiredSecretsLabel: { key: 'use', value: 'alb' } };
  const cases: readonly (readonly [readonly ClusterObject[], object, RegExp, string | undefined])[] = [
    [[], {}, /has not been read yet/, undefined],
    [[secret(undefined)], {}, /does not exist/, 'secrets "oidc" not found'],
    [
      [secret({ clientId: undefined, clientSecret })],
      {},
      /no clientID/,
      'missing clientID, secret: shop/oidc',
    ],
    [
      [secret({ clientId: 'me', clientSecret: undefined })],
      {},
      /no clientSecret/,
      'missing clientSecret, secret: shop/oidc',
    ],
    [
      [secret({ clientId: 'me', clientSecret }, { b: '2', a: '1' })],
      label,
      /use=alb/,
      'secret shop/oidc is missing required label use=alb; actual labels: map[a:1 b:2]',
    ],
  ];
  for (const [objects, config, message, albc] of cases) {
    const model = modelOf('shop/web', [web, ...objects], config);
    const [problem] = model.problems;
    assert.deepEqual(problemLines(model.problems), ['error SecretUnusable shop/web']);
    assert.match(problem?.message ?? '', message);
    assert.equal(problem?.albcMessage, albc && `ingress: shop/web: ${albc}`);
    assert.equal(problem?.albcEvent, albc === undefined ? 'none' : undefined);
    assert.deepEqual(model.members, []);
  }
  const labelled = secret({ clientId: 'me', clientSecret }, { use: 'alb' });
  assert.deepEqual(modelOf('shop/web', [web, labelled], label).problems, []);
});

test('on HTTP alone no Secret is asked for', () => {
  const model = modelOf('shop/web', [ingress('shop/web', { annotations: signIn })]);
  assert.deepEqual(problemLines(model.problems), ['warning AnnotationInvalid shop/web']);
  assert.deepEqual(
    model.listeners[0]?.rules[0]?.actions.map(({ kind }) => kind),
    ['forward'],
  );
});

test('the Secrets to watch are those of our Ingresses and their Services, in the namespace of the Ingress', () => {
  const config = coreConfig();
  const other = { 'auth-idp-oidc': provider.replace('"oidc"', '"of-service"') };
  const snapshot = cluster([
    web,
    ingress('shop/cognito', { annotations: { ...annotations, 'auth-type': 'cognito' } }),
    ingress('else/site', { annotations, className: 'foreign' }),
    ingress('else/open', { rules: [rule('a.example.com', { '/': 'front:80' })] }),
    service('else/front', { annotations: { ...signIn, ...other } }),
  ]);
  assert.deepEqual(secretReferences(snapshot, config), ['else/of-service', 'shop/oidc']);
});

test('a change of a Secret concerns the groups that refer to it, and only where it means something', () => {
  const config = coreConfig();
  const snapshot = cluster([web, ingress('shop/plain'), good]);
  const keys = (before: Secret | undefined, after: Secret) =>
    keysForChange({ kind: 'Secret', before, after }, snapshot, config);
  const changed = secret({ clientId: 'me', clientSecret: new ClientSecret('new') });
  assert.deepEqual(keys(undefined, secret(undefined)), ['shop/web']);
  assert.deepEqual(keys(good, changed), ['shop/web']);
  assert.deepEqual(keys(good, secret({ clientId: 'me', clientSecret: new ClientSecret('s3cret') })), []);
});

test('a default backend of an HTTPS listener asks for the sign-in too', () => {
  const site = ingress('shop/web', {
    annotations,
    rules: [],
    defaultBackend: { kind: 'service', name: 'front', port: { kind: 'number', number: 80 } },
  });
  const model = groupModel(cluster([site, good]), groupKey('shop/web'), coreConfig());
  assert.deepEqual(
    model.listeners[0]?.defaultActions.map(({ kind }) => kind),
    ['authenticate-oidc', 'forward'],
  );
});
