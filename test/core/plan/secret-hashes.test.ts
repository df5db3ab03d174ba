import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredGroup, Tags } from '../../../src/core/domain/desired-group.ts';
import type { ObservedGroup } from '../../../src/core/domain/observed-group.ts';
import type { AuthenticateOidcAction } from '../../../src/core/domain/rule.ts';
import {
  tagsAfterSecret,
  withExistingSecret,
  withSecretHashes,
} from '../../../src/core/plan/secret-hashes.ts';

const oidc = (clientSecretHash: string | undefined, clientId = 'me'): AuthenticateOidcAction => ({
  kind: 'authenticate-oidc',
  issuer: 'https://id',
  authorizationEndpoint: 'https://id/a',
  tokenEndpoint: 'https://id/t',
  userInfoEndpoint: 'https://id/u',
  clientId,
  clientSecretHash,
  session: {
    cookieName: 'c',
    scope: 's',
    timeoutSeconds: 1,
    onUnauthenticatedRequest: 'deny',
    extraParams: {},
  },
});
const at = (path: string) => [{ kind: 'path-pattern' as const, values: [path], regexValues: [] }];
type Holder = {
  readonly path?: string;
  readonly hash?: string;
  readonly tags?: Tags;
  readonly clientId?: string;
};

/** Both forms have the fields that are read here; the others do not matter. */
function groupOf(rules: readonly Holder[], byDefault: Holder): unknown {
  const listener = {
    port: 443,
    tags: byDefault.tags ?? {},
    defaultActions: [oidc(byDefault.hash)],
    rules: rules.map(({ path = '/', hash, tags = {}, clientId }) => ({
      conditions: at(path),
      actions: [oidc(hash, clientId)],
      transforms: [],
      tags,
    })),
  };
  const loadBalancer = { listeners: [listener] };
  return { loadBalancer, loadBalancers: [loadBalancer] };
}
const observed = (rules: readonly Holder[], byDefault: Holder = {}) =>
  groupOf(rules, byDefault) as ObservedGroup;
const desired = (rules: readonly Holder[], byDefault: Holder = {}) =>
  groupOf(rules, byDefault) as DesiredGroup;

function hashes(group: ObservedGroup): readonly (string | undefined)[] {
  const [listener] = group.loadBalancers[0]?.listeners ?? [];
  const holders = [listener?.defaultActions ?? [], ...(listener?.rules ?? []).map(({ actions }) => actions)];
  return holders.map(([action]) => (action?.kind === 'authenticate-oidc' ? action.clientSecretHash : 'none'));
}

test('what was sent by us is known first by memory, then by the tag, then by the last applied plan', () => {
  const tags = { 'albatross.dev/oidc-secret': 'tagged' };
  const found = observed([{ path: '/a', hash: 'sent', tags }, { path: '/b', tags }, { path: '/c' }], {
    tags,
  });
  const wanted = desired([
    { path: '/a', hash: 'new' },
    { path: '/b', hash: 'new' },
    { path: '/c', hash: 'new' },
  ]);
  const previous = desired([{ path: '/c', hash: 'applied' }]);
  assert.deepEqual(hashes(withSecretHashes({ observed: found, desired: wanted, previous })), [
    'tagged',
    'sent',
    'tagged',
    'applied',
  ]);
});

test('where nobody knows, the secret is taken for the wanted one of the same action in the same place', () => {
  const found = observed([{ path: '/a' }, { path: '/b' }, { path: '/c', clientId: 'other' }]);
  const wanted = desired(
    [
      { path: '/a', hash: 'new' },
      { path: '/c', hash: 'new' },
    ],
    { hash: 'default' },
  );
  assert.deepEqual(hashes(withSecretHashes({ observed: found, desired: wanted, previous: undefined })), [
    'default',
    'new',
    undefined,
    undefined,
  ]);
});

test('the tag is written with a secret or over an older one, not on what somebody else made', () => {
  const wanted = { a: '1', 'albatross.dev/oidc-secret': 'new' };
  assert.deepEqual(tagsAfterSecret(wanted, { a: '1' }, false), { a: '1' });
  assert.deepEqual(tagsAfterSecret(wanted, { a: '1' }, true), wanted);
  assert.deepEqual(tagsAfterSecret(wanted, { 'albatross.dev/oidc-secret': 'old' }, false), wanted);
});

test('a kept action leaves its secret to AWS', () => {
  assert.deepEqual(withExistingSecret([oidc('known')]), [oidc(undefined)]);
});
