import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at } from '../../../../src/simulator/kube/json.ts';
import type { JsonObject } from '../../../../src/simulator/kube/json.ts';
import { start } from '../support/client.ts';
import { configMap, ingress, ingressClass, paths, rule, service } from '../support/manifests.ts';

function path(changes: JsonObject): JsonObject {
  return ingress('x', { rules: [rule('/', changes)] });
}

function host(name: string): JsonObject {
  return ingress('x', { rules: [{ ...rule('/'), host: name }] });
}

const entry = 'spec.rules[0].http.paths[0]';
const sameLabel =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
  "alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const refusals: readonly (readonly [string, JsonObject, string])[] = [
  [
    'no rules',
    ingress('x', { rules: [] }),
    'spec: Invalid value: [] (any): either `defaultBackend` or `rules` must be specified',
  ],
  [
    'no pathType',
    ingress('x', { rules: [{ http: { paths: [{ path: '/' }] } }] }),
    `${entry}.pathType: Required value: pathType must be specified`,
  ],
  [
    'wrong pathType',
    path({ pathType: 'Regex' }),
    `${entry}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
  ],
  ['relative path', path({ path: 'a' }), `${entry}.path: Invalid value: "a": must be an absolute path`],
  ['double slash', path({ path: '/a//b' }), `${entry}.path: Invalid value: "/a//b": must not contain '//'`],
  [
    'port name and number',
    path({ backend: { service: { name: 'front', port: { name: 'http', number: 80 } } } }),
    `${entry}.backend: Invalid value: "": cannot set both port name & port number`,
  ],
  [
    'no port',
    path({ backend: { service: { name: 'front' } } }),
    `${entry}.backend: Required value: port name or number is required`,
  ],
  [
    'port out of range',
    path({ backend: { service: { name: 'front', port: { number: 70000 } } } }),
    `${entry}.backend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive`,
  ],
  [
    'host is an address',
    host('10.0.0.1'),
    'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
  ],
  [
    'host in capitals',
    host('A.example.com'),
    `spec.rules[0].host: Invalid value: "A.example.com": ${sameLabel}`,
  ],
];

test('an Ingress is refused for what users get wrong, in the words of the API server', async (t) => {
  const { client } = await start(t);
  for (const [what, body, expected] of refusals) {
    const reply = await client.post(paths.ingresses, body);
    assert.equal(reply.status, 422, what);
    assert.equal(
      reply.body['message'],
      `Ingress.networking.k8s.io "x" is invalid: ${expected}`.replace(' (any)', ''),
      what,
    );
  }
});

test('several mistakes are told together, each as a cause with its field', async (t) => {
  const { client } = await start(t);
  const reply = await client.post(paths.services, service('x', { type: 'Wrong', ports: [{ port: 0 }] }));
  const causes = at(reply.body, 'details', 'causes') as readonly JsonObject[];
  assert.deepEqual(
    causes.map((cause) => `${cause['field'] as string} ${cause['reason'] as string}`),
    [
      'spec.ports[0].port FieldValueInvalid',
      'spec.ports[0].targetPort FieldValueInvalid',
      'spec.type FieldValueNotSupported',
    ],
  );
  assert.match(
    String(reply.body['message']),
    /^Service "x" is invalid: \[spec\.ports\[0\]\.port: .*, spec\.type: .*\]$/,
  );
});

test('Services need names on several ports, ports in range and a fixed cluster IP', async (t) => {
  const { client } = await start(t);
  const message = async (body: JsonObject): Promise<unknown> =>
    (await client.post(paths.services, body)).body['message'];
  assert.match(
    String(await message(service('x', { ports: [{ port: 80 }, { port: 81 }] }))),
    /spec\.ports\[0\]\.name: Required value/,
  );
  assert.match(
    String(await message(service('x', { ports: [{ port: 80, nodePort: 80 }] }))),
    /spec\.ports\[0\]\.nodePort: Invalid value: 80: provided port is not in the valid range\. The range of valid ports is 30000-32767/,
  );
  assert.match(
    String(await message(service('X'))),
    /metadata\.name: Invalid value: "X": a lowercase RFC 1123 label/,
  );
  await client.post(paths.services, service('x'));
  const moved = await client.patch(`${paths.services}/x`, 'merge', { spec: { clusterIP: '172.20.9.9' } });
  assert.match(
    String(moved.body['message']),
    /spec\.clusterIPs\[0\]: Invalid value: .*may not change once set/,
  );
});

test('names, labels and immutable fields of any kind are checked', async (t) => {
  const { client } = await start(t);
  const upper = await client.post(paths.configMaps, configMap('Settings'));
  assert.match(
    String(upper.body['message']),
    /metadata\.name: Invalid value: "Settings": a lowercase RFC 1123 subdomain/,
  );
  const label = await client.post(paths.configMaps, configMap('a', {}, { 'b c': 'd' }));
  assert.match(
    String(label.body['message']),
    /metadata\.labels: Invalid value: "b c": name part must consist of/,
  );
  await client.post(paths.ingressClasses, ingressClass('alb'));
  const changed = await client.patch(`${paths.ingressClasses}/alb`, 'merge', {
    spec: { controller: 'a.example/b' },
  });
  assert.match(
    String(changed.body['message']),
    /spec\.controller: Invalid value: "a\.example\/b": field is immutable/,
  );
});
