// Sign-in with a client secret: AWS never shows it again, so what was sent is seen in the calls.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type LocalController, withController } from '../support/local-controller.ts';
import { eventually } from '../support/eventually.ts';
import { ingress, services, yaml } from './manifests.ts';

const hosts = ['a.example.com'];
const provider = {
  issuer: 'https://id.example.com',
  authorizationEndpoint: 'https://id.example.com/authorize',
  tokenEndpoint: 'https://id.example.com/token',
  userInfoEndpoint: 'https://id.example.com/userinfo',
  secretName: 'oidc',
};
const site = (backend: object = {}): object =>
  ingress('shop', {
    annotations: {
      'listen-ports': '[{"HTTPS": 443}]',
      'auth-type': 'oidc',
      'auth-idp-oidc': JSON.stringify(provider),
    },
    rules: [['a.example.com', '/', 'web']],
    spec: { tls: [{ hosts }], ...backend },
  });
const secret = (clientSecret: string): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'shop', name: 'oidc' },
  stringData: { clientID: 'me', clientSecret },
});
const before = yaml(...services('shop', 'web'), secret('first-s3cret'), site());

/** Every client secret that was sent, in order. */
function sent({ world }: LocalController): readonly string[] {
  const texts = world.aws.trace.writes().map(({ params }) => JSON.stringify(params));
  return texts.flatMap((text) =>
    [...text.matchAll(/"ClientSecret":"([^"]*)"/g)].map(([, value = '']) => value),
  );
}

describe('OIDC sign-in', { concurrency: 8 }, () => {
  test('a changed secret is sent once; an audit and a restart send nothing', () =>
    withController({ before, hosts }, async (local) => {
      await local.rest();
      assert.deepEqual(sent(local), ['first-s3cret']);
      local.writes();
      await local.controller.audit();
      await local.rest();
      assert.deepEqual(local.writes(), []);
      await local.apply(yaml(secret('second-s3cret')));
      assert.deepEqual(local.writes(), ['ModifyRule', 'AddTags']);
      assert.deepEqual(sent(local), ['first-s3cret', 'second-s3cret']);
      await local.controller.audit();
      await local.rest();
      await local.restart();
      await local.rest();
      assert.deepEqual(local.writes(), []);
      assert.doesNotMatch(local.events('Ingress', 'shop/shop').join(), /s3cret/);
    }));

  test('a secret that changed while no controller ran is noticed by the tag of the rule', () =>
    withController({ before, hosts }, async (local) => {
      await local.rest();
      await local.controller.stop();
      local.world.kube.store.apply([secret('second-s3cret') as never]);
      local.writes();
      await local.restart();
      await local.rest();
      assert.deepEqual(local.writes(), ['ModifyRule', 'AddTags']);
      assert.deepEqual(sent(local), ['first-s3cret', 'second-s3cret']);
    }));

  test('a Secret that is deleted holds the Ingress with its last good rule, and its return ends that', () =>
    withController({ before, hosts }, async (local) => {
      await local.rest();
      local.writes();
      await local.remove(yaml(secret('')));
      assert.match(local.events('Ingress', 'shop/shop').join('\n'), /Secret shop\/oidc.*does not exist/);
      assert.deepEqual(local.writes(), []);
      await local.apply(yaml(secret('second-s3cret')));
      assert.deepEqual(local.writes(), ['ModifyRule', 'AddTags']);
    }));

  test('AUT-01: a Secret that RBAC forbids holds its own Ingress and nobody else, until it is allowed', () => {
    const open = ingress('open', { rules: [['b.example.com', '/', 'web']] });
    return withController(
      {
        before: yaml(...services('shop', 'web'), secret('s3cret'), site(), open),
        hosts,
        prepare: ({ kube }) =>
          kube.faults.add({
            verb: 'list',
            resource: 'secrets',
            times: Infinity,
            action: { kind: 'status', code: 403, message: 'secrets "oidc" is forbidden' },
          }),
      },
      async (local) => {
        await local.rest();
        assert.match(
          local.events('Ingress', 'shop/shop').join('\n'),
          /Secret shop\/oidc.*has not been read yet.*allow the ServiceAccount/,
        );
        assert.match(local.events('Ingress', 'shop/open').join('\n'), /SuccessfullyReconciled/);
        assert.equal(local.world.aws.state.loadBalancers.size, 1);
        local.world.kube.faults.clear();
        await eventually(() => assert.equal(local.world.aws.state.loadBalancers.size, 2), 30_000);
        await local.rest();
        assert.deepEqual(sent(local), ['s3cret']);
      },
    );
  });

  test("with ALBC's preset no tag is written, and a changed secret is sent once all the same", () => {
    const albc = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'albc' } };
    const flags = { compatibility: 'albc' };
    const controller = 'ingress.k8s.aws/alb';
    const own = { ...albc, spec: { controller } };
    const objects = yaml(
      own,
      ...services('shop', 'web'),
      secret('first-s3cret'),
      site({ ingressClassName: 'albc' }),
    );
    return withController({ before: objects, hosts, flags }, async (local) => {
      await local.rest();
      local.writes();
      await local.apply(yaml(secret('second-s3cret')));
      assert.deepEqual(local.writes(), ['ModifyRule']);
      await local.controller.audit();
      await local.rest();
      await local.restart({ flags });
      await local.rest();
      assert.deepEqual(local.writes(), []);
      assert.deepEqual(sent(local), ['first-s3cret', 'second-s3cret']);
    });
  });

  test('the default action of a listener follows its secret too', () => {
    const backend = { defaultBackend: { service: { name: 'web', port: { number: 80 } } }, rules: [] };
    const objects = yaml(...services('shop', 'web'), secret('first-s3cret'), site(backend));
    return withController({ before: objects, hosts }, async (local) => {
      await local.rest();
      local.writes();
      await local.apply(yaml(secret('second-s3cret')));
      assert.deepEqual(local.writes(), ['ModifyListener', 'AddTags']);
      await local.restart();
      await local.rest();
      assert.deepEqual(local.writes(), []);
      assert.equal(sent(local).at(-1), 'second-s3cret');
    });
  });
});
