import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withController } from '../support/local-controller.ts';
import { ingress, services, yaml } from './manifests.ts';

const shared = (
  name: string,
  namespace: string,
  rules: readonly (readonly [string, string, string])[],
  order = 0,
): object =>
  ingress(name, { namespace, annotations: { 'group.name': 'public', 'group.order': String(order) }, rules });

const before = yaml(...services('a', 'web'), ...services('b', 'web'));

test('Ask 2.4, Ask 22.2: another namespace takes no path of a live one, by no order and no edit, until it is free', () =>
  withController({ before }, async ({ apply, remove, restart, rest, request, events }) => {
    const who = async (path: string): Promise<string | undefined> =>
      (await request(`http://app.example.com${path}`)).echo?.namespace;
    await apply(yaml(shared('site', 'a', [['app.example.com', '/', 'web']])));
    await apply(yaml(shared('sly', 'b', [['app.example.com', '/', 'web']], -10)));
    assert.equal(await who('/'), 'a');
    assert.ok(
      events('Ingress', 'b/sly').some((event) => /a\/site of another namespace had first/.test(event)),
    );
    assert.ok(
      events('Ingress', 'a/site').some((event) =>
        /^HostClaimed: .*b\/sly of another namespace is held/.test(event),
      ),
    );
    // A path below is nobody's yet.
    await apply(yaml(shared('sly', 'b', [['app.example.com', '/b', 'web']], -10)));
    assert.deepEqual([await who('/'), await who('/b')], ['a', 'b']);
    // The older Ingress cannot have what the other one has by now, and keeps what it had.
    await apply(
      yaml(
        shared('site', 'a', [
          ['app.example.com', '/', 'web'],
          ['app.example.com', '/b', 'web'],
        ]),
      ),
    );
    assert.deepEqual([await who('/'), await who('/b')], ['a', 'b']);
    await restart();
    await rest();
    assert.deepEqual([await who('/'), await who('/b')], ['a', 'b']);
    await remove(yaml(shared('sly', 'b', [], -10)));
    assert.deepEqual([await who('/'), await who('/b')], ['a', 'a']);
  }));

test('Ask 22.1: a class that gives a host to a namespace holds the others as soon as it says so', () =>
  withController({ before }, async ({ apply, request, events }) => {
    const policy = (text: string): object => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'alb', annotations: { 'albatross.dev/host-claims': text } },
      spec: { controller: 'albatross.dev/alb' },
    });
    await apply(yaml(policy('app.example.com: a\n*: a, b\n')));
    await apply(yaml(shared('sly', 'b', [['app.example.com', '/', 'web']])));
    assert.ok(events('Ingress', 'b/sly').some((event) => /gives app\.example\.com to a only/.test(event)));
    await apply(yaml(policy('*: a, b\n')));
    assert.equal((await request('http://app.example.com/')).echo?.namespace, 'b');
  }));
