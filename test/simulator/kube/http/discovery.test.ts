import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/simulator/kube/json.ts';
import { at } from '../../../../src/simulator/kube/json.ts';
import { start } from '../support/client.ts';

test('groups, resources and short names can be found out', async (t) => {
  const { client } = await start(t);
  const groups = (await client.get('/apis')).body['groups'] as readonly JsonObject[];
  assert.ok(groups.some((group) => group['name'] === 'elbv2.k8s.aws'));
  const { body } = await client.get('/apis/networking.k8s.io/v1');
  const names = (body['resources'] as readonly JsonObject[]).map((resource) => resource['name']);
  assert.deepEqual(names, ['ingresses', 'ingresses/status', 'ingressclasses']);
  assert.deepEqual((body['resources'] as readonly JsonObject[])[0]?.['shortNames'], ['ing']);
});

test('the aggregated form names the same resources', async (t) => {
  const { client } = await start(t);
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
  const reply = await client.get('/apis', { accept });
  assert.match(reply.headers.get('content-type') ?? '', /as=APIGroupDiscoveryList/);
  const items = reply.body['items'] as readonly JsonObject[];
  const networking = items.find((item) => at(item, 'metadata', 'name') === 'networking.k8s.io');
  const [version] = networking?.['versions'] as readonly JsonObject[];
  const names = (version?.['resources'] as readonly JsonObject[]).map((resource) => resource['resource']);
  assert.deepEqual(names, ['ingresses', 'ingressclasses']);
});

test('OpenAPI says that writes can be validated by the server, and lists fields', async (t) => {
  const { client } = await start(t);
  const index = (await client.get('/openapi/v3')).body;
  const path = 'apis/networking.k8s.io/v1';
  assert.equal(at(index, 'paths', path, 'serverRelativeURL'), `/openapi/v3/${path}`);
  const { body } = await client.get(`/openapi/v3/${path}`);
  const item = at(
    body,
    'paths',
    '/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses/{name}',
    'patch',
  );
  const parameters = (at(item, 'parameters') as readonly JsonObject[]).map((parameter) => parameter['name']);
  assert.ok(parameters.includes('fieldValidation'));
  assert.equal((await client.get('/openapi/v2')).status, 404);
});
