import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { explainCommand, explained } from '../../src/cli/explain.ts';
import { fromAws, fromCluster, fromFiles, type Source } from '../../src/cli/explain-sources.ts';
import { type Config, loadConfig } from '../../src/config/load.ts';
import { explain, type Explanation } from '../../src/core/evaluate/explain.ts';
import { webRequest } from '../../src/core/evaluate/request.ts';
import { ingress, services, yaml } from '../scenario/manifests.ts';
import { type Answer, type LocalController, withController } from '../support/local-controller.ts';

const golden = join(import.meta.dirname, 'explain');
const shop = join(golden, 'shop.yaml');

const flags = new Map(
  Object.entries({ 'cluster-name': 'test', 'aws-region': 'us-west-2', 'aws-vpc-id': 'vpc-0' }),
);

for (const [name, url, asked] of [
  ['canary', 'https://app.example.com/api/orders?id=7', { headers: { 'X-Canary': 'yes' } }],
  ['later', 'https://app.example.com/api/users', { method: 'POST' }],
  ['redirect', 'http://app.example.com/', {}],
] as const) {
  test(`Ask 14.3: explain -f prints the rules tried, the answer and what comes later: ${name}`, async () => {
    const loaded = loadConfig({ flags, env: {} });
    assert.equal(loaded.kind, 'config');
    const source = await fromFiles([shop], loaded.config.core);
    const request = webRequest(new URL(url), {
      method: 'GET',
      headers: {},
      sourceIp: '203.0.113.1',
      ...asked,
    });
    const text = await explained(request, {}, source);
    const json = await explained(request, { json: true }, source);
    const [textFile, jsonFile] = [join(golden, `${name}.txt`), join(golden, `${name}.json`)];
    if (process.env['UPDATE_GOLDEN'] === '1') {
      writeFileSync(textFile, text);
      writeFileSync(jsonFile, json);
    }
    assert.equal(text, readFileSync(textFile, 'utf8'));
    assert.deepEqual(JSON.parse(json), JSON.parse(readFileSync(jsonFile, 'utf8')));
  });
}

test('explain says who listens where the URL leads nowhere', async () => {
  const wrong: readonly (readonly [words: readonly string[], message: RegExp])[] = [
    [
      ['https://other.test/'],
      /no load balancer has a rule for the host other\.test; hosts that have one: app\.example\.com$/,
    ],
    [
      ['http://app.example.com:8080/'],
      /nothing listens on port 8080 of k8s-public-\w+ \(group public\); its listeners: HTTP 80, HTTPS 443$/,
    ],
    [
      ['http://app.example.com:443/'],
      /port 443 of k8s-public-\w+ \(group public\) speaks HTTPS, and the URL says http:\/\//,
    ],
    [['app.example.com/api'], /“app\.example\.com\/api” is not a URL; write it whole/],
    [['ftp://app.example.com/'], /is not a URL/],
    [['http://app.example.com/', '-H', 'X-Canary'], /-H “X-Canary” is not a header; write “Name: value”/],
    [['http://app.example.com/', '--source-ip', 'here'], /--source-ip “here” is not an IP address/],
    [['http://app.example.com/', '--source-ip', '999'], /--source-ip “999” is not an IP address/],
    [['http://app.example.com/', '--group', 'private'], /there is no group “private”; there are public/],
    [['http://app.example.com/', '--live'], /--live and -f exclude each other/],
  ];
  for (const [words, message] of wrong) {
    const command = explainCommand().exitOverride();
    await assert.rejects(command.parseAsync([...words, '-f', shop], { from: 'user' }), { message });
  }
});

const hosts = ['app.example.com', 'a.wild.example.com', 'b.a.wild.example.com', 'nobody.example.com'];
const paths = ['/', '/api', '/api/', '/api/users', '/apis', '/old/x', '/closed', '/re/42', '/re/x'];
const manifests = yaml(
  ...services('shop', 'web', 'api', 'users', 'wild', 'canary', 'numbers'),
  ...services('other', 'rest'),
  ingress('web', {
    annotations: {
      'group.name': 'public',
      'conditions.canary':
        '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Canary","values":["yes"]}}]',
      'conditions.users': '[{"field":"http-request-method","httpRequestMethodConfig":{"values":["POST"]}}]',
      'conditions.numbers': '[{"field":"path-pattern","pathPatternConfig":{"regexValues":["^/re/[0-9]+$"]}}]',
      'actions.old':
        '{"type":"redirect","redirectConfig":{"host":"app.example.com","path":"/api","statusCode":"HTTP_302"}}',
      'actions.closed':
        '{"type":"fixed-response","fixedResponseConfig":{"statusCode":"410","contentType":"text/plain","messageBody":"closed"}}',
    },
    rules: [
      ['app.example.com', '/', 'web'],
      ['app.example.com', '/api', 'api'],
      ['app.example.com', '/api/users', 'users'],
      ['*.wild.example.com', '/', 'wild'],
      ['app.example.com', '/old', 'old:use-annotation'],
      ['', '/closed', 'closed:use-annotation'],
    ],
  }),
  ingress('early', {
    annotations: {
      'group.name': 'public',
      'group.order': '-1',
      'conditions.canary':
        '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Canary","values":["yes"]}}]',
    },
    rules: [['app.example.com', '/api', 'canary']],
  }),
  ingress('rest', {
    namespace: 'other',
    annotations: { 'group.name': 'public', 'group.order': '5' },
    rules: [['', '/', 'rest']],
  }),
);

const anyRequest = fc.record({
  host: fc.constantFrom(...hosts),
  path: fc.constantFrom(...paths),
  method: fc.constantFrom('GET', 'POST'),
  headers: fc.constantFrom<Record<string, string>>({}, { 'X-Canary': 'yes' }, { 'X-Canary': 'no' }),
});

/** What tells one rule's answer from another's: the Service, the redirect's goal, the fixed body. */
function seen({ status, headers, echo, body }: Answer): string {
  if (echo !== undefined) return `${echo.namespace}/${echo.service} ${echo.path}`;
  return `${status} ${String(headers['location'] ?? body)}`;
}

async function foretold({ answer, matched }: Explanation, source: Source): Promise<string> {
  switch (answer.kind) {
    case 'redirect':
      return `${answer.statusCode.replace('HTTP_', '')} ${answer.location}`;
    case 'fixed-response':
      return `${answer.statusCode} ${answer.messageBody ?? ''}`;
    case 'none':
      return 'none';
    case 'forward': {
      const group = await source.targetGroup(answer.targetGroups[0]?.targetGroup ?? '');
      assert.ok(matched !== undefined && (group?.targets.length ?? 0) > 0);
      assert.ok(group?.targets.every(({ state }) => state === 'healthy'));
      // `Service shop/web port 80` of the cluster, `backend shop/web-web:80` of AWS.
      const [, own] = /^Service (\S+) /.exec(group?.service ?? '') ?? [];
      const [, namespace, name] = /^backend ([^/]+)\/[^-]+-(.+):80$/.exec(group?.service ?? '') ?? [];
      return `${own ?? `${namespace}/${name}`} ${answer.sent?.path ?? ''}`;
    }
  }
}

test('Ask 14.3: what explain says of a cluster and of live AWS is what the load balancer answers', (t) =>
  withController({ before: manifests }, async (local) => {
    await local.rest();
    const config = configOf(local, t);
    const options = { group: undefined, signal: new AbortController().signal };
    const mark = local.world.aws.trace.mark;
    await fromCluster(config, options, (wanted) =>
      fromAws(config, options, async (live) => {
        const sources = [wanted, live].map(remembered);
        for (const { host, path, method, headers } of fc.sample(anyRequest, { numRuns: 150, seed: 14 })) {
          const url = `http://${host}${path}`;
          const request = webRequest(new URL(url), { method, headers, sourceIp: '127.0.0.1' });
          const real = seen(await local.request(url, { method, headers, loadBalancer: 'k8s-public' }));
          for (const source of sources) {
            const explanation = explain(source.loadBalancers, request, { follow: false });
            if ('unexplained' in explanation) assert.fail(explanation.unexplained);
            assert.equal(
              await foretold(explanation, source),
              real,
              `${method} ${url} ${JSON.stringify(headers)}`,
            );
          }
        }
      }),
    );
    assert.deepEqual(local.world.aws.trace.writes(mark), []);
  }));

/** Asks for the health of each target group once. */
function remembered(source: Source): Source {
  const groups = new Map<string, ReturnType<Source['targetGroup']>>();
  const targetGroup: Source['targetGroup'] = (key) => {
    const found = groups.get(key) ?? source.targetGroup(key);
    groups.set(key, found);
    return found;
  };
  return { ...source, targetGroup };
}

function configOf({ world }: LocalController, t: TestContext): Config {
  const folder = mkdtempSync(join(tmpdir(), 'albatross-explain-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, world.kube.kubeconfig());
  process.env['AWS_ACCESS_KEY_ID'] ??= 'AKIDPLAN';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'plan';
  const endpoints = ['Elastic Load Balancing v2', 'EC2', 'ACM'].map((name) => `${name}=${world.aws.url}`);
  const loaded = loadConfig({
    flags: new Map(
      Object.entries({
        ...Object.fromEntries(flags),
        kubeconfig,
        'aws-vpc-id': world.id('vpc'),
        'aws-api-endpoints': endpoints.join(','),
      }),
    ),
    env: {},
  });
  assert.equal(loaded.kind, 'config');
  return loaded.config;
}
