import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Config, loadConfig, renderMistakes } from '../../src/config/load.ts';

const needed = { 'cluster-name': 'demo', 'aws-region': 'us-west-2', 'aws-vpc-id': 'vpc-1' };

function load(flags: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}): Config {
  const loaded = loadConfig({ flags: new Map(Object.entries({ ...needed, ...flags })), env });
  if (loaded.kind === 'mistakes') assert.fail(renderMistakes(loaded.mistakes));
  return loaded.config;
}

function mistakes(flags: Readonly<Record<string, string>>): string {
  const loaded = loadConfig({ flags: new Map(Object.entries(flags)), env: {} });
  return loaded.kind === 'mistakes' ? renderMistakes(loaded.mistakes) : '';
}

test('defaults are those of ALBC', () => {
  const { core, engine } = load({});
  assert.equal(core.defaultSslPolicy, 'ELBSecurityPolicy-2016-08');
  assert.equal(core.defaultLoadBalancerScheme, 'internal');
  assert.equal(core.featureGates.EndpointsFailOpen, true);
  assert.equal(engine.groupConcurrency, 3);
});

test('every mistake is reported at once, each with its option', () => {
  const text = mistakes({
    'default-target-type': 'pod',
    'max-targets-per-target-group': '-1',
    'cluser-name': 'demo',
    'feature-gates': 'EnableRGTAPi=true,ALBSingleSubnet=maybe',
    'aws-api-endpoints': 'EC2=localhost',
    'audit-interval': '1h',
  });
  assert.deepEqual(text.split('\n'), [
    '--cluser-name is not an option (did you mean --cluster-name?)',
    '--feature-gates “EnableRGTAPi=true,ALBSingleSubnet=maybe” names the unknown gate EnableRGTAPi (did you mean EnableRGTAPI?); and gives ALBSingleSubnet the value “maybe”, which is neither true nor false',
    '--default-target-type “pod” is not one of instance, ip',
    '--max-targets-per-target-group “-1” is not a whole number of at least 0',
    '--aws-api-endpoints “EC2=localhost” holds EC2=localhost, which is no URL',
    '--cluster-name is required: the name of this cluster, which tags and names carry',
    '--audit-interval must be from 1s to 5m',
  ]);
});

test('the flag wins over the environment, the environment over the default, and empty is absent', () => {
  assert.equal(load({}, { AWS_REGION: 'eu-west-1' }).aws.region, 'us-west-2');
  assert.equal(load({ 'aws-region': '' }, { AWS_REGION: 'eu-west-1' }).aws.region, 'eu-west-1');
  assert.match(mistakes({ ...needed, 'aws-region': 'nowhere' }), /is not an AWS region/);
  for (const region of ['cn-northwest-1', 'us-gov-east-1', 'us-isob-east-1', 'eusc-de-east-1'])
    assert.equal(load({ 'aws-region': region }).aws.region, region);
});

test('compatibility=albc is the whole preset', () => {
  const { policy } = load({ compatibility: 'albc' }).core;
  assert.deepEqual(policy.controllers, ['ingress.k8s.aws/alb']);
  assert.equal(policy.classAnnotation, true);
  assert.equal(policy.memberErrors, 'holdGroup');
});

test('options of ALBC that do nothing here are accepted with a note', () => {
  const { notes } = load({ 'enable-endpoint-slices': 'true', 'load-balancer-class': 'x' });
  assert.equal(notes.length, 2);
  assert.match(notes[0] ?? '', /^--enable-endpoint-slices has no effect: /);
});

test('tags and security groups that contradict each other are refused', () => {
  const text = mistakes({
    ...needed,
    'default-tags': 'elbv2.k8s.aws/cluster=x,team=a',
    'external-managed-tags': 'team',
    'enable-backend-security-group': 'false',
    'backend-security-group': 'sg-1',
  });
  assert.match(text, /--default-tags may not set elbv2\.k8s\.aws\/cluster/);
  assert.match(text, /--external-managed-tags may not name team/);
  assert.match(text, /--backend-security-group needs --enable-backend-security-group=true/);
});

test('endpoints, addresses and durations are parsed', () => {
  const config = load({
    'aws-api-endpoints': 'EC2=http://127.0.0.1:1,Elastic Load Balancing v2=http://127.0.0.1:2',
    'metrics-bind-addr': '[::1]:9',
    'health-probe-bind-addr': '0',
    'audit-interval': '1m30s',
  });
  assert.deepEqual(config.aws.endpoints, {
    EC2: 'http://127.0.0.1:1',
    'Elastic Load Balancing v2': 'http://127.0.0.1:2',
  });
  assert.deepEqual(config.telemetry, { metrics: { host: '::1', port: 9 }, health: 'off', logLevel: 'info' });
  assert.equal(config.engine.auditIntervalMs, 90_000);
});

test('the configuration is frozen to the bottom', () => {
  assert.throws(() => Object.assign(load({}).core.featureGates, { EnableRGTAPI: true }), TypeError);
});

test('OPS-16: client-side limits are read in ALBC’s form', () => {
  const text = 'WAFV2:^AssociateWebACL|DisassociateWebACL=0.5:1,Elastic Load Balancing v2:^Describe.*=50:200';
  assert.deepEqual(load({ 'aws-api-throttle': text }).aws.throttles, [
    { service: 'WAFV2', operations: /^AssociateWebACL|DisassociateWebACL/, perSecond: 0.5, burst: 1 },
    { service: 'Elastic Load Balancing v2', operations: /^Describe.*/, perSecond: 50, burst: 200 },
  ]);
  for (const wrong of [
    'WAFV2',
    'WAFV2:^Get=1',
    'WAFV2:(=1:1',
    'WAFV2:^Get=0:1',
    'WAFV2:^Get=1:0.5',
    ':^Get=1:1',
  ])
    assert.match(
      mistakes({ ...needed, 'aws-api-throttle': wrong }),
      /^--aws-api-throttle .* is not serviceID:/,
    );
});

test('AUT-01: a label is one key and its value', () => {
  const labelOf = (text: string) => load({ 'required-secrets-label': text }).core.requiredSecretsLabel;
  assert.deepEqual(labelOf('example.com/use=oidc'), { key: 'example.com/use', value: 'oidc' });
  assert.deepEqual(labelOf('use='), { key: 'use', value: '' });
  assert.equal(labelOf(''), undefined);
  for (const wrong of ['use', '=oidc', 'use=oidc,other=x', ','])
    assert.match(
      mistakes({ ...needed, 'required-secrets-label': wrong }),
      /^--required-secrets-label /,
      wrong,
    );
});

test('OPS-01: durations are read as Go writes them', () => {
  const intervalOf = (text: string): number =>
    load({ 'lb-stabilization-monitor-interval': text }).engine.provisioningIntervalMs;
  for (const [text, ms] of [
    ['2m0s', 120_000],
    ['1.5h', 5_400_000],
    ['1500ms', 1500],
    ['3000000us', 3000],
  ] as const) {
    assert.equal(intervalOf(text), ms, text);
  }
  for (const wrong of ['10', '5 m', 'm', '-1s', '1d'])
    assert.match(mistakes({ ...needed, 'sync-period': wrong }), /--sync-period .* is not a duration/);
});

test('OPS-01: --sync-period and --audit-interval: the shorter one counts', () => {
  assert.equal(load({}).engine.auditIntervalMs, 300_000);
  assert.equal(load({ 'sync-period': '1m' }).engine.auditIntervalMs, 60_000);
  assert.equal(load({ 'sync-period': '1m', 'audit-interval': '10s' }).engine.auditIntervalMs, 10_000);
});

test('OPS-12: webhooks are wanted where their folder is named', () => {
  assert.equal(load({}).webhook.wanted, false);
  const { webhook } = load({ 'webhook-cert-dir': '/certs', 'webhook-bind-port': '0' });
  assert.deepEqual([webhook.wanted, webhook.certDir, webhook.port], [true, '/certs', 0]);
});
