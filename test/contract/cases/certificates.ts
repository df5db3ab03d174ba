import assert from 'node:assert/strict';
import * as acm from '@aws-sdk/client-acm';
import { refused } from '../account.ts';
import type { Case } from '../case.ts';

export const certificateCases: readonly Case[] = [
  {
    what: 'an imported certificate is issued at once, with the names that are in it',
    run: async (account) => {
      const CertificateArn = await account.certificate('*.example.com', 'example.com');
      const { Certificate: found } = await account.acm.send(
        new acm.DescribeCertificateCommand({ CertificateArn }),
      );
      assert.deepEqual(
        [found?.Status, found?.Type, found?.SubjectAlternativeNames?.toSorted()],
        ['ISSUED', 'IMPORTED', ['*.example.com', 'example.com']],
      );
    },
  },
  {
    what: 'the list of certificates leaves out those with other keys than RSA, unless they are asked for',
    run: async (account) => {
      const CertificateArn = await account.certificate('listed.example.com');
      const listed = async (Includes?: acm.Filters) => {
        const { CertificateSummaryList = [] } = await account.acm.send(
          new acm.ListCertificatesCommand({ CertificateStatuses: ['ISSUED'], Includes }),
        );
        return CertificateSummaryList.find((one) => one.CertificateArn === CertificateArn);
      };
      assert.equal(await listed(), undefined);
      const found = await listed({ keyTypes: ['EC_prime256v1'] });
      assert.deepEqual(
        [found?.DomainName, found?.SubjectAlternativeNameSummaries],
        ['listed.example.com', ['listed.example.com']],
      );
    },
  },
  {
    what: 'a requested certificate waits for the validation of each of its names',
    run: async (account) => {
      const CertificateArn = await account.requestedCertificate({
        DomainName: 'a.example.com',
        SubjectAlternativeNames: ['a.example.com', 'b.example.com'],
        ValidationMethod: 'DNS',
      });
      const { Certificate: found } = await account.acm.send(
        new acm.DescribeCertificateCommand({ CertificateArn }),
      );
      assert.deepEqual(
        [
          found?.Status,
          found?.Type,
          found?.DomainValidationOptions?.map(({ DomainName }) => DomainName).toSorted(),
        ],
        ['PENDING_VALIDATION', 'AMAZON_ISSUED', ['a.example.com', 'b.example.com']],
      );
    },
  },
  {
    what: 'two requests with one token are one certificate, with its tags',
    run: async (account) => {
      const input = {
        DomainName: 'token.example.com',
        ValidationMethod: 'DNS',
        IdempotencyToken: account.name().replaceAll('-', ''),
        Tags: [{ Key: 'owner', Value: 'me' }],
      } as const;
      const CertificateArn = await account.requestedCertificate({ ...input, Tags: [...input.Tags] });
      assert.equal(await account.requestedCertificate({ ...input, Tags: [...input.Tags] }), CertificateArn);
      const { Tags } = await account.acm.send(new acm.ListTagsForCertificateCommand({ CertificateArn }));
      assert.deepEqual(Tags, input.Tags);
    },
  },
  {
    what: 'an unknown certificate is ResourceNotFound',
    run: async (account) => {
      const CertificateArn = (await account.certificate('gone.example.com')).replace(
        /[^/]+$/,
        '00000000-0000-4000-8000-00000000dead',
      );
      await refused(
        account.acm.send(new acm.DescribeCertificateCommand({ CertificateArn })),
        'ResourceNotFound',
      );
    },
  },
  {
    what: 'a certificate that a listener uses cannot be deleted',
    run: async (account) => {
      const CertificateArn = await account.certificate('used.example.com');
      await account.listener({ Protocol: 'HTTPS', Port: 443, Certificates: [{ CertificateArn }] });
      await refused(account.acm.send(new acm.DeleteCertificateCommand({ CertificateArn })), 'ResourceInUse');
    },
  },
];
