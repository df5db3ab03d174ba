import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/simulator/kube/json.ts';
import { at, listOf } from '../../../../src/simulator/kube/json.ts';
import type { Client, Reply } from '../support/client.ts';
import { start } from '../support/client.ts';
import { ingress, ingressClass, paths } from '../support/manifests.ts';

const front = `${paths.services}/front`;

function applied(spec: JsonObject, labels?: JsonObject): JsonObject {
  const metadata = { name: 'front', ...(labels ? { labels } : {}) };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec };
}

function apply(client: Client, manager: string, body: JsonObject, query = ''): Promise<Reply> {
  return client.patch(`${front}?fieldManager=${manager}${query}`, 'application/apply-patch+yaml', body);
}

/** `manager operation` of each entry → what it owns. */
function owners(reply: Reply): Readonly<Record<string, unknown>> {
  const entries = listOf(at(reply.body, 'metadata', 'managedFields')).map((entry) => [
    `${at(entry, 'manager') as string} ${at(entry, 'operation') as string}`,
    at(entry, 'fieldsV1'),
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, unknown>>;
}

test('applying creates, and applying the same again changes nothing', async (t) => {
  const { client } = await start(t);
  const body = applied({ ports: [{ port: 80 }], selector: { app: 'front' } }, { l: '1' });
  const created = await apply(client, 'a', body);
  assert.equal(created.status, 201);
  assert.deepEqual(owners(created), {
    'a Apply': {
      'f:metadata': { 'f:labels': { 'f:l': {} } },
      'f:spec': {
        'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
        'f:selector': {},
      },
    },
  });
  assert.deepEqual((await apply(client, 'a', body)).body, created.body);
});

test('two managers share a list by its keys, and a field dropped by its only owner goes', async (t) => {
  const { client } = await start(t);
  await apply(client, 'a', applied({ ports: [{ port: 80, name: 'one' }] }, { l: '1' }));
  const both = await apply(client, 'b', applied({ ports: [{ port: 81, name: 'two' }] }));
  assert.deepEqual(
    listOf(at(both.body, 'spec', 'ports')).map((port) => at(port, 'port')),
    [80, 81],
  );
  const dropped = await apply(client, 'a', applied({}));
  assert.deepEqual(
    listOf(at(dropped.body, 'spec', 'ports')).map((port) => at(port, 'port')),
    [81],
  );
  assert.equal(at(dropped.body, 'metadata', 'labels'), undefined);
});

test("changing another manager's field is a conflict unless it is forced", async (t) => {
  const { client } = await start(t);
  await apply(client, 'a', applied({ ports: [{ port: 80 }], selector: { app: 'x' } }));
  const refused = await apply(client, 'b', applied({ selector: { app: 'y' } }));
  assert.equal(refused.status, 409);
  assert.equal(refused.body['message'], 'Apply failed with 1 conflict: conflict with "a": .spec.selector');
  const forced = await apply(client, 'b', applied({ selector: { app: 'y' } }), '&force=true');
  assert.deepEqual(at(forced.body, 'spec', 'selector'), { app: 'y' });
  assert.deepEqual(at(owners(forced)['a Apply'] as never, 'f:spec', 'f:selector'), undefined);
});

test('an ordinary write takes over what it changes', async (t) => {
  const { client } = await start(t);
  await apply(client, 'a', applied({ ports: [{ port: 80, targetPort: 1 }] }));
  const patch = { spec: { ports: [{ port: 80, targetPort: 2 }] } };
  await client.patch(`${front}?fieldManager=u`, 'strategic-merge', patch);
  const refused = await apply(client, 'a', applied({ ports: [{ port: 80, targetPort: 3 }] }, { u: '1' }));
  assert.equal(
    refused.body['message'],
    'Apply failed with 1 conflict: conflict with "u" using v1: .spec.ports[port=80,protocol="TCP"].targetPort',
  );
});

test('what admission adds belongs to nobody, so that no apply takes it away', async (t) => {
  const { client } = await start(t);
  await client.post(paths.ingressClasses, ingressClass('alb', true));
  const path = `${paths.ingresses}/site?fieldManager=a`;
  await client.patch(path, 'application/apply-patch+yaml', ingress('site'));
  const again = await client.patch(
    path,
    'application/apply-patch+yaml',
    ingress('site', {}, { labels: { a: 'b' } }),
  );
  assert.equal(at(again.body, 'spec', 'ingressClassName'), 'alb');
});

test('a configuration with unknown fields, without a manager or with managed fields is refused', async (t) => {
  const { client } = await start(t);
  const typo = await apply(client, 'a', applied({ prots: [] }));
  assert.match(String(typo.body['message']), /\.spec\.prots: field not declared in schema/);
  const nobody = await apply(client, '', applied({}));
  assert.equal(nobody.status, 422);
  const managed = { ...applied({}), metadata: { name: 'front', managedFields: [{ manager: 'z' }] } };
  assert.equal((await apply(client, 'a', managed)).body['message'], 'metadata.managedFields must be nil');
});
