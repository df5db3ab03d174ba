import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type OperationId,
  type ResourceId,
  type TargetGroupArn,
  operationId,
  resourceId,
} from '../../src/core/domain/ids.ts';
import { InvariantError } from '../../src/core/domain/invariant-error.ts';
import type { Attributes, Handlers, Look, Operation } from '../../src/core/domain/operation.ts';
import type { Refusal } from '../../src/core/domain/outcome.ts';
import { type Execution, execute } from '../../src/engine/execute.ts';

class Refused extends Error {
  readonly refusal: Refusal = {
    kind: 'denied',
    code: 'AccessDenied',
    action: 'a:B',
    message: 'not allowed',
    requestId: undefined,
    retryAfterMs: undefined,
  };
}

const because = { reason: 'missing', text: 'test' } as const;
const subject = (name: string): ResourceId => resourceId('target-group', name);
const idOf = (name: string): OperationId => operationId('modifyTargetGroupAttributes', subject(name));

/** Every operation of these tests is of one kind; its name decides what its handler does. */
function operation(name: string, ...after: readonly string[]): Operation {
  return {
    kind: 'modifyTargetGroupAttributes',
    id: idOf(name),
    subject: subject(name),
    because,
    dependsOn: after.map(idOf),
    targetGroup:
      after[0] === undefined ? ('arn:given' as TargetGroupArn) : { ref: subject(after[0]), attribute: 'arn' },
    attributes: { name },
  };
}

type Act = (name: string, look: Look, operation: Operation) => Promise<Attributes>;

function execution(act: Act, extra: Partial<Execution> = {}): Execution {
  const handler = (given: Operation, look: Look): Promise<Attributes> =>
    act(given.subject.replace('target-group/', ''), look, given);
  return {
    handlers: { modifyTargetGroupAttributes: handler } as unknown as Handlers,
    refusalOf: (error) => (error instanceof Refused ? error.refusal : undefined),
    known: new Map(),
    concurrency: 2,
    signal: new AbortController().signal,
    ...extra,
  };
}

const arnOf: Act = async (name) => ({ arn: `arn:${name}` });

test('an operation sees what AWS assigned to the ones before it', async () => {
  const seen: string[] = [];
  const outcomes = await execute(
    [operation('one'), operation('two', 'one')],
    execution(async (name, look, given) => {
      if (given.kind === 'modifyTargetGroupAttributes') seen.push(look(given.targetGroup));
      return arnOf(name, look, given);
    }),
  );
  assert.deepEqual(seen, ['arn:given', 'arn:one']);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['done', 'done'],
  );
});

test('a failure skips what depends on it, transitively, and nothing else', async () => {
  const outcomes = await execute(
    [operation('a'), operation('b', 'a'), operation('c', 'b'), operation('d')],
    execution(async (name, look, given) => {
      if (name === 'a') throw new Refused();
      return arnOf(name, look, given);
    }),
  );
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['failed', 'skipped', 'skipped', 'done'],
  );
  const last = outcomes[2];
  assert.equal(last?.kind === 'skipped' && last.because, `“${idOf('a')}” failed: not allowed`);
});

test('waiting for a dependency holds no slot, so concurrency 1 does not lock up', async () => {
  const outcomes = await execute(
    [operation('a'), operation('b', 'a'), operation('c', 'b')],
    execution(arnOf, { concurrency: 1 }),
  );
  assert.equal(outcomes.filter(({ kind }) => kind === 'done').length, 3);
});

test('no more operations run at once than the concurrency allows', async () => {
  let running = 0;
  let most = 0;
  await execute(
    ['a', 'b', 'c', 'd', 'e'].map((name) => operation(name)),
    execution(async (name, look, given) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return arnOf(name, look, given);
    }),
  );
  assert.equal(most, 2);
});

test('an abort starts nothing new and lets what runs end', async () => {
  const stop = new AbortController();
  const outcomes = await execute(
    [operation('a'), operation('b'), operation('c')],
    execution(
      async (name, look, given) => {
        stop.abort();
        return arnOf(name, look, given);
      },
      { concurrency: 1, signal: stop.signal },
    ),
  );
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['done', 'skipped', 'skipped'],
  );
});

test('a bug in a handler is thrown, after the others have ended', async () => {
  const done: string[] = [];
  const run = execute(
    [operation('a'), operation('b')],
    execution(async (name, look, given) => {
      if (name === 'a') throw new TypeError('bug');
      done.push(name);
      return arnOf(name, look, given);
    }),
  );
  await assert.rejects(run, TypeError);
  assert.deepEqual(done, ['b']);
});

test('a plan that is out of order, or refers to a value that nobody assigns, is a bug', async () => {
  await assert.rejects(execute([operation('b', 'a'), operation('a')], execution(arnOf)), InvariantError);
  const look: Act = async (_name, resolve) => ({ arn: resolve({ ref: subject('ghost'), attribute: 'arn' }) });
  await assert.rejects(execute([operation('a')], execution(look)), /nobody assigned/);
});

test('known attributes resolve references to resources that exist already', async () => {
  const known = new Map([[subject('there'), { id: 'sg-1' }]]);
  const outcomes = await execute(
    [operation('a')],
    execution(async (_name, look) => ({ id: look({ ref: subject('there'), attribute: 'id' }) }), { known }),
  );
  assert.deepEqual(outcomes[0]?.kind === 'done' && outcomes[0].attributes, { id: 'sg-1' });
});
