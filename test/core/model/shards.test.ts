// A spread group: each load balancer is made from all its members, and has the rules of its own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterObject, Ingress } from '../../../src/core/domain/cluster.ts';
import { groupKey } from '../../../src/core/domain/ids.ts';
import { groupModel } from '../../../src/core/model/group.ts';
import { allGroupKeys } from '../../../src/core/model/membership.ts';
import { shardsAnnotation } from '../../../src/core/model/shards.ts';
import { keysForChange } from '../../../src/core/model/triggers.ts';
import { ingress, ingressClass, type IngressWords, rule } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';
import { cluster, modelOf, problemLines, ruleLines } from './model-of.ts';

const finalizer = 'group.albatross.dev/';

type Words = IngressWords & {
  readonly on?: readonly string[];
  readonly shards?: string;
  readonly group?: string;
};

/** Of group `g`, with a host of its own; `on`: served by these shards. */
function member(name: string, { on = [], shards, group = 'g', ...words }: Words = {}): Ingress {
  const made = ingress(`shop/${name}`, {
    rules: [rule(`${name}.example.com`, { '/': 'front:80' })],
    ...words,
    annotations: {
      'group.name': group,
      ...(shards === undefined ? {} : { [shardsAnnotation]: shards }),
      ...words.annotations,
    },
    meta: { finalizers: on.map((key) => `${finalizer}${key}`) },
  });
  return {
    ...made,
    status: on.length === 0 ? [] : [{ hostname: `${on[0]}.elb.amazonaws.com`, ports: [80] }],
  };
}

const keys = (...objects: readonly ClusterObject[]) => allGroupKeys(cluster(objects), coreConfig());
const ids = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id.slice(5));

const a = member('a', { on: ['g'], shards: '2' });
const b = member('b', { on: ['g_2'] });

test('a group that nobody spreads is as ever', () => {
  assert.deepEqual(keys(member('a'), member('b')), ['g']);
});

test('each shard is a group of its own, with a name that no user can give', () => {
  assert.deepEqual(keys(a, b), ['g', 'g_2']);
  const second = modelOf('g_2', [a, b]);
  assert.deepEqual([ids(modelOf('g', [a, b]).members), ids(second.members)], [['a'], ['b']]);
  assert.deepEqual(ruleLines(second), ['b.example.com /* → shop/b-front:80']);
  assert.deepEqual(second.identity, { kind: 'explicit', name: 'g_2' });
});

test('what a member says about load balancer and listeners holds for all shards; its name is that of the first', () => {
  const loud = member('a', {
    on: ['g'],
    shards: '2',
    annotations: {
      scheme: 'internet-facing',
      'load-balancer-name': 'shop',
      'load-balancer-attributes': 'idle_timeout.timeout_seconds=10',
      'inbound-cidrs': '10.0.0.0/8',
      tags: 'team=shop',
    },
  });
  const second = modelOf('g_2', [loud, b]);
  const { scheme, name, attributes, tags } = second.loadBalancer;
  assert.deepEqual(
    { scheme, name, attributes, tags, from: second.listeners.map(({ inboundCidrs }) => inboundCidrs) },
    {
      scheme: 'internet-facing',
      name: undefined,
      attributes: { 'idle_timeout.timeout_seconds': '10' },
      tags: { team: 'shop' },
      from: [['10.0.0.0/8']],
    },
  );
  assert.equal(modelOf('g', [loud, b]).loadBalancer.name, 'shop');
});

test('a shard listens where its own members do, with their certificates', () => {
  const https = (name: string, on: string) =>
    member(name, {
      on: [on],
      shards: '2',
      annotations: { 'certificate-arn': `arn:aws:acm:us-west-2:1:certificate/${name}` },
    });
  const model = modelOf('g_2', [a, https('s', 'g'), https('t', 'g_2')]);
  assert.deepEqual(
    model.listeners.map(({ port, certificates }) => [
      port,
      certificates.map((one) => 'arn' in one && one.arn.slice(-1)),
    ]),
    [[443, ['t']]],
  );
});

test('rules for any host and default backends are on every shard, and the status is that of the first', () => {
  const any = member('any', {
    on: ['g', 'g_2'],
    annotations: { 'group.order': '5' },
    rules: [rule('', { '/health': 'front:80' }), rule('any.example.com', { '/': 'front:80' })],
    defaultBackend: 'front:80',
  });
  const first = modelOf('g', [a, b, any]);
  const second = modelOf('g_2', [a, b, any]);
  assert.deepEqual(ruleLines(second), [
    'b.example.com /* → shop/b-front:80',
    '/health,/health/* → shop/any-front:80',
  ]);
  assert.equal(first.listeners[0]?.rules.length, 3);
  assert.equal(second.listeners[0]?.defaultActions[0]?.kind, 'forward');
  assert.deepEqual([ids(second.members), [...(second.guests ?? [])]], [['b', 'any'], ['shop/any']]);
  assert.equal(first.guests, undefined);
  // Its part of a shard without members of its own goes.
  assert.deepEqual(ids(modelOf('g_2', [a, any]).leaving), ['any']);
});

test('fewer shards: members are at home on those that stay, and leave the others for them', () => {
  const all = [member('a', { on: ['g'], shards: '1' }), b];
  assert.deepEqual(keys(...all), ['g', 'g_2']);
  assert.deepEqual(ids(modelOf('g', all).members), ['a', 'b']);
  const [leaving] = modelOf('g_2', all).leaving;
  assert.deepEqual([leaving?.id, leaving?.proof, leaving?.movesTo], ['shop/b', 'leftGroup', 'g']);
  // Nobody says a number: nobody moves.
  assert.deepEqual(ids(modelOf('g_2', [member('a', { on: ['g'] }), b]).members), ['b']);
});

test('a number that cannot be read holds its Ingress where it is, and moves nobody', () => {
  for (const shards of ['0', '11', 'two', '', '2.5']) {
    const all = [member('a', { on: ['g'], shards: '1' }), member('b', { on: ['g_2'], shards })];
    const model = modelOf('g_2', all);
    assert.deepEqual([ids(model.held), ids(model.leaving)], [['b'], []]);
    assert.deepEqual(problemLines(model.problems), ['error AnnotationInvalid shop/b']);
  }
});

test('members that do not agree: the highest number counts, and the others are warned', () => {
  const all = [member('a', { on: ['g'], shards: '1' }), member('b', { on: ['g_2'], shards: '2' })];
  assert.deepEqual(problemLines(modelOf('g', all).problems), ['warning AnnotationConflict shop/a']);
  assert.deepEqual(ids(modelOf('g_2', all).members), ['b']);
});

test('the class decides for all groups of its Ingresses', () => {
  const alb = ingressClass();
  const spread = { ...alb, meta: { ...alb.meta, annotations: { [shardsAnnotation]: '2' } } };
  assert.deepEqual(keys(spread, member('a'), member('b', { shards: '1' })), ['g', 'g_2']);
});

test('a name that leaves no room for the number of a shard is not spread', () => {
  const group = 'x'.repeat(61);
  const all = [member('a', { group, shards: '2' }), member('b', { group })];
  assert.deepEqual(keys(...all), [group]);
  const [problem] = modelOf(group, all).problems;
  assert.match(problem?.message ?? '', /61 characters; at most 60/);
});

test('a newcomer between two shards is held, and told which hosts are where', () => {
  const bridge = member('c', {
    rules: ['a', 'b'].map((name) => rule(`${name}.example.com`, { '/c': 'front:80' })),
  });
  const model = modelOf('g', [a, b, bridge]);
  assert.deepEqual([ids(model.members), ids(model.held)], [['a'], ['c']]);
  const [problem] = model.problems;
  assert.equal(problem?.code, 'ShardConflict');
  assert.match(
    problem?.message ?? '',
    /a\.example\.com with Ingress shop\/a on g, b\.example\.com with Ingress shop\/b on g_2/,
  );
});

test('a mistake is told once, where its Ingress is at home', () => {
  const bad = member('b', { on: ['g_2'], annotations: { scheme: 'outer' } });
  assert.deepEqual(problemLines(modelOf('g', [a, bad]).problems), []);
  assert.deepEqual(problemLines(modelOf('g_2', [a, bad]).problems), ['error AnnotationInvalid shop/b']);
});

test('a change of one member concerns every shard, those that go too', () => {
  const config = coreConfig();
  const change = { kind: 'Ingress', before: a, after: member('a', { on: ['g'], shards: '1' }) } as const;
  assert.deepEqual(keysForChange(change, cluster([change.after, b]), config), ['g', 'g_2']);
  const left = { ...change, after: member('a', { on: ['g'], group: 'h' }) };
  assert.deepEqual(keysForChange(left, cluster([left.after, b]), config), ['g', 'g_2', 'h']);
});

test('an incomplete list moves nobody', () => {
  const all = [member('a', { on: ['g'], shards: '1' }), b];
  const model = groupModel(cluster(all, { without: ['Ingress'] }), groupKey('g_2'), coreConfig());
  assert.deepEqual([ids(model.held), ids(model.leaving)], [['b'], []]);
});
