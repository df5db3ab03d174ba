// The local Kubernetes API against the real one: the same requests, one after the other, and the same answers. What differs
// on purpose is listed with its reason.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import { after, before, suite, test } from 'node:test';
import { Agent, fetch } from 'undici';
import { parse } from 'yaml';
import type { Json, JsonObject } from '../../../src/simulator/kube/json.ts';
import { isList, isObject } from '../../../src/simulator/kube/json.ts';
import type { KubeSimulator } from '../../../src/simulator/kube/simulator.ts';
import { startKubeSimulator } from '../../../src/simulator/kube/simulator.ts';
import { sharedCluster } from '../../support/cluster/shared.ts';
import type { Cluster } from '../../support/cluster/start.ts';
import { cases } from './cases.ts';
import { customCases } from './custom-cases.ts';
import type { Case } from './requests.ts';
import { namespace } from './requests.ts';

type Answer = { readonly status: number; readonly warning: string | null; readonly body: Json };

let real: { readonly url: string; readonly token: string; readonly agent: Agent };
let ours: KubeSimulator;
let cluster: Cluster;

/** What two servers cannot have in common, and fields that the local API leaves to whoever runs the pods. */
const ignoredFields = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
  'clusterIP',
  'clusterIPs',
  'nodePort',
]);

async function ask(server: 'real' | 'ours', { method, path, body, type }: Case): Promise<Answer> {
  const response = await fetch((server === 'real' ? real.url : ours.url) + path, {
    method,
    headers: { authorization: `Bearer ${real.token}`, 'content-type': type ?? 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(server === 'real' ? { dispatcher: real.agent } : {}),
  });
  const text = await response.text();
  return { status: response.status, warning: response.headers.get('warning'), body: parsed(text) };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function comparable(value: Json, ignored: ReadonlySet<string>): Json {
  if (typeof value === 'string') return value.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UID');
  if (isList(value)) return value.map((item) => comparable(item, ignored));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !ignored.has(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, comparable(item, ignored)]));
}

/** A refusal differs from ours in the words only where the case says so. */
function withoutWords(body: Json): Json {
  if (!isObject(body) || body['kind'] !== 'Status') return body;
  const { message: _message, details: _details, ...rest } = body;
  return rest;
}

function shown(answer: Answer, each: Case): JsonObject {
  const ignored = new Set([...ignoredFields, ...(each.ignore ?? [])]);
  const body = comparable(each.ownWords ? withoutWords(answer.body) : answer.body, ignored);
  return { status: answer.status, warning: answer.warning, body };
}

suite('the local API answers as the real one does', () => {
  before(async () => {
    cluster = await sharedCluster();
    const ca = await readFile(cluster.caFile, 'utf8');
    real = { url: cluster.url, token: cluster.adminToken, agent: new Agent({ connect: { ca } }) };
    ours = await startKubeSimulator();
  });
  after(async () => {
    await ask('real', { what: 'clean up', method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
    await ask('real', {
      what: 'clean up',
      method: 'DELETE',
      path: `/apis/networking.k8s.io/v1/ingressclasses/${namespace}`,
    });
    await ours.close();
    await real.agent.close();
  });

  // Each case goes on where the one before it left off, so they run in order inside one test.
  test('request by request', (t) => compare(t, cases));

  test('CLS-04 TGB-01 TGB-02: custom kinds, by the definitions that we ship', async (t) => {
    for (const kind of ['ingressclassparams', 'targetgroupbindings']) {
      const definition = await readFile(
        new URL(`../../../deploy/crds/${kind}.yaml`, import.meta.url),
        'utf8',
      );
      await cluster.apply(definition);
      await cluster.kubectl(['wait', '--for=condition=Established', `crd/${kind}.elbv2.k8s.aws`]);
      assert.deepEqual(ours.store.apply([parse(definition)]), []);
    }
    await compare(t, customCases);
  });
});

async function compare(t: TestContext, list: readonly Case[]): Promise<void> {
  for (const each of list) {
    const [expected, actual] = [await ask('real', each), await ask('ours', each)];
    await t.test(`${each.method} ${each.what}`, () => {
      assert.deepEqual(shown(actual, each), shown(expected, each));
    });
  }
}
