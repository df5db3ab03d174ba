// Certificates made in ACM (albc-behaviour §8.2): requested, validated, served, replaced before the old one goes, and gone
// with their Ingress, whatever comes in between.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LocalWorld } from '../../src/sandbox/local-world.ts';
import { type LocalController, withController } from '../support/local-controller.ts';
import { assertNothingLeft } from './nothing-left.ts';
import { ingress, services, yaml } from './manifests.ts';

const web = services('shop', 'web');
const flags = { 'feature-gates': 'EnableCertificateManagement=true' };

/** The Ingress with a certificate for these names under example.com. */
const site = (...names: readonly string[]): string =>
  yaml(
    ...web,
    ingress('site', {
      annotations: { 'create-acm-cert': 'true' },
      rules: names.map((name) => [`${name}.example.com`, '/', 'web'] as const),
    }),
  );

async function withZone(
  work: (local: LocalController) => Promise<void>,
  options: { readonly before?: string; readonly prepare?: (world: LocalWorld) => void } = {},
): Promise<void> {
  const hosts = ['app.example.com', 'www.example.com'];
  await withController({ flags, hosts, ...options }, async (local) => {
    const { aws } = local.world;
    await aws.call('route53', 'CreateHostedZone', { Name: 'example.com', CallerReference: '1' });
    await work(local);
  });
}

/** Those that somebody requested, with their names. */
const requested = ({ world }: LocalController): readonly (readonly string[])[] =>
  [...world.aws.state.certificates.values()]
    .filter(({ type }) => type !== 'IMPORTED')
    .map(({ names }) => names.toSorted());

const records = ({ world }: LocalController): readonly string[] =>
  [...world.aws.state.hostedZones.values()]
    .flatMap((zone) => [...zone.records.values()])
    .filter(({ type }) => type === 'CNAME')
    .map(({ name }) => name.replace(/^_[^.]+\./, ''))
    .toSorted();

const calls = ({ world }: LocalController, since: number): readonly string[] =>
  world.aws.trace.entries(since).map(({ operation }) => operation);

function assertGone(local: LocalController): void {
  assertNothingLeft(local);
  assert.deepEqual([requested(local), records(local)], [[], []]);
}

const answers = async (local: LocalController, name: string): Promise<number> =>
  (await local.request(`https://${name}.example.com/`)).status;

describe('a certificate made in ACM', { concurrency: 6 }, () => {
  test('CRT-02: is requested, validated and served; afterwards nothing is asked; it goes with its Ingress', () =>
    withZone(async (local) => {
      await local.apply(site('app', 'www'));
      assert.deepEqual(requested(local), [['app.example.com', 'www.example.com']]);
      assert.deepEqual(records(local), ['app.example.com.', 'www.example.com.']);
      assert.deepEqual([await answers(local, 'app'), await answers(local, 'www')], [200, 200]);
      const told = local.events('Ingress', 'shop/site');
      assert.equal(told.at(-1), 'SuccessfullyReconciled: Successfully reconciled');
      const since = local.world.aws.trace.mark;
      const [certificate] = [...local.world.aws.state.certificates.values()].filter(
        ({ type }) => type !== 'IMPORTED',
      );
      const touched = site('app', 'www').replace('"alb.ingress', '"example.com/note":"x","alb.ingress');
      await local.apply(touched);
      assert.deepEqual(calls(local, since), []);
      assert.equal(certificate?.status, 'ISSUED');
      await local.remove(site('app', 'www'));
      assertGone(local);
    }));

  test('CRT-02: for other hosts comes before the old one goes, and the old one serves until it is issued', () =>
    withZone(async (local) => {
      await local.apply(site('app'));
      const { knobs, trace } = local.world.aws;
      knobs.certificateValidationMs = 3_600_000;
      const since = trace.mark;
      await local.apply(site('app', 'www'));
      assert.deepEqual(requested(local), [['app.example.com'], ['app.example.com', 'www.example.com']]);
      assert.equal(await answers(local, 'app'), 200);
      const again = calls(local, since).filter((name) => name === 'RequestCertificate');
      assert.equal(again.length, 1);
      knobs.certificateValidationMs = 0;
      await local.controller.audit();
      await local.rest();
      assert.deepEqual(requested(local), [['app.example.com', 'www.example.com']]);
      assert.deepEqual(records(local), ['app.example.com.', 'www.example.com.']);
      assert.deepEqual([await answers(local, 'app'), await answers(local, 'www')], [200, 200]);
      const writes = trace.writes(since).map(({ operation }) => operation);
      const order = ['RequestCertificate', 'AddListenerCertificates', 'ModifyListener', 'DeleteCertificate'];
      assert.deepEqual(
        order.map((name) => writes.indexOf(name)),
        order.map((name) => writes.indexOf(name)).toSorted((a, b) => a - b),
      );
      await local.remove(site('app', 'www'));
      assertGone(local);
    }));

  test('CRT-02: that is not issued holds up nobody: the group is made, its HTTPS listener waits and says so', () =>
    withZone(
      async (local) => {
        const plain = ingress('plain', {
          annotations: { 'group.name': 'g', 'listen-ports': '[{"HTTP": 80}]' },
          rules: [['plain.example.com', '/', 'web']],
        });
        const secure = ingress('secure', {
          annotations: {
            'group.name': 'g',
            'create-acm-cert': 'true',
            'listen-ports': '[{"HTTP": 80}, {"HTTPS": 443}]',
          },
          rules: [['app.example.com', '/', 'web']],
        });
        await local.apply(yaml(...web, plain, secure));
        const { knobs, state } = local.world.aws;
        const ports = () => [...state.listeners.values()].map(({ port }) => port).toSorted((a, b) => a - b);
        assert.deepEqual(ports(), [80]);
        assert.equal((await local.request('http://plain.example.com/')).status, 200);
        assert.ok(
          local
            .events('Ingress', 'shop/secure')
            .some((line) => /^CertificatePending: .*PENDING_VALIDATION/.test(line)),
        );
        knobs.certificateValidationMs = 0;
        await local.controller.audit();
        await local.rest();
        assert.deepEqual(ports(), [80, 443]);
        assert.equal(await answers(local, 'app'), 200);
        await local.remove(yaml(plain, secure, ...web));
        assertGone(local);
      },
      { prepare: ({ aws }) => void (aws.knobs.certificateValidationMs = 3_600_000) },
    ));

  test('CRT-02: whose host has no public zone is not requested, and only its Ingress is held', () =>
    withZone(async (local) => {
      const lost = ingress('lost', {
        annotations: { 'group.name': 'g', 'create-acm-cert': 'true' },
        rules: [['app.nowhere.test', '/', 'web']],
      });
      const other = ingress('other', {
        annotations: { 'group.name': 'g' },
        rules: [['other.example.com', '/', 'web']],
      });
      await local.apply(yaml(...web, lost, other));
      assert.deepEqual(requested(local), []);
      assert.ok(
        local
          .events('Ingress', 'shop/lost')
          .some((line) => line.includes('no hosted zone found for validation records')),
      );
      assert.equal((await local.request('http://other.example.com/')).status, 200);
      await local.remove(yaml(lost, other, ...web));
      assertGone(local);
    }));

  test('CRT-02: leaves a record to others who are validated by it, and records of others alone', () =>
    withZone(async (local) => {
      await local.apply(site('app', 'www'));
      await local.world.aws.call('acm', 'RequestCertificate', {
        DomainName: '*.app.example.com',
        SubjectAlternativeNames: ['app.example.com'],
      });
      await local.remove(site('app', 'www'));
      assertNothingLeft(local);
      assert.deepEqual(records(local), ['app.example.com.']);
      assert.deepEqual(requested(local), [['*.app.example.com', 'app.example.com']]);
    }));

  for (const operation of [
    'RequestCertificate',
    'ChangeResourceRecordSets',
    'CreateListener',
    'DeleteCertificate',
  ]) {
    test(`CRT-02: a controller that is killed after ${operation} goes on where it was: nothing twice, nothing left`, () =>
      withZone(async (local) => {
        const { aws } = local.world;
        const killAfter = async (change: () => Promise<void>): Promise<void> => {
          let restarted: Promise<void> | undefined;
          const unsubscribe = aws.onChange((done) => {
            if (done.operation === operation) restarted ??= local.restart({ flags });
          });
          await change().catch(() => undefined);
          unsubscribe();
          await restarted;
          await local.rest();
        };
        await killAfter(() => local.apply(site('app')));
        assert.deepEqual(requested(local), [['app.example.com']]);
        assert.equal(await answers(local, 'app'), 200);
        await killAfter(() => local.apply(site('app', 'www')));
        assert.deepEqual(requested(local), [['app.example.com', 'www.example.com']]);
        assert.equal(aws.trace.counts()['RequestCertificate'], 2);
        await killAfter(() => local.remove(site('app', 'www')));
        assertGone(local);
      }));
  }
});
