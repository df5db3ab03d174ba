import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import {
  CreateTargetGroupCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallReport } from '../../src/aws/call.ts';
import { isKind } from '../../src/aws/errors.ts';
import { localAws } from './local-aws.ts';

test('a throttled call is sent again until it passes, and reported once with its attempts', async (t) => {
  const reports: CallReport[] = [];
  const { calls, account, settled, signal } = localAws(t, {
    hooks: { onCall: (report) => reports.push(report) },
  });
  account.faults.add({ operation: 'DescribeVpcs', times: 2, action: { kind: 'throttle' } });
  await settled(calls.ec2(new DescribeVpcsCommand({}), { signal }));
  assert.equal(account.trace.counts()['DescribeVpcs'], 3);
  const [report] = reports;
  assert.deepEqual(
    { ...report, durationMs: 0 },
    { service: 'ec2', operation: 'DescribeVpcs', outcome: 'ok', code: '', durationMs: 0, attempts: 3 },
  );
});

test('a call that goes on failing ends with the last refusal after the allowed attempts', async (t) => {
  const { calls, account, settled, signal } = localAws(t, { maxAttempts: 4 });
  account.faults.add({ action: { kind: 'fail', status: 500, code: 'InternalFailure' } });
  const call = calls.elbv2(new DescribeTargetGroupsCommand({}), { signal });
  await assert.rejects(
    settled(call),
    (error) => isKind(error, 'unavailable') && error.code === 'InternalFailure',
  );
  assert.equal(account.trace.entries().length, 4);
});

test('a mistake of the caller is not repeated', async (t) => {
  const { calls, account, settled, signal } = localAws(t);
  const call = calls.elbv2(new DescribeTagsCommand({ ResourceArns: ['not an ARN'] }), { signal });
  await assert.rejects(settled(call), (error) => isKind(error, 'invalid', 'notFound'));
  assert.equal(account.trace.entries().length, 1);
});

test('a write whose answers are all lost has an unknown outcome', async (t) => {
  const { calls, account, settled, signal, id } = localAws(t);
  account.faults.add({ operation: 'CreateTargetGroup', action: { kind: 'loseAnswer' } });
  const command = new CreateTargetGroupCommand({ Name: 'web', Protocol: 'HTTP', Port: 80, VpcId: id('vpc') });
  await assert.rejects(settled(calls.elbv2(command, { signal })), (error) => isKind(error, 'unknownOutcome'));
});

test('an unknown error code is told once', async (t) => {
  const told: string[] = [];
  const { calls, account, settled, signal } = localAws(t, {
    hooks: { onUnknownCode: ({ code }) => told.push(code) },
  });
  account.faults.add({ action: { kind: 'fail', status: 400, code: 'MoonPhase' } });
  for (let round = 0; round < 2; round += 1) {
    await assert.rejects(settled(calls.ec2(new DescribeVpcsCommand({}), { signal })), (error) =>
      isKind(error, 'unavailable'),
    );
  }
  assert.deepEqual(told, ['MoonPhase']);
});

test('an abort ends the wait between attempts with its reason', async (t) => {
  const { calls, account, clock } = localAws(t, { maxAttempts: 10 });
  account.faults.add({ action: { kind: 'fail', status: 503, code: 'ServiceUnavailable' } });
  const stop = new AbortController();
  const call = calls.ec2(new DescribeVpcsCommand({}), { signal: stop.signal });
  const rejected = assert.rejects(call, /stopping/);
  while (account.trace.entries().length === 0) await clock.advance(0);
  stop.abort(new Error('stopping'));
  await rejected;
  assert.equal(account.trace.entries().length, 1);
});

/** Two hundred reads and forty writes at once, under AWS's own limits; how many of them AWS throttled. */
async function rush(t: TestContext, neighbourTokensPerSecond: number): Promise<number> {
  const knobs = { throttling: { enabled: true, neighbourTokensPerSecond } };
  const { calls, account, settled, signal, id } = localAws(t, { unlimited: false, maxAttempts: 10, knobs });
  const reads = Array.from({ length: 200 }, () =>
    calls.elbv2(new DescribeTargetGroupsCommand({}), { signal }),
  );
  const writes = Array.from({ length: 40 }, (_, index) => {
    const spec = { Name: `web-${index}`, Protocol: 'HTTP', Port: 80, VpcId: id('vpc') } as const;
    return calls.elbv2(new CreateTargetGroupCommand(spec), { signal });
  });
  await settled(Promise.all([...reads, ...writes]));
  return account.trace.entries().filter(({ errorCode }) => errorCode !== undefined).length;
}

test('a rush of calls is never throttled when nobody else uses the account', async (t) => {
  assert.equal(await rush(t, 0), 0);
});

test('a rush of calls gets through beside a busy neighbour, with few throttles', async (t) => {
  const throttled = await rush(t, 2);
  assert.ok(throttled > 0 && throttled < 30, `${throttled} of 240 calls throttled`);
});
