import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goSdkError } from '../../../src/core/domain/go-sdk-error.ts';

test('a refusal reads as the AWS SDK for Go prints it', () => {
  const refusal = {
    action: 'elasticloadbalancing:CreateListener',
    code: 'ValidationError',
    message: 'no',
    requestId: 'r-1',
  };
  assert.equal(
    goSdkError(refusal),
    'operation error Elastic Load Balancing v2: CreateListener, https response error StatusCode: 400, RequestID: r-1, api error ValidationError: no',
  );
  const typed = goSdkError({ ...refusal, code: 'TargetGroupNotFound', isModelled: true });
  assert.ok(typed.endsWith('RequestID: r-1, TargetGroupNotFound: no'), typed);
  const denied = goSdkError({ ...refusal, code: 'AccessDenied', status: 403 });
  assert.ok(denied.endsWith('StatusCode: 403, RequestID: r-1, api error AccessDenied: no'), denied);
});
