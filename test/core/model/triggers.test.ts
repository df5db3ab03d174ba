import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterObject } from '../../../src/core/domain/cluster.ts';
import { keysForChange } from '../../../src/core/model/triggers.ts';
import {
  ingress,
  ingressClass,
  ingressClassParams,
  meta,
  namespace,
  rule,
  service,
  servicePort,
} from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';
import { cluster } from './model-of.ts';

const web = ingress('shop/web', { annotations: { 'group.name': 'g' } });
const others = [ingress('shop/other', { rules: [rule('', { '/': 'back:80' })] }), ingress('else/web')];

/** `before` → `after` in a cluster with `web` and two others. */
function keys(
  before: ClusterObject | undefined,
  after: ClusterObject | undefined,
  more: readonly ClusterObject[] = [],
) {
  const present = [web, ...others, ...more, ...(after === undefined ? [] : [after])];
  return keysForChange(
    { kind: (after ?? before ?? web).kind, before, after },
    cluster(present),
    coreConfig(),
  );
}

test('what means nothing to the model causes no work', () => {
  const other = { resourceVersion: '9', generation: 3, labels: { a: 'b' } };
  assert.deepEqual(
    keys(web, { ...web, meta: { ...web.meta, ...other }, status: [{ hostname: 'x', ports: [80] }] }),
    [],
  );
  const noted = { ...web.meta.annotations, 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
  assert.deepEqual(keys(web, { ...web, meta: { ...web.meta, annotations: noted } }), []);
  const front = service('shop/front');
  assert.deepEqual(keys(front, { ...front, selector: { app: 'x' }, meta: { ...front.meta, ...other } }), []);
  assert.deepEqual(keys(namespace('shop'), namespace('shop', { a: 'b' })), []);
});

test('an Ingress concerns the group it is in, the one it was in, and those whose finalizers it holds', () => {
  assert.deepEqual(keys(undefined, web), ['g']);
  const moved = ingress('shop/web', {
    annotations: { 'group.name': 'h' },
    meta: { finalizers: ['group.albatross.dev/old'] },
  });
  assert.deepEqual(keys(web, moved), ['g', 'h', 'old']);
});

test('another class, by its name or by the annotation, concerns the groups whose finalizers are held', () => {
  const holding = { ...web, meta: { ...web.meta, finalizers: ['group.albatross.dev/g'] } };
  assert.deepEqual(keys(holding, { ...holding, className: 'nginx' }), ['g']);
  const annotated = { ...holding.meta.annotations, 'kubernetes.io/ingress.class': 'nginx' };
  assert.deepEqual(keys(holding, { ...holding, meta: { ...holding.meta, annotations: annotated } }), ['g']);
});

test('a finalizer that somebody took away concerns its group', () => {
  const holding = { ...web, meta: { ...web.meta, finalizers: ['group.albatross.dev/g'] } };
  assert.deepEqual(keys(holding, web), ['g']);
  const foreign = { ...web, meta: { ...web.meta, finalizers: ['somebody/else'] } };
  assert.deepEqual(keys(web, foreign), []);
});

test('a Service concerns the Ingresses of its namespace that name it, in actions too', () => {
  const front = service('shop/front');
  assert.deepEqual(keys(front, { ...front, ports: [servicePort({ nodePort: 30099 })] }), ['g']);
  const action = ingress('shop/act', {
    annotations: {
      'actions.x':
        '{"type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "front", "servicePort": 80}]}}',
    },
    rules: [rule('', { '/': 'x:use-annotation' })],
  });
  assert.deepEqual(keys(undefined, front, [action]), ['g', 'shop/act']);
});

test('a class and its parameters concern every Ingress of the class, and those without one', () => {
  const alb = ingressClass('alb', { parameters: 'p' });
  const bare = ingress('shop/bare', {
    className: undefined,
    meta: { finalizers: ['albatross.dev/resources'] },
  });
  const params = ingressClassParams('p', { scheme: 'internal' });
  const all = ['else/web', 'g', 'shop/bare', 'shop/other'];
  assert.deepEqual(keys(ingressClass(), alb, [bare, params]), all);
  assert.deepEqual(keys(params, ingressClassParams('p', { scheme: 'internet-facing' }), [alb, bare]), all);
});

test('labels of a namespace matter where some parameters select namespaces', () => {
  const selecting = ingressClassParams('p', {
    namespaceSelector: { matchLabels: { a: 'b' }, matchExpressions: [] },
  });
  const more = [ingressClass('alb', { parameters: 'p' }), selecting];
  assert.deepEqual(keys(namespace('else'), namespace('else', { a: 'b' }), more), ['else/web']);
});

test('targets are the business of another loop', () => {
  const node: ClusterObject = {
    kind: 'Node',
    meta: meta('Node', 'a'),
    providerId: '',
    ready: 'True',
    taints: [],
    unschedulable: false,
    internalIps: [],
  };
  assert.deepEqual(keys(undefined, node), []);
});
