import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CoreConfig, policies } from '../../../src/core/domain/config.ts';
import type { GroupModel } from '../../../src/core/domain/group-model.ts';
import { ingress, rule } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';
import { modelOf } from './model-of.ts';

const on = { ...coreConfig().featureGates, EnableCertificateManagement: true };
const albc = { ...policies.albc, controllers: policies.none.controllers };
const asks = { 'create-acm-cert': 'true' };
const arn = 'arn:aws:acm-pca:us-west-2:123456789012:certificate-authority/1';

type Words = {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly hosts?: readonly string[];
  readonly config?: Partial<CoreConfig>;
};

function model({ annotations = asks, hosts = ['app.example.com'], config = {} }: Words): GroupModel {
  const rules = hosts.map((host) => rule(host, { '/': 'front:80' }));
  const tls = [{ hosts: ['*.example.com', ...hosts], secretName: undefined }];
  const own = hosts.length === 0 ? { rules: [rule('', { '/': 'front:80' })] } : { rules, tls };
  const settings = coreConfig({ featureGates: on, ...config });
  return modelOf('shop/web', [ingress('shop/web', { annotations, ...own })], settings);
}

const ports = ({ listeners }: GroupModel): readonly string[] =>
  listeners.map(({ port, protocol }) => `${protocol} ${port}`);

test('ANN-23: one certificate for the hosts of rules and of tls, in order and each once; HTTPS becomes the default', () => {
  const made = model({ hosts: ['www.example.com', 'app.example.com'] });
  assert.deepEqual(
    made.certificates.map(({ domains }) => domains),
    [['*.example.com', 'app.example.com', 'www.example.com']],
  );
  assert.deepEqual(ports(made), ['HTTPS 443']);
  const [listener] = made.listeners;
  assert.deepEqual(
    listener?.certificates.map(({ kind }) => kind),
    ['requested'],
  );
  assert.deepEqual(listener?.discoverCertificatesFor, []);
});

test('ANN-23: without the gate, with false, or with given certificates none is made', () => {
  const off = model({ config: { featureGates: coreConfig().featureGates } });
  assert.deepEqual([off.certificates, ports(off)], [[], ['HTTP 80']]);
  assert.deepEqual(
    off.problems.map(({ severity, code }) => [severity, code]),
    [['warning', 'AnnotationNotSupported']],
  );
  const no = model({ annotations: { 'create-acm-cert': 'false' } });
  assert.deepEqual([no.certificates, ports(no), no.problems], [[], ['HTTP 80'], []]);
  const given = model({ annotations: { ...asks, 'certificate-arn': 'arn:1' } });
  assert.deepEqual([given.certificates, ports(given)], [[], ['HTTPS 443']]);
  const empty = model({ annotations: { ...asks, 'certificate-arn': '' } });
  assert.equal(empty.certificates.length, 1);
});

test("ANN-23: an Ingress without hosts cannot have one, in ALBC's words", () => {
  const { held } = model({ hosts: [] });
  assert.equal(
    held[0]?.problems[0]?.albcMessage,
    'ingress shop/web has create-acm-cert enabled but no hostnames defined in spec.rules[].host or spec.tls[].hosts — cannot create a certificate without at least one hostname',
  );
});

test('ANN-23: a value that is no boolean holds the member, and counts as false for ALBC', () => {
  const annotations = { 'create-acm-cert': 'yes' };
  const { held } = model({ annotations });
  assert.deepEqual(
    held[0]?.problems.map(({ code }) => code),
    ['AnnotationInvalid'],
  );
  const asAlbc = model({ annotations, config: { policy: albc } });
  assert.deepEqual([asAlbc.held, asAlbc.certificates], [[], []]);
});

test('ANN-24: the private authority of the annotation goes before that of the flag; neither means Amazon', () => {
  const other = arn.replace(/1$/, '2');
  const flag = { defaultPcaArn: other };
  const authority = (words: Words): string | undefined => model(words).certificates[0]?.authorityArn;
  assert.equal(authority({}), undefined);
  assert.equal(authority({ config: flag }), other);
  assert.equal(authority({ annotations: { ...asks, 'acm-pca-arn': arn }, config: flag }), arn);
  assert.equal(authority({ annotations: { ...asks, 'acm-pca-arn': '' }, config: flag }), other);
});

test('ANN-24: what is not the ARN of an authority holds the member', () => {
  for (const wrong of [
    'ca-1',
    'arn:aws:acm:us-west-2:123456789012:certificate/1',
    'arn:aws:acm-pca:us-west-2',
  ]) {
    const { held } = model({ annotations: { ...asks, 'acm-pca-arn': wrong } });
    assert.deepEqual(
      held[0]?.problems.map(({ code }) => code),
      ['AnnotationInvalid'],
      wrong,
    );
  }
});

test('ANN-23: default tags go before those of the Ingress, whatever the gate for them says', () => {
  const gates = { ...on, EnableDefaultTagsLowPriority: true };
  const config = { featureGates: gates, defaultTags: { team: 'platform' } };
  const [made] = model({ annotations: { ...asks, tags: 'team=shop,a=b' }, config }).certificates;
  assert.deepEqual(made?.tags, { team: 'platform', a: 'b' });
});
