import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { AwsError } from '../../../src/aws/errors.ts';
import type { CertificateArn } from '../../../src/core/domain/ids.ts';
import type { KnobSettings } from '../../../src/simulator/aws/knobs.ts';
import { type LocalAws, localAws } from '../local-aws.ts';
import { apply, tagsOf } from '../shop.ts';

const name = 'amazon_issued/app.example.com-00000000';
const spec = (...domains: readonly string[]) => ({
  name,
  domains,
  authorityArn: undefined,
  tags: tagsOf(name),
});

const minute = 60_000;

async function open(t: TestContext, knobs: KnobSettings = {}): Promise<LocalAws> {
  const local = localAws(t, { makesCertificates: true, knobs });
  for (const Name of ['example.com', 'app.example.com'])
    await local.account.call('route53', 'CreateHostedZone', { Name, CallerReference: Name });
  return local;
}

const request = async (local: LocalAws, ...domains: readonly string[]): Promise<CertificateArn> =>
  (await apply(local, 'requestCertificate', { spec: spec(...domains) })).arn as CertificateArn;

/** Aliases by the zone that has them. */
const aliases = ({ account }: LocalAws): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    [...account.state.hostedZones.values()].map((zone) => [
      zone.name,
      [...zone.records.values()]
        .filter(({ type }) => type === 'CNAME')
        .map((record) => record.name.replace(/^_\w+\./, '')),
    ]),
  );

async function present(local: LocalAws, arn: CertificateArn) {
  const known = [{ arn, tags: {} }];
  const [found] = await local.settled(local.aws.presentCertificates(known, local));
  return found && [found.status, found.isSpent];
}

test('CRT-02: records go to the public zone with the longest name, once for a name and its wildcard, in one batch', async (t) => {
  const local = await open(t);
  const private_ = {
    Name: 'x.app.example.com',
    CallerReference: 'p',
    HostedZoneConfig: { PrivateZone: true },
  };
  await local.account.call('route53', 'CreateHostedZone', private_);
  const domains = ['*.app.example.com', 'app.example.com', 'example.com', 'x.app.example.com'];
  const certificate = await request(local, ...domains);
  await apply(local, 'createValidationRecords', { certificate });
  assert.deepEqual(aliases(local), {
    'example.com.': ['example.com.'],
    'app.example.com.': ['app.example.com.', 'x.app.example.com.'],
    'x.app.example.com.': [],
  });
  assert.equal(local.account.trace.counts()['ChangeResourceRecordSets'], 2);
});

test('CRT-02: ACM says some seconds later which records it wants', async (t) => {
  const local = await open(t, { certificateRecordsMs: 5000 });
  const certificate = await request(local, 'app.example.com');
  await apply(local, 'createValidationRecords', { certificate });
  assert.deepEqual(aliases(local)['app.example.com.'], ['app.example.com.']);
});

test('CRT-02: a record that is there already stays as it is; one that says otherwise is told', async (t) => {
  const local = await open(t);
  const certificate = await request(local, 'app.example.com', 'example.com');
  await apply(local, 'createValidationRecords', { certificate });
  const zone = [...local.account.state.hostedZones.values()].find(
    ({ name: zoneName }) => zoneName === 'app.example.com.',
  );
  const [key, record] = [...(zone?.records ?? [])].find(([, { type }]) => type === 'CNAME') ?? [];
  assert.ok(zone !== undefined && key !== undefined && record !== undefined);
  zone.records.set(key, { ...record, ttl: 300 });
  await apply(local, 'createValidationRecords', { certificate });
  assert.equal(zone.records.get(key)?.ttl, 300);
  await apply(local, 'deleteCertificate', { certificate, keepRecordsOf: [] });
  assert.deepEqual(aliases(local), {
    'example.com.': [],
    'app.example.com.': ['app.example.com.'],
  });
  const again = await request(local, 'app.example.com');
  zone.records.set(key, { ...record, values: ['elsewhere.example.com.'] });
  await assert.rejects(
    apply(local, 'createValidationRecords', { certificate: again }),
    (error) => error instanceof AwsError && error.code === 'InvalidChangeBatch',
  );
});

test('CRT-02: without a public zone for every name nothing is requested', async (t) => {
  const local = await open(t);
  for (const domain of ['nowhere.test', 'notexample.com', 'com']) {
    await assert.rejects(
      request(local, 'app.example.com', domain),
      new RegExp(`pre-check failed for domain "${domain}": no hosted zone found for validation records`),
    );
  }
  assert.equal(local.account.trace.counts()['RequestCertificate'], undefined);
  assert.equal(local.account.trace.counts()['ListHostedZones'], 1, 'zones are remembered');
});

test('CRT-03: a certificate of a private authority needs no zone and no record', async (t) => {
  const local = localAws(t, { makesCertificates: true });
  const authorityArn = 'arn:aws:acm-pca:us-west-2:123456789012:certificate-authority/1';
  const { arn } = await apply(local, 'requestCertificate', {
    spec: { ...spec('a.nowhere.test'), authorityArn },
  });
  assert.deepEqual(await present(local, arn as CertificateArn), ['issued', false]);
  await apply(local, 'deleteCertificate', { certificate: arn as CertificateArn, keepRecordsOf: [] });
  const asked = local.account.trace.entries().filter(({ service }) => service === 'route53');
  assert.deepEqual(asked, []);
});

test('CRT-02: another one may be requested after half an hour of waiting, or five minutes after a failure', async (t) => {
  const local = await open(t);
  const arn = await request(local, 'app.example.com');
  assert.deepEqual(await present(local, arn), ['pending', false]);
  await local.clock.advance(5 * minute + 1);
  assert.deepEqual(await present(local, arn), ['pending', false]);
  const stored = local.account.state.certificates.get(arn);
  assert.ok(stored !== undefined);
  stored.status = 'FAILED';
  assert.deepEqual(await present(local, arn), ['failed', true]);
  const young = await request(local, 'example.com');
  const fresh = local.account.state.certificates.get(young);
  assert.ok(fresh !== undefined);
  fresh.status = 'FAILED';
  assert.deepEqual(await present(local, young), ['failed', false]);
  stored.status = 'PENDING_VALIDATION';
  await local.clock.advance(25 * minute);
  assert.deepEqual(await present(local, arn), ['pending', true]);
});

test('CRT-02: a request takes over what an earlier one left, but not one that waits since long', async (t) => {
  const local = await open(t);
  const first = await request(local, 'app.example.com');
  assert.equal(await request(local, 'app.example.com'), first);
  assert.notEqual(await request(local, 'app.example.com', 'example.com'), first);
  await local.clock.advance(31 * minute);
  assert.notEqual(await request(local, 'app.example.com'), first);
});

test('CRT-02: a certificate in use is not deleted, nor are its records; a moment later both are', async (t) => {
  const local = await open(t);
  const certificate = await request(local, 'app.example.com');
  await apply(local, 'createValidationRecords', { certificate });
  const listener = {
    loadBalancerArn: 'arn:lb',
    defaultCertificateArn: certificate,
    extraCertificateArns: [],
  };
  local.account.state.listeners.set('arn:listener', listener as never);
  await assert.rejects(
    apply(local, 'deleteCertificate', { certificate, keepRecordsOf: [] }),
    (error) => error instanceof AwsError && error.kind === 'inUse',
  );
  assert.deepEqual(aliases(local)['app.example.com.'], ['app.example.com.']);
  const deleted = apply(local, 'deleteCertificate', { certificate, keepRecordsOf: ['*.app.example.com'] });
  local.account.state.listeners.clear();
  await deleted;
  assert.equal(local.account.state.certificates.size, 0);
  assert.deepEqual(aliases(local)['app.example.com.'], ['app.example.com.'], 'its successor needs it');
});
