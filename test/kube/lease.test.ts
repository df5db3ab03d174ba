import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { LeadershipLostError, type LeaderOptions, runAsLeader } from '../../src/kube/lease.ts';
import { VirtualClock } from '../../src/lib/virtual-clock.ts';
import { localApi } from './support/local-api.ts';

/** A cluster with candidates, on a clock that runs as fast as the local API answers. */
async function election(context: TestContext) {
  const { api, transport } = await localApi(context);
  api.store.ensureNamespace('sys');
  const clock = new VirtualClock();
  const log: string[] = [];
  const candidate = (identity: string, options: Partial<LeaderOptions> = {}) => {
    const stop = new AbortController();
    const running = runAsLeader({
      transport,
      clock,
      log: { warn: (_, message) => void log.push(message), info: () => undefined },
      namespace: 'sys',
      name: 'albatross-leader',
      identity,
      monotonic: () => clock.now(),
      signal: stop.signal,
      work: async (leading) => {
        log.push(`${identity} leads`);
        await new Promise<void>((resolve) =>
          leading.addEventListener('abort', () => resolve(), { once: true }),
        );
        log.push(`${identity} stopped`);
      },
      ...options,
    });
    running.catch(() => undefined);
    return { running, stop: () => stop.abort() };
  };
  const spec = () => {
    const lease = api.store.get({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      namespace: 'sys',
      name: 'albatross-leader',
    });
    return Object(lease?.['spec']);
  };
  /** Lets virtual time pass, slowly enough for requests over the loopback interface. */
  const pass = async (seconds: number): Promise<void> => {
    for (let at = 0; at < seconds; at += 1) {
      await idle();
      await clock.advance(1000);
    }
    await idle();
  };
  const idle = async (): Promise<void> => {
    for (let quiet = 0, seen = api.trace.length; quiet < 300; quiet += 1) {
      await setImmediate();
      if (api.trace.length !== seen) quiet = 0;
      seen = api.trace.length;
    }
  };
  return { api, clock, log, candidate, spec, pass };
}

test('OPS-13: the first candidate leads and renews; a second one waits', async (context) => {
  const { candidate, spec, pass, log } = await election(context);
  const first = candidate('one');
  await pass(1);
  const second = candidate('two');
  await pass(40);
  assert.deepEqual(log, ['one leads']);
  assert.equal(spec().holderIdentity, 'one');
  assert.match(spec().renewTime, /^2026-01-01T00:00:(39|40|41)\.000000Z$/);
  assert.equal(spec().acquireTime, '2026-01-01T00:00:00.000000Z');
  first.stop();
  second.stop();
  await pass(1);
  await Promise.all([first.running, second.running]);
});

test('a leader that stops gives the lease back, and the next one need not wait for it to expire', async (context) => {
  const { candidate, spec, pass, log } = await election(context);
  const first = candidate('one');
  await pass(1);
  const second = candidate('two');
  await pass(3);
  first.stop();
  await pass(3);
  await first.running;
  assert.deepEqual(log, ['one leads', 'one stopped', 'two leads']);
  assert.equal(spec().leaseTransitions, 1);
  second.stop();
  await pass(1);
  await second.running;
  assert.equal(spec().holderIdentity, '');
});

test('the lease is kept while the work winds up, and given back only then', async (context) => {
  const { candidate, spec, pass, clock } = await election(context);
  const work = async (leading: AbortSignal): Promise<void> => {
    await new Promise<void>((resolve) => leading.addEventListener('abort', () => resolve(), { once: true }));
    await clock.sleep(30_000);
  };
  const first = candidate('one', { work });
  await pass(1);
  first.stop();
  await pass(20);
  assert.equal(spec().holderIdentity, 'one');
  assert.match(spec().renewTime, /00:00:(19|20|21)/);
  await pass(12);
  await first.running;
  assert.equal(spec().holderIdentity, '');
});

test('a leader that dies is followed after the lease has expired', async (context) => {
  const { candidate, pass, log, api } = await election(context);
  const lease = {
    holderIdentity: 'dead',
    leaseDurationSeconds: 15,
    renewTime: '2030-01-01T00:00:00.000000Z',
  };
  api.store.apply([
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: 'sys', name: 'albatross-leader' },
      spec: lease,
    },
  ]);
  const second = candidate('two');
  await pass(14);
  assert.deepEqual(log, []);
  await pass(4);
  assert.deepEqual(log, ['two leads']);
  second.stop();
  await pass(1);
  await second.running;
});

test('a leader that cannot renew for ten seconds stops before another one may start', async (context) => {
  const { candidate, pass, log, api } = await election(context);
  let lostAt = '';
  const first = candidate('one', { onLost: () => void (lostAt = log.at(-1) ?? '') });
  await pass(5);
  api.faults.add({ resource: 'leases', times: Infinity, action: { kind: 'status', code: 503 } });
  await pass(8);
  assert.equal(log.includes('one stopped'), false);
  await pass(4);
  await assert.rejects(first.running, LeadershipLostError);
  assert.equal(log.at(-1), 'one stopped');
  assert.notEqual(lostAt, 'one stopped');
});

test('a request that hangs does not outlast the deadline', async (context) => {
  const { candidate, pass, log, api } = await election(context);
  const first = candidate('one');
  await pass(5);
  api.faults.add({ resource: 'leases', times: Infinity, action: { kind: 'hang' } });
  await pass(12);
  await assert.rejects(
    first.running,
    /lost the Lease sys\/albatross-leader: it could not be renewed for 10 s/,
  );
  assert.equal(log.at(-1), 'one stopped');
});

test('somebody who takes the lease by force makes the leader stop', async (context) => {
  const { candidate, pass, api, spec } = await election(context);
  const first = candidate('one');
  await pass(3);
  api.store.apply([
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: 'sys', name: 'albatross-leader' },
      spec: { ...spec(), holderIdentity: 'thief', leaseDurationSeconds: 3600 },
    },
  ]);
  await pass(12);
  await assert.rejects(first.running, LeadershipLostError);
  assert.equal(spec().holderIdentity, 'thief');
});

test("the work's own error ends the leadership and is passed on", async (context) => {
  const { candidate, pass } = await election(context);
  const first = candidate('one', { work: () => Promise.reject(new Error('bug')) });
  await pass(3);
  await assert.rejects(first.running, /^Error: bug$/);
});

test('a candidate that is stopped while waiting ends quietly', async (context) => {
  const { candidate, pass, log, api } = await election(context);
  api.faults.add({
    resource: 'leases',
    times: Infinity,
    action: { kind: 'status', code: 403, message: 'no' },
  });
  const first = candidate('one');
  await pass(3);
  first.stop();
  await first.running;
  assert.match(log[0] ?? '', /^read Lease sys\/albatross-leader: no; compare the ClusterRole/);
});
