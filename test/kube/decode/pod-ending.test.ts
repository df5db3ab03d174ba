import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePodEnding } from '../../../src/kube/decode/pod-ending.ts';

const exec = (...command: readonly string[]): object => ({ exec: { command } });

for (const [hooks, sleep] of [
  [[undefined], 0],
  [[{ sleep: { seconds: 20 } }], 20],
  [[exec('sleep', '15')], 15],
  [[exec('/bin/sh', '-c', 'sleep 10 && nginx -s quit')], 10],
  [[exec('/bin/sleep', '7'), undefined], 7],
  [[{ sleep: { seconds: 5 } }, { sleep: { seconds: 9 } }], 9],
  [[{ httpGet: { path: '/stop', port: 80 } }], undefined],
  [[exec('/app/drain'), { sleep: { seconds: 9 } }], undefined],
] as const) {
  test(`preStop ${JSON.stringify(hooks)} sleeps ${sleep}`, () => {
    const containers = hooks.map((preStop) => ({ name: 'c', ...(preStop && { lifecycle: { preStop } }) }));
    const ending = decodePodEnding({ metadata: { namespace: 'web', name: 'p' }, spec: { containers } });
    assert.deepEqual(ending, { pod: 'web/p', graceSeconds: 30, sleepSeconds: sleep });
  });
}
