// The examples, through the data plane, answer as their comments promise.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withController } from '../support/local-controller.ts';

const example = (path: string) =>
  readFileSync(join(import.meta.dirname, '..', '..', 'examples', path), 'utf8');

test('example 1: a wildcard host answers for one label and nothing else', () =>
  withController({ before: example('1-wildcard-host/ingress.yaml') }, async (local) => {
    await local.rest();
    assert.equal((await local.request('http://foo.bar.com/bar')).echo?.service, 'service1');
    assert.equal((await local.request('http://bar.foo.com/foo')).echo?.service, 'service2');
    assert.equal((await local.request('http://baz.bar.foo.com/foo')).status, 404);
    assert.equal((await local.request('http://foo.com/foo')).status, 404);
  }));

test('example 2: two applications by name on a single entry point', () =>
  withController({ before: example('2-virtual-hosts/ingress.yaml') }, async (local) => {
    await local.rest();
    assert.equal((await local.request('http://app.test.com/')).echo?.service, 'test');
    assert.equal((await local.request('http://app.prod.com/x')).echo?.service, 'prod');
    assert.equal((await local.request('http://app.other.com/')).status, 404);
    assert.equal(local.world.dataPlane.listeners().length, 1);
  }));

test('example 3: node ports and pod IPs on one load balancer, TLS, and HTTP redirected', () =>
  withController(
    { hosts: ['shop.example.com'], before: example('3-instance-and-ip/ingress.yaml') },
    async (local) => {
      await local.rest();
      assert.equal((await local.request('https://shop.example.com/legacy')).echo?.service, 'legacy');
      assert.equal((await local.request('https://shop.example.com/')).echo?.service, 'modern');
      const redirect = await local.request('http://shop.example.com/cart?a=1');
      assert.equal(redirect.status, 301);
      assert.equal(redirect.headers['location'], 'https://shop.example.com:443/cart?a=1');
      const types = [...local.world.aws.state.targetGroups.values()]
        .map((group) => group.targetType)
        .toSorted();
      assert.deepEqual(types, ['instance', 'ip']);
      assert.equal(local.world.aws.state.loadBalancers.size, 1);
    },
  ));

test('example 4: three Ingresses of two namespaces share a load balancer, with order, weights and a maintenance page', () =>
  withController({ before: example('4-group/ingresses.yaml') }, async (local) => {
    await local.rest();
    assert.equal(local.world.aws.state.loadBalancers.size, 1);
    const closed = await local.request('http://www.example.com/admin/x');
    assert.equal(closed.status, 503);
    assert.equal(closed.body, '<h1>Back soon</h1>');
    const counts = { blue: 0, green: 0 };
    for (let i = 0; i < 300; i += 1) {
      const { echo } = await local.request('http://www.example.com/');
      counts[echo?.service as 'blue'] += 1;
    }
    assert.ok(counts.blue > 200 && counts.blue < 280, `80 to 20, not ${JSON.stringify(counts)}`);
    assert.equal((await local.request('http://api.example.com/v1/x')).echo?.service, 'api');
    assert.equal((await local.request('http://api.example.com/v1/x', { method: 'POST' })).status, 404);
  }));

test('example 5: a default backend answers everything', () =>
  withController({ before: example('5-default-backend/ingress.yaml') }, async (local) => {
    await local.rest();
    assert.equal(
      (await local.request('http://any.host/any/path', { method: 'PUT' })).echo?.service,
      'everything',
    );
  }));

test('example 6: a target group that somebody else made is filled by a binding, and an Ingress sends to it by name', () =>
  withController(
    {
      before: example('6-target-group-binding/binding.yaml'),
      prepare: ({ aws, id }) =>
        void aws.call('elbv2', 'CreateTargetGroup', {
          Name: 'orders-of-terraform',
          Protocol: 'HTTP',
          Port: 80,
          VpcId: id('vpc'),
          TargetType: 'ip',
        }),
    },
    async (local) => {
      await local.rest();
      assert.equal((await local.request('http://front.example.com/orders/1')).echo?.service, 'orders');
    },
  ));
