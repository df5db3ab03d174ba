import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desiredGroup } from '../../../src/core/desired/group.ts';
import type { CertificateIntent, ListenerIntent } from '../../../src/core/domain/group-model.ts';
import type { ObservedCertificate, ObservedListener } from '../../../src/core/domain/observed-group.ts';
import { coreConfig } from '../../support/core-config.ts';
import { facts, listener, model, nothingObserved, observedLoadBalancer, ref } from './models.ts';

const name = 'amazon_issued/app.example.com-2f5d53df';

const intent: CertificateIntent = {
  member: ref('web/site'),
  domains: ['app.example.com', 'www.example.com'],
  authorityArn: undefined,
  tags: { team: 'shop' },
};

const found = (arn: string, words: Partial<ObservedCertificate> = {}): ObservedCertificate => ({
  arn: arn as ObservedCertificate['arn'],
  domains: intent.domains,
  isPrivate: false,
  status: 'pending',
  isSpent: false,
  why: 'PENDING_VALIDATION',
  recordsWritten: true,
  tags: { 'ingress.k8s.aws/resource': name },
  ...words,
});

const https = listener(443, {
  protocol: 'HTTPS',
  certificates: [{ kind: 'requested', member: ref('web/site') }],
});

type World = {
  readonly listeners?: readonly ListenerIntent[];
  readonly certificates?: readonly ObservedCertificate[];
  readonly present?: readonly ObservedListener[];
};

function desired({ listeners = [https], certificates = [], present = [] }: World) {
  const { value, problems } = desiredGroup({
    model: model({ listeners, certificates: [intent] }),
    facts: facts(),
    observed: {
      ...nothingObserved,
      certificates,
      loadBalancers: present.length === 0 ? [] : [observedLoadBalancer({ listeners: present })],
    },
    config: coreConfig(),
    targetsOf: () => [],
  });
  const [certificate] = value.certificates;
  return {
    certificate,
    problems,
    ports: value.loadBalancer?.listeners.map(({ port }) => port),
    waiting: value.loadBalancer?.waitingPorts,
    presented: value.loadBalancer?.listeners.map(({ certificateArns }) => certificateArns),
  };
}

test('CRT-02: a certificate is requested under its name and tags, and its listener waits', () => {
  const { certificate, ports, waiting, problems } = desired({});
  assert.equal(certificate?.name, name);
  assert.equal(certificate.arn, undefined);
  assert.deepEqual(certificate.tags, {
    team: 'shop',
    'elbv2.k8s.aws/cluster': 'demo-cluster',
    'ingress.k8s.aws/stack': 'web/site',
    'ingress.k8s.aws/resource': name,
  });
  assert.deepEqual([ports, waiting, problems], [[], [443], []]);
});

test('CRT-02: the certificate in ACM with its name and hosts stands for it', () => {
  const choice = (...certificates: readonly ObservedCertificate[]) => {
    const { certificate, problems } = desired({ certificates });
    return [certificate?.arn, certificate?.isIssued, problems.length];
  };
  const issued = { status: 'issued' } as const;
  assert.deepEqual(choice(found('arn:1', issued)), ['arn:1', true, 0]);
  assert.deepEqual(choice(found('arn:1')), ['arn:1', false, 1]);
  assert.deepEqual(choice(found('arn:1'), found('arn:2', issued)), ['arn:2', true, 0]);
  assert.deepEqual(choice(found('arn:1', { ...issued, domains: ['app.example.com'] })), [
    undefined,
    false,
    0,
  ]);
  assert.deepEqual(choice(found('arn:1', { ...issued, tags: {} })), [undefined, false, 0]);
});

test('CRT-02: one that waited too long or failed is requested anew, and that is said', () => {
  const failed = found('arn:1', { status: 'failed', isSpent: true, why: 'FAILED: CAA_ERROR' });
  const { certificate, problems } = desired({ certificates: [failed] });
  assert.equal(certificate?.arn, undefined);
  assert.match(problems[0]?.message ?? '', /FAILED: CAA_ERROR.*another one is requested/);
  const lately = { ...failed, isSpent: false };
  assert.equal(desired({ certificates: [lately] }).certificate?.arn, 'arn:1');
  const [, next] = desired({ certificates: [failed, found('arn:2')] }).problems;
  assert.match(next?.message ?? '', /arn:2/);
});

test('CRT-02: while it is not issued a listener keeps the certificates that it has', () => {
  const present = [
    {
      port: 443,
      protocol: 'HTTPS',
      defaultCertificate: 'arn:old',
      certificates: ['arn:old', 'arn:sni'],
      rules: [],
      defaultActions: [],
      tags: {},
    },
  ] as unknown as readonly ObservedListener[];
  const { presented, waiting } = desired({ certificates: [found('arn:1')], present });
  assert.deepEqual([presented, waiting], [[['arn:old', 'arn:sni']], []]);
  const issued = desired({ certificates: [found('arn:1', { status: 'issued' })], present });
  assert.deepEqual(issued.presented, [['arn:1']]);
});

test('CRT-02: a redirect waits for the listener that it leads to', () => {
  const redirect = listener(80, {
    rules: [],
    defaultActions: [
      {
        kind: 'redirect',
        protocol: 'HTTPS',
        port: '443',
        host: '#{host}',
        path: '/#{path}',
        query: '#{query}',
        statusCode: 'HTTP_301',
      },
    ],
  });
  assert.deepEqual(desired({ listeners: [redirect, https] }).waiting, [80, 443]);
  const issued = desired({
    listeners: [redirect, https],
    certificates: [found('arn:1', { status: 'issued' })],
  });
  assert.deepEqual([issued.ports, issued.waiting], [[80, 443], []]);
});
