import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CoreConfig } from '../../../src/core/domain/config.ts';
import type { ClusterObject, Ingress } from '../../../src/core/domain/cluster.ts';
import { whyNotOurs } from '../../../src/core/model/not-ours.ts';
import { ingress, ingressClass } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';
import { albc, cluster } from './model-of.ts';

const web = (own: Partial<Pick<Ingress, 'className'>>, annotations: Record<string, string> = {}): Ingress => {
  const made = ingress('shop/web');
  return { ...made, className: own.className, meta: { ...made.meta, annotations } };
};

const why = (
  subject: Ingress,
  objects: readonly ClusterObject[] = [],
  config: Partial<CoreConfig> = {},
): string | undefined => whyNotOurs(subject, cluster([subject, ...objects]), coreConfig(config));

test('CLS-01: an Ingress with ALBC’s class annotation alone is told that only the preset reads it', () => {
  const annotated = web({ className: undefined }, { 'kubernetes.io/ingress.class': 'alb' });
  assert.match(why(annotated) ?? '', /--compatibility=albc only: set spec\.ingressClassName/);
  assert.equal(why(annotated, [], albc), undefined);
  const nginx = web({ className: undefined }, { 'kubernetes.io/ingress.class': 'nginx' });
  assert.match(why(nginx, [], albc) ?? '', /is "nginx", and "alb" is served \(--ingress-class\)/);
});

test('CLS-02: an Ingress of somebody else’s class is told whose it is, and how ALBC’s class is taken over', () => {
  const named = web({ className: 'other' });
  const auto = ingressClass('other', { controller: 'eks.amazonaws.com/alb' });
  assert.equal(
    why(named, [auto]),
    'its IngressClass other is for the controller eks.amazonaws.com/alb: name a class with the controller albatross.dev/alb',
  );
  const theirs = ingressClass('other', { controller: 'ingress.k8s.aws/alb' });
  assert.match(why(named, [theirs]) ?? '', /serve that class with --compatibility=albc while/);
});

test('CLS-03: a class that does not exist and one that nobody named are told apart, and what is ours has no reason', () => {
  assert.match(
    why(web({ className: 'gone' })) ?? '',
    /"gone", which does not exist: Create the IngressClass/,
  );
  assert.match(why(web({ className: undefined })) ?? '', /names no IngressClass/);
  assert.equal(why(web({ className: 'alb' })), undefined);
  assert.match(
    why(web({ className: 'alb' }), [], { watchNamespace: 'other' }) ?? '',
    /only the namespace other is watched/,
  );
});
