import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesByKind } from '../../src/aws/error-codes.ts';
import { awsError, isTransient, refusalOf, withSubject } from '../../src/aws/errors.ts';

const action = 'elasticloadbalancing:CreateRule';
const answered = (code: string, status = 400) =>
  Object.assign(new Error('AWS says why.'), {
    name: `${code}Exception`,
    Code: code,
    $metadata: { httpStatusCode: status, requestId: 'r-1' },
  });

test('every code has one kind', () => {
  const all = Object.values(codesByKind).flat();
  assert.equal(new Set(all).size, all.length);
});

const kinds: readonly (readonly [what: string, error: unknown, kind: string])[] = [
  ['a modelled error is known by its wire code', answered('TooManyRules'), 'quotaExceeded'],
  [
    'an unmodelled error is named by its code',
    { name: 'Throttling', $metadata: { httpStatusCode: 400 } },
    'throttled',
  ],
  [
    'a class name without a wire code is understood',
    { name: 'LoadBalancerNotFoundException', $metadata: {} },
    'notFound',
  ],
  [
    'the code inside the error element counts',
    { name: 'X', Error: { Code: 'DependencyViolation' } },
    'inUse',
  ],
  ['too many requests without a known code is a throttle', answered('Mystery', 429), 'throttled'],
  ['an unknown code is trouble of the service', answered('Mystery'), 'unavailable'],
  [
    'a connection that broke leaves a write uncertain',
    { name: 'Error', code: 'ECONNRESET' },
    'unknownOutcome',
  ],
  [
    'a silent socket leaves a write uncertain',
    { name: 'TimeoutError', message: 'no answer' },
    'unknownOutcome',
  ],
  ['a connection that never was sends nothing', { name: 'Error', code: 'ECONNREFUSED' }, 'unavailable'],
  ['missing credentials send nothing', { name: 'CredentialsProviderError', message: 'none' }, 'credentials'],
  ['an expired token is about credentials', answered('ExpiredToken', 403), 'credentials'],
];
for (const [what, error, kind] of kinds) {
  test(what, () => assert.equal(awsError(error, { action, isWrite: true }).kind, kind));
}

test('a read whose answer is lost is just unavailable', () => {
  assert.equal(awsError({ code: 'ECONNRESET' }, { action, isWrite: false }).kind, 'unavailable');
});

test('a denied call names the action that must be allowed', () => {
  const { message, requestId } = awsError(answered('AccessDenied', 403), { action, isWrite: true });
  assert.match(message, /may not call elasticloadbalancing:CreateRule; .*iam\/policy\.json/);
  assert.equal(requestId, 'r-1');
});

test('deletion protection is not mistaken for a missing permission', () => {
  const error = awsError(answered('OperationNotPermitted'), { action, isWrite: true });
  assert.deepEqual([error.kind, error.message], ['denied', 'AWS says why']);
});

test('Retry-After is read in milliseconds', () => {
  const thrown = Object.assign(answered('Throttling'), { $response: { headers: { 'retry-after': '3' } } });
  assert.equal(awsError(thrown, { action, isWrite: true }).retryAfterMs, 3000);
});

test('only what can pass by itself is worth another attempt', () => {
  const transient = (thrown: unknown): boolean => isTransient(awsError(thrown, { action, isWrite: true }));
  assert.equal(transient(answered('Throttling')), true);
  assert.equal(transient(answered('InternalFailure', 500)), true);
  assert.equal(transient({ code: 'ECONNRESET' }), true);
  assert.equal(transient(answered('Mystery')), false);
  assert.equal(transient(answered('TooManyRules')), false);
});

test('a refusal is plain data with what was attempted in front, and other errors are none', () => {
  const error = withSubject(
    awsError(answered('TooManyRules'), { action, isWrite: true }),
    'create rule 443/3',
  );
  assert.deepEqual(refusalOf(error), {
    kind: 'quotaExceeded',
    code: 'TooManyRules',
    action,
    message: 'create rule 443/3: AWS says why',
    requestId: 'r-1',
    status: 400,
    isModelled: true,
    retryAfterMs: undefined,
  });
  assert.equal(refusalOf(new Error('a bug')), undefined);
});
