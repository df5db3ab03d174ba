import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Namespace } from '../../src/core/domain/cluster.ts';
import { decoderOf } from '../../src/kube/decode/decode-object.ts';
import { KubeError, type KubeErrorKind } from '../../src/kube/kube-error.ts';
import type { ObjectChange } from '../../src/kube/object-store.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { VirtualClock } from '../../src/lib/virtual-clock.ts';
import { FakeApi, settle } from './support/fake-api.ts';

const refused = (kind: KubeErrorKind): KubeError => new KubeError({ kind, operation: 'test', message: kind });

/** A running reflector of Namespaces, with what it reported: `+name`, `~name`, `-name`. */
async function started(prepare: (api: FakeApi) => void = () => undefined) {
  const api = new FakeApi();
  api.lists = [api.page('10', ['a', 'b'])];
  prepare(api);
  const clock = new VirtualClock();
  const reported: string[] = [];
  const warnings: string[] = [];
  let onChanges: (changes: readonly ObjectChange<Namespace>[]) => void = () => undefined;
  const reflector = new Reflector<Namespace>({
    transport: api,
    clock,
    random: () => 1,
    log: { warn: (_, message) => void warnings.push(message), info: () => undefined },
    kind: 'Namespace',
    path: '/api/v1/namespaces',
    decode: decoderOf('Namespace'),
    onChanges: (changes) => {
      reported.push(changes.map(mark).join(' '));
      onChanges(changes);
    },
  });
  reflector.start();
  await settle();
  const names = (): string => [...reflector.objects.keys()].join(' ');
  const pass = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    await settle();
  };
  const listen = (listener: typeof onChanges): void => {
    onChanges = listener;
  };
  return { api, clock, reflector, reported, warnings, names, pass, listen, stop: () => reflector.stop() };
}

function mark({ before, after }: ObjectChange<Namespace>): string {
  const sign = before === undefined ? '+' : after === undefined ? '-' : '~';
  return `${sign}${(after ?? before)?.meta.name}`;
}

test('a list in pages is shown as a whole, and the watch starts where it ended', async () => {
  const { api, reflector, reported, names, stop } = await started((it) => {
    it.lists = [it.page('10', ['a', 'b'], 'more'), it.page('10', ['c'])];
  });
  await reflector.synced;
  assert.deepEqual(api.log, ['list', 'list (continue more)', 'watch from 10']);
  assert.deepEqual(reported, ['+a +b +c']);
  assert.equal(names(), 'a b c');
  assert.equal(reflector.complete(), true);
  await stop();
});

test('a watch asks for bookmarks and ends at a random time between 240 and 360 seconds', async () => {
  const { api, stop } = await started();
  assert.deepEqual(api.watch.query, {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: '10',
    timeoutSeconds: '360',
  });
  await stop();
});

test('events change the store, with the object before and after, also when they come in pieces', async () => {
  const { api, reported, names, listen, stop } = await started();
  const versions: (string | undefined)[][] = [];
  listen((changes) => {
    for (const { before, after } of changes) {
      versions.push([before?.meta.resourceVersion, after?.meta.resourceVersion]);
    }
  });
  api.watch.send('ADDED', 'c', '11');
  api.watch.send('DELETED', 'a', '12');
  const line = JSON.stringify({
    type: 'MODIFIED',
    object: { metadata: { name: 'b', resourceVersion: '13' } },
  });
  api.watch.sendText(line.slice(0, 20));
  await settle();
  api.watch.sendText(`${line.slice(20)}\n`);
  await settle();
  assert.deepEqual(reported, ['+a +b', '+c', '-a', '~b']);
  assert.deepEqual(versions, [
    [undefined, '11'],
    ['1', undefined],
    ['1', '13'],
  ]);
  assert.equal(names(), 'b c');
  await stop();
});

test('what was handed out does not change afterwards', async () => {
  const { api, reflector, stop } = await started();
  const earlier = reflector.objects;
  api.watch.send('ADDED', 'c', '11');
  await settle();
  assert.equal(earlier.size, 2);
  assert.equal(reflector.objects.size, 3);
  await stop();
});

test('after a clean end the watch goes on from the last event or bookmark, at once', async () => {
  const { api, stop } = await started();
  api.watch.send('ADDED', 'c', '11');
  api.watch.send('BOOKMARK', '', '25');
  await settle();
  api.watch.close();
  await settle();
  assert.deepEqual(api.log, ['list', 'watch from 10', 'watch from 25']);
  await stop();
});

test('a server that closes every watch at once is asked less and less often, up to every 30 seconds', async () => {
  const { api, clock, pass, stop } = await started();
  for (let at = 0; at < 600; at += 1) {
    api.watch.close();
    await settle();
    await pass(clock.untilNextWake() ?? 0);
    if (clock.now() > Date.UTC(2026, 0, 1) + 300_000) break;
  }
  const opened = api.watches.length;
  assert.ok(opened >= 10 && opened <= 20, `${opened} watches in five minutes`);
  await stop();
});

for (const [name, failure] of [
  ['a reset connection', new Error('ECONNRESET')],
  ['an HTTP 500', refused('unavailable')],
  ['an HTTP 429', refused('throttled')],
  ['an HTTP 401', refused('unauthorized')],
] as const) {
  test(`after ${name} the watch goes on from where it was, after a pause`, async () => {
    const { api, names, pass, stop } = await started((it) => {
      it.refusals = [failure, failure];
    });
    assert.deepEqual(api.log, ['list', 'watch from 10']);
    await pass(100);
    await pass(200);
    assert.deepEqual(api.log, ['list', 'watch from 10', 'watch from 10', 'watch from 10']);
    api.watch.send('ADDED', 'c', '11');
    await settle();
    assert.equal(names(), 'a b c');
    await stop();
  });
}

test('a server that says how long to wait is obeyed', async () => {
  const busy = new KubeError({ kind: 'throttled', operation: 'test', message: 'busy', retryAfterMs: 7000 });
  const { api, pass, stop } = await started((it) => {
    it.refusals = [busy];
  });
  await pass(6900);
  assert.equal(api.watches.length, 0);
  await pass(100);
  assert.equal(api.watches.length, 1);
  await stop();
});

for (const [name, expire] of [
  ['as an answer', undefined],
  [
    'as an event',
    '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}\n',
  ],
] as const) {
  test(`an expired resource version (${name}) leads to a new list, whose differences are reported`, async () => {
    const { api, reported, names, reflector, pass, stop } = await started((it) => {
      it.lists.push(it.page('20', ['a@1', 'b@15', 'c@16']));
      if (expire === undefined) it.refusals = [refused('gone')];
    });
    if (expire !== undefined) api.watch.sendText(expire);
    await settle();
    assert.equal(names(), 'a b');
    assert.equal(reflector.complete(), false);
    await pass(100);
    assert.deepEqual(api.log.slice(-2), ['list', 'watch from 20']);
    assert.deepEqual(reported, ['+a +b', '~b +c']);
    assert.equal(names(), 'a b c');
    assert.equal(reflector.complete(), true);
    await stop();
  });
}

test('what a new list lacks was deleted meanwhile', async () => {
  const { reported, pass, stop } = await started((it) => {
    it.lists.push(it.page('20', ['b@1']));
    it.refusals = [refused('gone')];
  });
  await pass(100);
  assert.deepEqual(reported, ['+a +b', '-a']);
  await stop();
});

test('a server that answers 410 for ever is listed less and less often, and the objects stay', async () => {
  const { api, names, pass, stop } = await started((it) => {
    it.refusals = Array.from({ length: 1000 }, () => refused('gone'));
  });
  for (let at = 0; at < 60; at += 1) await pass(1000);
  const lists = api.log.filter((line) => line === 'list').length;
  assert.ok(lists >= 5 && lists <= 12, `${lists} lists in a minute`);
  assert.equal(names(), 'a b');
  await stop();
});

test('a new list that fails in the middle changes nothing, and is made again from the start', async () => {
  const { api, reported, names, pass, reflector, stop } = await started((it) => {
    it.lists.push(it.page('20', ['x'], 'more'), refused('gone'), it.page('30', ['a@1', 'b@1', 'x']));
    it.refusals = [refused('gone')];
  });
  await pass(100);
  assert.equal(names(), 'a b');
  assert.equal(reflector.complete(), false);
  await pass(200);
  assert.deepEqual(api.log.slice(1), [
    'watch from 10',
    'list',
    'list (continue more)',
    'list',
    'watch from 30',
  ]);
  assert.deepEqual(reported, ['+a +b', '+x']);
  await stop();
});

test('a first list that fails is tried again, and only its success counts as synced', async () => {
  const { reflector, pass, stop } = await started((it) => {
    it.lists = [refused('unavailable'), it.page('10', ['a'])];
  });
  let synced = false;
  void reflector.synced.then(() => {
    synced = true;
  });
  await settle();
  assert.equal(synced, false);
  assert.equal(reflector.complete(), false);
  await pass(100);
  assert.equal(synced, true);
  await stop();
});

test('a connection silent for 90 seconds is given up, and bookmarks keep it', async () => {
  const { api, pass, stop } = await started();
  await pass(80_000);
  api.watch.send('BOOKMARK', '', '20');
  await settle();
  await pass(80_000);
  assert.equal(api.watches.length, 1);
  await pass(10_000);
  await pass(100);
  assert.deepEqual(api.log, ['list', 'watch from 10', 'watch from 20']);
  await stop();
});

test('after two minutes without a sign of life the copy no longer counts as complete, and is still there', async () => {
  const { api, reflector, names, pass, stop } = await started((it) => {
    it.refusals = Array.from({ length: 100 }, () => refused('unreachable'));
    it.lists.push(refused('unreachable'));
  });
  assert.deepEqual([reflector.complete(), reflector.trouble], [true, undefined]);
  await pass(10_000);
  assert.deepEqual([reflector.complete(), reflector.trouble], [true, undefined]);
  for (let at = 0; at < 12; at += 1) await pass(10_000);
  assert.deepEqual([reflector.complete(), reflector.trouble], [false, 'test: unreachable']);
  assert.equal(names(), 'a b');
  api.refusals = [];
  api.lists = [api.page('30', ['a@1'])];
  await pass(30_000);
  assert.deepEqual([reflector.complete(), reflector.trouble], [true, undefined]);
  assert.equal(names(), 'a');
  await stop();
});

for (const [name, text] of [
  ['is not JSON', '{"type":"ADDED","object":{"metad\n'],
  ['is of an unknown type', '{"type":"RENAMED","object":{"metadata":{"name":"c","resourceVersion":"11"}}}\n'],
  ['has no resource version', '{"type":"ADDED","object":{"metadata":{"name":"c"}}}\n'],
] as const) {
  test(`a line that ${name} is never skipped: the list is made again`, async () => {
    const { api, names, pass, stop } = await started((it) => {
      it.lists.push(it.page('20', ['a@1', 'b@1', 'c']));
    });
    api.watch.sendText(text);
    await settle();
    await pass(100);
    assert.deepEqual(api.log, ['list', 'watch from 10', 'list', 'watch from 20']);
    assert.equal(names(), 'a b c');
    await stop();
  });
}

test('a stream cut off inside an event is a broken connection', async () => {
  const { api, pass, stop } = await started();
  api.watch.sendText('{"type":"ADDED"');
  await settle();
  api.watch.close();
  await settle();
  await pass(100);
  assert.deepEqual(api.log, ['list', 'watch from 10', 'watch from 10']);
  await stop();
});

test('a resource version that the server keeps refusing is given up (a cluster restored from a backup)', async () => {
  const { api, names, pass, stop } = await started((it) => {
    it.lists.push(it.page('3', ['a@2']));
    it.refusals = Array.from({ length: 5 }, () => refused('unavailable'));
  });
  for (let at = 0; at < 5; at += 1) await pass(2000);
  assert.deepEqual(api.log.slice(-2), ['list', 'watch from 3']);
  assert.equal(names(), 'a');
  await stop();
});

test('stop() ends a watch that is only just connecting, and nothing is reported afterwards', async () => {
  const api = new FakeApi();
  api.lists = [api.page('10', ['a'])];
  const reported: unknown[] = [];
  const reflector = new Reflector<Namespace>({
    transport: { server: api.server, call: api.call, close: api.close, stream: hangUntilAborted },
    clock: new VirtualClock(),
    random: () => 1,
    log: { warn: () => undefined, info: () => undefined },
    kind: 'Namespace',
    path: '/api/v1/namespaces',
    decode: decoderOf('Namespace'),
    onChanges: (changes) => void reported.push(changes),
  });
  reflector.start();
  await settle();
  await reflector.stop();
  await settle();
  assert.equal(reported.length, 1);
});

function hangUntilAborted({ signal }: { readonly signal?: AbortSignal }): Promise<AsyncIterable<Uint8Array>> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}

test('stop() ends the pause after a failure', async () => {
  const { reflector, clock } = await started((it) => {
    it.lists = [refused('unavailable')];
  });
  assert.equal(clock.untilNextWake(), 100);
  await reflector.stop();
  assert.equal(clock.untilNextWake(), undefined);
});

test('a listener that throws is reported, and the watch goes on', async () => {
  const { api, listen, names, warnings, stop } = await started();
  listen(() => {
    throw new Error('oops');
  });
  api.watch.send('ADDED', 'c', '11');
  api.watch.send('ADDED', 'd', '12');
  await settle();
  assert.equal(names(), 'a b c d');
  assert.match(warnings[0] ?? '', /oops/);
  assert.equal(api.watches.length, 1);
  await stop();
});

test('an object that no longer decodes keeps its last good state, and its deletion is still seen', async () => {
  const { api, reported, reflector, warnings, stop } = await started();
  api.watch.send('MODIFIED', 'a', '11', { metadata: { name: 'a', resourceVersion: '11', labels: { x: 1 } } });
  await settle();
  assert.equal(reflector.objects.size, 2);
  assert.equal(reflector.complete(), true);
  assert.match(warnings[0] ?? '', /Namespace a: metadata\.labels\.x is 1, wanted a string/);
  api.watch.send('DELETED', 'a', '12', { metadata: { name: 'a', resourceVersion: '12', labels: { x: 1 } } });
  await settle();
  assert.deepEqual(reported, ['+a +b', '-a']);
  await stop();
});

test('an object of which no version ever decoded makes the copy incomplete until it decodes or goes', async () => {
  const { api, reflector, stop } = await started();
  const unreadable = { metadata: { name: 'c', resourceVersion: '11', labels: 5 } };
  api.watch.send('ADDED', 'c', '11', unreadable);
  await settle();
  assert.equal(reflector.complete(), false);
  api.watch.send('MODIFIED', 'c', '12');
  await settle();
  assert.equal(reflector.complete(), true);
  assert.equal(reflector.objects.size, 3);
  await stop();
});

test('a kind that the server does not serve is known to have no objects, and is looked for again', async () => {
  const { reflector, api, names, pass, stop } = await started((it) => {
    it.lists = [refused('notFound'), it.page('10', ['a'])];
  });
  await reflector.synced;
  assert.deepEqual([reflector.complete(), reflector.trouble, names()], [true, undefined, '']);
  await pass(100);
  assert.equal(names(), 'a');
  api.lists = [refused('notFound')];
  api.watch.sendText('{"type":"ERROR","object":{"code":410}}\n');
  await settle();
  await pass(100);
  assert.equal(names(), 'a');
  assert.equal(reflector.complete(), false);
  await stop();
});
