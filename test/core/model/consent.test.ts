import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replacementAnnotation } from '../../../src/core/model/consent.ts';
import { ingress, ingressClass, rule, service } from '../../support/builders.ts';
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

test('annotations of our own that have no effect are told with the next step, on an Ingress, its class and its Services', () => {
  const { problems } = modelOf('shop', [
    classes({ 'albatross.dev/host-claim': '*: shop' }),
    member('one', { [replacementAnnotation]: 'yes', 'albatross.dev/host-claims': '*: shop' }),
    service('shop/front', { annotations: { 'albatross.dev/nothing-like-it': '' } }),
  ]);
  assert.deepEqual(
    problems
      .filter(({ code }) => code.startsWith('Annotation'))
      .map(({ message, hint }) => `${message}. ${hint}`),
    [
      'Ingress shop/one: annotation albatross.dev/allow-replacement is "yes" and has no effect; allowed: true or false. For example albatross.dev/allow-replacement: \'true\'',
      'Ingress shop/one: annotation albatross.dev/host-claims has no effect on a Ingress. Write it on the IngressClass',
      'IngressClass alb: annotation albatross.dev/host-claim is unknown and has no effect. Write albatross.dev/host-claims',
      'Service front: annotation albatross.dev/nothing-like-it is unknown and has no effect. Take it away, or look its name up in docs/reference/annotations.md',
    ],
  );
});
