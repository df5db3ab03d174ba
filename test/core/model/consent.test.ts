import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replacementAnnotation } from '../../../src/core/model/consent.ts';
import { ingress, ingressClass, rule } from '../../support/builders.ts';
import { modelOf } from './model-of.ts';

const member = (name: string, annotations: Record<string, string>) =>
  ingress(`shop/${name}`, {
    annotations: { 'group.name': 'shop', ...annotations },
    rules: [rule(`${name}.example.com`, { '/': 'front:80' })],
  });
const yes = { [replacementAnnotation]: 'true' };
const classes = (annotations: Record<string, string>) => {
  const found = ingressClass();
  return { ...found, meta: { ...found.meta, annotations } };
};

test('NAM-12: consent to a replacement comes from all who name the scheme, or from all where nobody does', () => {
  const scheme = { scheme: 'internet-facing' };
  for (const [says, allowed, one, other] of [
    ['nobody', false, {}, {}],
    ['one of two that do not name it', false, yes, {}],
    ['both that do not name it', true, yes, yes],
    ['the one that names it', true, { ...scheme, ...yes }, {}],
    ['one of two that name it', false, { ...scheme, ...yes }, scheme],
    ['only one that does not name it', false, scheme, yes],
    ['something else than true', false, { ...scheme, [replacementAnnotation]: 'yes' }, {}],
  ] as const) {
    const { loadBalancer, members } = modelOf('shop', [member('one', one), member('other', other)]);
    assert.equal(members.length, 2, says);
    assert.equal(loadBalancer.allowsReplacement === true, allowed, says);
  }
});

test('NAM-12: a class consents for its Ingresses', () => {
  const { loadBalancer } = modelOf('shop', [classes(yes), member('one', {}), member('other', {})]);
  assert.equal(loadBalancer.allowsReplacement, true);
});
