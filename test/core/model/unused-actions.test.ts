import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ingress, rule } from '../../support/builders.ts';
import { modelOf } from './model-of.ts';

const page = '{"type":"fixed-response","fixedResponseConfig":{"statusCode":"503"}}';
const onlyGet = '[{"field":"http-request-method","httpRequestMethodConfig":{"values":["GET"]}}]';

const warnings = (annotations: Record<string, string>, backend: string) =>
  modelOf('shop/web', [
    ingress('shop/web', { annotations, rules: [rule('a.example.com', { '/': backend })] }),
  ])
    .problems.filter(({ severity }) => severity === 'warning')
    .map(({ message, hint }) => `${message}. ${hint}`);

test('an action that no backend uses is told with the way to use it', () => {
  assert.deepEqual(warnings({ 'actions.page': page }, 'front:80'), [
    'Ingress shop/web: annotation alb.ingress.kubernetes.io/actions.page has no effect: no backend of this Ingress uses it. Write service.name: page with service.port.name: use-annotation where the action is wanted',
  ]);
  assert.deepEqual(warnings({ 'actions.page': page }, 'page:use-annotation'), []);
});

test('conditions for a name that no backend has are told', () => {
  assert.deepEqual(warnings({ 'conditions.frnt': onlyGet }, 'front:80'), [
    'Ingress shop/web: annotation alb.ingress.kubernetes.io/conditions.frnt has no effect: no backend of this Ingress is called frnt. Name a backend of this Ingress frnt, or take the annotation away',
  ]);
  assert.deepEqual(warnings({ 'conditions.front': onlyGet }, 'front:80'), []);
});
