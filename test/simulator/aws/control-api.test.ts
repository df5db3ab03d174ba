import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bench, codeOf, makeFront, withAws } from './support.ts';

/** Calls the control API as curl would. */
const control = async ({ aws }: Bench, method: string, path: string, body?: unknown) => {
  const response = await fetch(`${aws.url}/_albatross/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test('the state can be read by a person, and changed behind the back of a controller', () =>
  withAws(async (bench) => {
    const { listener, group } = await makeFront(bench);
    const DefaultActions = [{ Type: 'forward', TargetGroupArn: group }];
    const called = await control(bench, 'POST', 'call', {
      service: 'elbv2',
      operation: 'ModifyListener',
      params: { ListenerArn: listener, DefaultActions },
    });
    assert.equal(called.status, 200);
    await bench.elb.registerTargets({ TargetGroupArn: group, Targets: [{ Id: '10.0.96.20' }] });
    const { body } = await control(bench, 'GET', 'state');
    assert.partialDeepStrictEqual(body, {
      loadBalancers: [
        {
          name: 'shop',
          state: 'provisioning',
          listeners: [{ endpoint: 'HTTP:80', rules: [{ priority: 'default' }] }],
        },
      ],
      targetGroups: [{ name: 'pods', targets: [{ id: '10.0.96.20', port: 8080, state: 'initial' }] }],
    });
    await control(bench, 'POST', 'clock', { advance: 30_000 });
    await control(bench, 'POST', 'health', { targetGroup: 'pods', id: '10.0.96.20', port: 8080, up: false });
    await control(bench, 'POST', 'clock', { advance: 60_000 });
    const health = await control(bench, 'GET', 'health');
    assert.partialDeepStrictEqual(health.body, [{ targets: [{ state: 'unhealthy' }] }]);
    const trace = await control(bench, 'GET', `trace?since=${bench.aws.trace.mark - 1}`);
    assert.partialDeepStrictEqual(trace.body, [{ operation: 'RegisterTargets', status: 200 }]);
  }));

test('faults and knobs are set from outside', () =>
  withAws(async (bench) => {
    await control(bench, 'POST', 'faults', {
      operation: 'DescribeTags',
      times: 1,
      action: { kind: 'throttle' },
    });
    assert.partialDeepStrictEqual((await control(bench, 'GET', 'faults')).body, [
      { operation: 'DescribeTags' },
    ]);
    assert.equal(await codeOf(bench.elb.describeTags({ ResourceArns: [] })), 'Throttling');
    await control(bench, 'DELETE', 'faults');
    assert.deepEqual((await control(bench, 'GET', 'faults')).body, []);
    await control(bench, 'POST', 'knobs', { provisioningMs: 5, quotas: { 'target-groups': 1 } });
    assert.equal(bench.aws.knobs.provisioningMs, 5);
    assert.equal(bench.aws.knobs.quotas['target-groups'], 1);
    await control(bench, 'DELETE', 'trace');
    assert.deepEqual(bench.aws.trace.entries(), []);
  }));

test('a mistake in a control request is answered with what is known', () =>
  withAws(async (bench) => {
    const answers = [
      await control(bench, 'GET', 'nothing'),
      await control(bench, 'POST', 'knobs', { speed: 1 }),
      await control(bench, 'POST', 'call', { service: 'elbv2', operation: 'DescribeRules', params: {} }),
      await control(bench, 'POST', 'health', { targetGroup: 'x', id: 'y', port: 1, up: true }),
      await control(bench, 'POST', 'clock'),
      await control(bench, 'POST', 'faults', { operation: 'DescribeTags', action: 'throttle' }),
      await control(bench, 'POST', 'knobs', { provisioningMs: '5' }),
      await control(bench, 'POST', 'call'),
    ];
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body['code']]),
      [
        [404, 'UnknownPath'],
        [400, 'UnknownKnob'],
        [400, 'ValidationError'],
        [404, 'TargetNotFound'],
        [400, 'BadRequest'],
        [400, 'BadRequest'],
        [400, 'BadRequest'],
        [400, 'UnknownService'],
      ],
    );
    assert.match(String(answers[1]?.body['message']), /provisioningMs/);
  }));
