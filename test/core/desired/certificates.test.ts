import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenerCertificates } from '../../../src/core/desired/certificates.ts';
import { policies } from '../../../src/core/domain/config.ts';
import type { CertificateFact } from '../../../src/core/domain/facts.ts';
import type { ListenerIntent } from '../../../src/core/domain/group-model.ts';
import type { ObservedListener } from '../../../src/core/domain/observed-group.ts';
import { coreConfig } from '../../support/core-config.ts';
import { listener, ref } from './models.ts';

function certificate(
  arn: string,
  domains: string,
  overrides: Partial<CertificateFact> = {},
): CertificateFact {
  return {
    arn: arn as CertificateFact['arn'],
    domains: domains.split(' '),
    status: 'ISSUED',
    certificateAuthorityArn: undefined,
    notAfter: undefined,
    ...overrides,
  };
}

const wants = (hosts: Readonly<Record<string, string>>): ListenerIntent['discoverCertificatesFor'] =>
  Object.entries(hosts).map(([host, id]) => ({ host, member: ref(id) }));

const given = (...arns: readonly string[]): ListenerIntent['certificates'] =>
  arns.map((arn) => ({ kind: 'given', arn, member: ref('web/site') }));

function choose(
  https: Partial<ListenerIntent>,
  certificates: readonly CertificateFact[],
  words: Partial<Parameters<typeof listenerCertificates>[0]> = {},
) {
  const intent = listener(443, { protocol: 'HTTPS', ...https });
  return listenerCertificates({
    listener: intent,
    certificates,
    config: coreConfig(),
    members: [],
    requested: [],
    observed: undefined,
    isHolding: false,
    ...words,
  });
}

const albc = { config: coreConfig({ policy: policies.albc }) };
const app = wants({ 'app.example.com': 'web/site' });

test('CRT-01: a host gets the certificate that fits best: its own name, then the longest validity', () => {
  const wildcard = certificate('arn:1', '*.example.com', { notAfter: '2030-01-01T00:00:00Z' });
  const short = certificate('arn:2', 'app.example.com', { notAfter: '2026-06-01T00:00:00Z' });
  const long = certificate('arn:3', 'other.example.com app.example.com', {
    notAfter: '2027-06-01T00:00:00Z',
  });
  assert.deepEqual(choose({ discoverCertificatesFor: app }, [wildcard]).value, ['arn:1']);
  assert.deepEqual(choose({ discoverCertificatesFor: app }, [wildcard, short]).value, ['arn:2']);
  assert.deepEqual(choose({ discoverCertificatesFor: app }, [wildcard, short, long]).value, ['arn:3']);
});

test('trap 17: a certificate that appears for another purpose changes nothing', () => {
  const mine = certificate('arn:2', 'app.example.com', { notAfter: '2027-06-01T00:00:00Z' });
  const other = certificate('arn:1', '*.example.com', { notAfter: '2039-01-01T00:00:00Z' });
  const before = choose({ discoverCertificatesFor: app }, [mine]);
  assert.deepEqual(choose({ discoverCertificatesFor: app }, [other, mine]), before);
});

test("under ALBC's preset every match of a member is attached, sorted by ARN", () => {
  const hosts = wants({ 'app.example.com': 'web/site', 'shop.example.org': 'web/site' });
  const found = [
    certificate('arn:3', 'app.example.com'),
    certificate('arn:2', 'shop.example.org'),
    certificate('arn:1', '*.example.com'),
  ];
  assert.deepEqual(choose({ discoverCertificatesFor: hosts }, found, albc).value, [
    'arn:1',
    'arn:2',
    'arn:3',
  ]);
});

test('a wildcard covers one label, and a wildcard host is covered by its own certificate only', () => {
  const wildcard = [certificate('arn:1', '*.example.com')];
  const covered = (host: string) =>
    choose({ discoverCertificatesFor: wants({ [host]: 'web/site' }) }, wildcard);
  assert.deepEqual(covered('a.example.com').value, ['arn:1']);
  assert.deepEqual(covered('*.example.com').value, ['arn:1']);
  for (const host of ['a.b.example.com', 'example.com', 'aexample.com', '*.example.org']) {
    assert.deepEqual(covered(host).value, [], host);
  }
});

test("trap 17: a host without a certificate is its own Ingress's problem and nobody else's", () => {
  const hosts = wants({ 'app.example.com': 'web/site', 'a.b.example.com': 'web/deep' });
  const { value, problems } = choose({ discoverCertificatesFor: hosts }, [
    certificate('arn:1', '*.example.com'),
  ]);
  assert.deepEqual(value, ['arn:1']);
  const [problem] = problems;
  assert.equal(problems.length, 1);
  assert.deepEqual(
    [problem?.code, problem?.scope, problem?.object.name],
    ['CertificateNotFound', 'member', 'deep'],
  );
  assert.match(problem?.message ?? '', /covers host a\.b\.example\.com of Ingress web\/deep/);
  assert.match(problem?.hint ?? '', /ACM has \*\.example\.com, which covers one label only/);
  assert.equal(problem?.albcMessage, 'ingress: web/deep: no certificate found for host: a.b.example.com');
});

test('CRT-01: only issued certificates of allowed authorities count', () => {
  const authority = 'arn:aws:acm-pca:us-west-2:1:certificate-authority/x';
  const config = coreConfig({ allowedCertificateAuthorityArns: [authority] });
  const pending = certificate('arn:1', 'app.example.com', { status: 'PENDING_VALIDATION' });
  assert.deepEqual(choose({ discoverCertificatesFor: app }, [pending]).value, []);
  const found = [
    certificate('arn:2', 'app.example.com'),
    certificate('arn:3', 'app.example.com', { certificateAuthorityArn: authority }),
  ];
  assert.deepEqual(choose({ discoverCertificatesFor: app }, found, { config }).value, ['arn:3']);
});

test('explicit certificates keep their order, and the first is the default', () => {
  const explicit = { certificates: given('arn:9', 'arn:1'), discoverCertificatesFor: app };
  assert.deepEqual(choose(explicit, [certificate('arn:0', 'app.example.com')]).value, [
    'arn:9',
    'arn:1',
    'arn:0',
  ]);
});

test('an HTTPS listener that ends without any certificate is said to those who ask for it', () => {
  const { problems } = choose({}, [], { members: [ref('web/a'), ref('web/b')] });
  assert.deepEqual(
    problems.map(({ object, scope }) => [object.name, scope]),
    [
      ['a', 'member'],
      ['b', 'member'],
    ],
  );
  assert.deepEqual(choose({ protocol: 'HTTP' }, []), { value: [], problems: [], isWaiting: false });
});

test('while a member is held the listener keeps the certificates it has, its default first', () => {
  const observed = {
    defaultCertificate: 'arn:5',
    certificates: ['arn:5', 'arn:6'],
  } as unknown as ObservedListener;
  const { value } = choose({ certificates: given('arn:1') }, [], { observed, isHolding: true });
  assert.deepEqual(value, ['arn:5', 'arn:1', 'arn:6']);
});

test('CRT-01: as ALBC, a new listener without any certificate is left to AWS, and one that is there is not', () => {
  assert.deepEqual(choose({}, [], { ...albc, members: [ref('web/site')] }), {
    value: [],
    problems: [],
    isWaiting: false,
  });
  const [problem] = choose({}, [], { members: [ref('web/site')] }).problems;
  assert.equal(problem?.code, 'CertificateNotFound');
});
