import assert from 'node:assert/strict';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { selfSigned } from '../../../../src/simulator/aws/acm/self-signed.ts';
import { assertRefused, makeLoadBalancer, notFoundPage, withAws } from '../support.ts';

test('seeded certificates are issued and sort in the order of the world', () =>
  withAws(async ({ acm, id }) => {
    const keyTypes = ['EC_prime256v1' as const];
    const listed = await acm.listCertificates({ CertificateStatuses: ['ISSUED'], Includes: { keyTypes } });
    const arns = listed.CertificateSummaryList?.map(({ CertificateArn = '' }) => CertificateArn) ?? [];
    assert.deepEqual(arns, [id('cert/a.example.com'), id('cert/b.example.com')]);
    assert.deepEqual([...arns].sort(), arns);
    const first = await acm.listCertificates({ MaxItems: 1, Includes: { keyTypes } });
    const second = await acm.listCertificates({ NextToken: first.NextToken, Includes: { keyTypes } });
    assert.deepEqual(
      second.CertificateSummaryList?.map(({ DomainName }) => DomainName),
      ['b.example.com'],
    );
    // ACM lists other keys than RSA only to those who ask for them.
    assert.deepEqual((await acm.listCertificates({})).CertificateSummaryList, []);
  }));

test('an imported certificate is read by its names, replaced in place, and kept while a listener presents it', () =>
  withAws(async (bench) => {
    const { acm, elb, clock } = bench;
    const pem = selfSigned(['one.test', '*.one.test'], clock.now());
    const [Certificate, PrivateKey] = [Buffer.from(pem.certificatePem), Buffer.from(pem.privateKeyPem)];
    const { CertificateArn } = await acm.importCertificate({
      Certificate,
      PrivateKey,
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    const described = async () => (await acm.describeCertificate({ CertificateArn })).Certificate;
    const before = await described();
    assert.partialDeepStrictEqual(before, {
      DomainName: 'one.test',
      Status: 'ISSUED',
      Type: 'IMPORTED',
      KeyAlgorithm: 'EC_prime256v1',
    });
    assert.deepEqual(before?.SubjectAlternativeNames, ['one.test', '*.one.test']);
    assert.equal(before?.NotAfter?.getTime(), Math.floor(pem.notAfter / 1000) * 1000);
    const other = selfSigned(['two.test'], clock.now());
    await acm.importCertificate({
      CertificateArn,
      Certificate: Buffer.from(other.certificatePem),
      PrivateKey: Buffer.from(other.privateKeyPem),
    });
    assert.deepEqual((await described())?.SubjectAlternativeNames, ['two.test']);
    await acm.addTagsToCertificate({ CertificateArn, Tags: [{ Key: 'c', Value: 'd' }] });
    assert.deepEqual((await acm.listTagsForCertificate({ CertificateArn })).Tags, [
      { Key: 'a', Value: 'b' },
      { Key: 'c', Value: 'd' },
    ]);
    const LoadBalancerArn = await makeLoadBalancer(bench);
    const listener = await elb.createListener({
      LoadBalancerArn,
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn }],
      DefaultActions: [notFoundPage],
    });
    assert.deepEqual((await described())?.InUseBy, [LoadBalancerArn]);
    await assertRefused(bench, [
      ['in use', 'ResourceInUseException', () => acm.deleteCertificate({ CertificateArn })],
      [
        'not PEM',
        'ValidationException',
        () => acm.importCertificate({ Certificate: Buffer.from('x'), PrivateKey }),
      ],
      [
        'unknown',
        'ResourceNotFoundException',
        () => acm.describeCertificate({ CertificateArn: 'arn:aws:acm:us-west-2:1:certificate/x' }),
      ],
    ]);
    await elb.deleteListener({ ListenerArn: listener.Listeners?.[0]?.ListenerArn });
    await acm.deleteCertificate({ CertificateArn });
    await assertRefused(bench, [['deleted', 'ResourceNotFoundException', () => described()]]);
  }));

test('a requested certificate is issued when all its records are in the public DNS', () =>
  withAws(async ({ acm, route53, clock }) => {
    const zoneOf = async (Name: string, PrivateZone = false) => {
      const made = await route53.createHostedZone({
        Name,
        CallerReference: `${Name}/${PrivateZone}`,
        HostedZoneConfig: { PrivateZone },
      });
      return made.HostedZone?.Id;
    };
    const [zone, hidden] = [await zoneOf('a.test'), await zoneOf('a.test', true)];
    const { CertificateArn } = await acm.requestCertificate({
      DomainName: 'a.test',
      SubjectAlternativeNames: ['*.a.test', 'www.a.test'],
      ValidationMethod: 'DNS',
    });
    const described = async () => (await acm.describeCertificate({ CertificateArn })).Certificate;
    assert.equal((await described())?.DomainValidationOptions?.[0]?.ResourceRecord, undefined);
    await clock.advance(3_000);
    const records = (await described())?.DomainValidationOptions?.map(({ ResourceRecord }) => ResourceRecord);
    assert.deepEqual(records?.[0], records?.[1], 'a name and its wildcard have one record');
    const write = (HostedZoneId: string | undefined, wanted: typeof records) =>
      route53.changeResourceRecordSets({
        HostedZoneId,
        ChangeBatch: {
          Changes: (wanted ?? []).map((record) => ({
            Action: 'CREATE',
            ResourceRecordSet: {
              Name: record?.Name,
              Type: 'CNAME',
              TTL: 60,
              ResourceRecords: [{ Value: record?.Value }],
            },
          })),
        },
      });
    await write(hidden, records?.slice(1));
    await clock.advance(60_000);
    assert.equal((await described())?.Status, 'PENDING_VALIDATION', 'private zones do not count');
    await write(zone, records?.slice(1));
    assert.equal((await described())?.Status, 'PENDING_VALIDATION');
    await clock.advance(60_000);
    assert.partialDeepStrictEqual(await described(), { Status: 'ISSUED', Type: 'AMAZON_ISSUED' });
  }));

test('a certificate that nobody validates times out after three days', () =>
  withAws(async ({ acm, clock }) => {
    const { CertificateArn } = await acm.requestCertificate({ DomainName: 'a.test' });
    await clock.advance(72 * 60 * 60_000);
    const { Certificate } = await acm.describeCertificate({ CertificateArn });
    assert.equal(Certificate?.Status, 'VALIDATION_TIMED_OUT');
  }));

test('a certificate of a private authority needs no records, and only its description names the authority', () =>
  withAws(async ({ acm, clock }) => {
    const CertificateAuthorityArn = 'arn:aws:acm-pca:us-west-2:123456789012:certificate-authority/1';
    const { CertificateArn } = await acm.requestCertificate({
      DomainName: 'a.test',
      CertificateAuthorityArn,
    });
    await clock.advance(60_000);
    assert.partialDeepStrictEqual((await acm.describeCertificate({ CertificateArn })).Certificate, {
      Status: 'ISSUED',
      Type: 'PRIVATE',
      CertificateAuthorityArn,
    });
  }));

test('requests with one token are one request, and requests that ACM cannot fulfil are refused', () =>
  withAws(async (bench) => {
    const { acm } = bench;
    const request = async () =>
      (await acm.requestCertificate({ DomainName: 'a.test', IdempotencyToken: 'x' })).CertificateArn;
    assert.equal(await request(), await request());
    const names = Array.from({ length: 11 }, (_, number) => `n${number}.test`);
    await assertRefused(bench, [
      [
        '11 names',
        'LimitExceededException',
        () => acm.requestCertificate({ DomainName: 'n0.test', SubjectAlternativeNames: names }),
      ],
      [
        'no name',
        'InvalidDomainValidationOptionsException',
        () => acm.requestCertificate({ DomainName: 'a b.test' }),
      ],
      [
        'no authority',
        'InvalidArnException',
        () => acm.requestCertificate({ DomainName: 'a.test', CertificateAuthorityArn: 'arn:aws:acm-pca' }),
      ],
    ]);
  }));

test('a summary holds a hundred names and says when there are more', () =>
  withAws(async ({ acm, clock }) => {
    const pem = selfSigned(
      Array.from({ length: 101 }, (_, i) => `n${i}.test`),
      clock.now(),
    );
    const [Certificate, PrivateKey] = [Buffer.from(pem.certificatePem), Buffer.from(pem.privateKeyPem)];
    const { CertificateArn } = await acm.importCertificate({ Certificate, PrivateKey });
    const { CertificateSummaryList = [] } = await acm.listCertificates({
      Includes: { keyTypes: ['EC_prime256v1'] },
    });
    const found = CertificateSummaryList.find((summary) => summary.CertificateArn === CertificateArn);
    assert.equal(found?.SubjectAlternativeNameSummaries?.length, 100);
    assert.equal(found.HasAdditionalSubjectAlternativeNames, true);
  }));

test('a generated certificate serves TLS for its names', async () => {
  const { certificatePem: cert, privateKeyPem: key } = selfSigned(['shop.test', '*.shop.test'], Date.now());
  const server = createServer({ cert, key }, (_request, response) => response.end('secure'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fetched = (servername: string): Promise<string> =>
    new Promise((resolve) => {
      get({ host: '127.0.0.1', port, servername, ca: cert, agent: false }, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      }).on('error', ({ message }) => resolve(message));
    });
  try {
    assert.equal(await fetched('shop.test'), 'secure');
    assert.equal(await fetched('a.shop.test'), 'secure');
    assert.match(await fetched('other.test'), /altnames/);
  } finally {
    server.close();
  }
});
