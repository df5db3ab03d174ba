import assert from 'node:assert/strict';
import { get as httpGet } from 'node:http';
import { test } from 'node:test';
import { serveTelemetry } from '../../src/telemetry/http.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { metricTable } from '../../src/telemetry/metric-table.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { renderMetricsPage } from '../../src/telemetry/metrics-page.ts';

test('series with known labels are zero from the start, the others appear when they happen', async () => {
  const metrics = createMetrics();
  const before = (await metrics.render()).body;
  assert.match(before, /albatross_runs_total\{loop="group",result="failed"\} 0/);
  assert.match(before, /albatross_leader 0/);
  assert.doesNotMatch(before, /aws_api_calls_total\{/);
  metrics.increment('aws_api_calls_total', {
    service: 'EC2',
    operation: 'DescribeVpcs',
    status_code: '200',
    error_code: '',
  });
  metrics.observe('aws_api_call_retries', { service: 'EC2', operation: 'DescribeVpcs' }, 2);
  metrics.set('albatross_groups', {}, 7);
  const after = (await metrics.render()).body;
  assert.match(
    after,
    /aws_api_calls_total\{service="EC2",operation="DescribeVpcs",status_code="200",error_code=""\} 1/,
  );
  assert.match(after, /aws_api_call_retries_bucket\{.*le="2".*\} 1/);
  assert.match(after, /albatross_groups 7/);
});

test('OPS-03: names, types and labels of the AWS metrics are those that dashboards of ALBC ask for', () => {
  const call = ['service', 'operation'];
  const result = [...call, 'status_code', 'error_code'];
  const expected = {
    aws_api_calls_total: ['counter', result],
    aws_api_call_duration_seconds: ['histogram', call],
    aws_api_call_retries: ['histogram', call],
    aws_api_requests_total: ['counter', result],
    aws_api_request_duration_seconds: ['histogram', call],
    aws_api_call_permission_errors_total: ['counter', result],
    aws_api_call_service_limit_exceeded_errors_total: ['counter', result],
    aws_api_call_throttled_errors_total: ['counter', result],
    aws_api_call_validation_errors_total: ['counter', result],
    aws_target_group_info: ['gauge', ['namespace', 'service', 'target_group']],
  };
  const ours = Object.entries(metricTable)
    .filter(([name]) => name.startsWith('aws_'))
    .map(([name, { type, labels }]) => [name, [type, Object.keys(labels)]]);
  assert.deepEqual(Object.fromEntries(ours), expected);
});

test("OPS-04: names, types and labels of the controller's metrics are those that dashboards of ALBC ask for", () => {
  const webhook = ['counter', ['webhook_name', 'error_category']];
  const expected = {
    awslbc_controller_reconcile_errors_total: ['counter', ['controller', 'error_category']],
    awslbc_controller_reconcile_stage_duration: ['histogram', ['controller', 'reconcile_stage']],
    awslbc_controller_cache_object_total: ['gauge', ['resource']],
    awslbc_controller_top_talkers: ['gauge', ['controller', 'namespace', 'name']],
    awslbc_readiness_gate_ready_seconds: ['histogram', ['namespace', 'name']],
    awslbc_webhook_validation_failure_total: webhook,
    awslbc_webhook_mutation_failure_total: webhook,
  };
  const ours = Object.entries(metricTable)
    .filter(([name]) => name.startsWith('awslbc_'))
    .map(([name, { type, labels }]) => [name, [type, Object.keys(labels)]]);
  assert.deepEqual(Object.fromEntries(ours), expected);
  assert.match(renderMetricsPage(), /\| `awslbc_quic_target_missing_server_id` \| ALBC makes it and never /);
});

test('two registries do not share values', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.set('albatross_groups', {}, 3);
  assert.match((await other.render()).body, /albatross_groups 0/);
});

test('OPS-14: the endpoints answer, and readiness says what is missing', async (context) => {
  let missing: string | undefined = 'the API server did not answer yet';
  const address = { host: '127.0.0.1', port: 0 };
  const servers = await serveTelemetry({
    metrics: createMetrics(),
    metricsAddress: address,
    healthAddress: address,
    unready: () => missing,
  });
  context.after(servers.close);
  const get = async (port: number | undefined, path: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return `${response.status} ${(await response.text()).split('\n')[0]}`;
  };
  assert.equal(await get(servers.healthPort, '/healthz'), '200 ok');
  assert.equal(await get(servers.healthPort, '/readyz'), '503 not ready: the API server did not answer yet');
  missing = undefined;
  assert.equal(await get(servers.healthPort, '/readyz'), '200 ok');
  assert.match(await get(servers.metricsPort, '/metrics'), /^200 # HELP /);
  assert.equal(await get(servers.metricsPort, '/healthz'), '404 not found');
});

test('nothing that anybody sends ends the process, nor does a gauge that cannot be told', async (context) => {
  const metrics = createMetrics();
  metrics.onRender(() => {
    throw new Error('no idea');
  });
  const metricsAddress = { host: '127.0.0.1', port: 0 };
  const options = { metrics, metricsAddress, healthAddress: 'off', unready: () => undefined } as const;
  const servers = await serveTelemetry(options);
  context.after(servers.close);
  const statusOf = async (path: string): Promise<number | undefined> => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    const asked = httpGet({ port: servers.metricsPort, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject);
    return promise;
  };
  assert.equal(await statusOf('//'), 404);
  assert.equal(await statusOf('/constructor'), 404);
  assert.equal(await statusOf('/metrics'), 500);
});

test('an address in use is one clear error', async (context) => {
  const options = { metrics: createMetrics(), healthAddress: 'off', unready: () => undefined } as const;
  const first = await serveTelemetry({ ...options, metricsAddress: { host: '127.0.0.1', port: 0 } });
  context.after(first.close);
  const metricsAddress = { host: '127.0.0.1', port: first.metricsPort ?? 0 };
  await assert.rejects(serveTelemetry({ ...options, metricsAddress }), /cannot listen on 127\.0\.0\.1:\d+: /);
});

test('log lines are JSON with the level as a word', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => lines.push(line) });
  log.debug({}, 'Not shown');
  log.child({ group: 'shop' }).info({ operation: 'createRule' }, 'Applying');
  assert.equal(lines.length, 1);
  const { time, ...line } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  assert.match(String(time), /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(line, { level: 'info', group: 'shop', operation: 'createRule', msg: 'Applying' });
});

test('the reference page has a row for each metric', () => {
  assert.match(renderMetricsPage(), /\| `albatross_drift_repaired_total` \| counter \| operation \|/);
});
