// What the commands say of a group that is spread: each load balancer by its own name, and all of them by the group's.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { explained } from '../../src/cli/explain.ts';
import { fromFiles } from '../../src/cli/explain-sources.ts';
import { loadConfig } from '../../src/config/load.ts';
import { webRequest } from '../../src/core/evaluate/request.ts';
import { ingress, services, yaml } from '../scenario/manifests.ts';

const member = (name: string, host: string, path = '/'): object =>
  ingress(name, {
    annotations: { 'group.name': 'shop', 'albatross.dev/shards': '2' },
    rules: [[host, path, 'web']],
  });

test('Ask 26.1: explain finds the load balancer of a host; --group names the group or one of its load balancers', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'albatross-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'shop.yaml');
  const all = [member('a', 'a.example.com'), member('b', 'b.example.com'), member('any', '', '/health')];
  writeFileSync(file, yaml(...services('shop', 'web'), ...all));
  const flags = { 'cluster-name': 'test', 'aws-region': 'us-west-2', 'aws-vpc-id': 'vpc-0' };
  const loaded = loadConfig({ flags: new Map(Object.entries(flags)), env: {} });
  assert.equal(loaded.kind, 'config');
  const source = await fromFiles([file], loaded.config.core);
  const groupOf = async (url: string, group?: string): Promise<string | undefined> => {
    const request = webRequest(new URL(url), { method: 'GET', headers: {}, sourceIp: '203.0.113.1' });
    return /\(group (\w+)\)/.exec(
      await explained(request, group === undefined ? {} : { group }, source),
    )?.[1];
  };
  const places = [await groupOf('http://a.example.com/'), await groupOf('http://b.example.com/')];
  assert.deepEqual(
    places.toSorted((a, b) => String(a).localeCompare(String(b))),
    ['shop', 'shop_2'],
  );
  for (const host of ['a', 'b'])
    assert.equal(
      await groupOf(`http://${host}.example.com/`, 'shop'),
      await groupOf(`http://${host}.example.com/`),
    );
  await assert.rejects(
    groupOf('http://else.example.com/health'),
    /2 load balancers answer .* choose with --group/,
  );
  assert.equal(await groupOf('http://else.example.com/health', 'shop'), 'shop');
  assert.equal(await groupOf('http://else.example.com/health', 'shop_2'), 'shop_2');
  await assert.rejects(
    groupOf('http://a.example.com/', 'shop_3'),
    /there is no group “shop_3”; there are shop, shop_2/,
  );
});
