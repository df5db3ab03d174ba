import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '../../../src/core/domain/cluster.ts';
import type { TargetPart } from '../../../src/core/domain/group-model.ts';
import { snapshotOf } from '../../../src/core/domain/snapshot.ts';
import { type ObservedTarget, type TargetHealthState } from '../../../src/core/domain/target.ts';
import { homes } from '../../../src/core/targets/parts.ts';
import { healthLookMs, keptUntilHealthy } from '../../../src/core/targets/last-healthy.ts';
import { desiredTargets } from '../../../src/core/targets/select.ts';
import { meta, service } from '../../support/builders.ts';
import { coreConfig } from '../../support/core-config.ts';
import { targetGroup } from '../desired/models.ts';

const config = coreConfig();
const limit = 10;

type Standing = 'ready' | 'serving' | 'ended';

const endpoint = (name: string, standing: Standing): Endpoint => ({
  addresses: [`10.0.0.${name}`],
  ready: standing === 'ready',
  serving: standing !== 'ended',
  terminating: standing !== 'ready',
  nodeName: 'a',
  zone: undefined,
  pod: { namespace: 'web', name, uid: name },
});

function partOf(pods: Readonly<Record<string, Standing>>, part: TargetPart | undefined) {
  const endpoints = Object.entries(pods).map(([name, standing]) => endpoint(name, standing));
  const slice = {
    kind: 'EndpointSlice',
    meta: meta('EndpointSlice', 'web/front-1'),
    serviceName: 'front',
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints,
  } as const;
  const snapshot = snapshotOf([service('web/front'), slice]);
  const of = { service: { namespace: 'web', name: 'front', uid: 'front' }, targetType: 'ip' } as const;
  const intent = targetGroup({ ...of, ...(part === undefined ? {} : { part }) });
  return { intent, snapshot, vpc: undefined, config };
}

const part = (index: number, most = limit): TargetPart => ({ index, of: 2, parts: 2, limit: most, gate: '' });

const registered = (name: string, state: TargetHealthState): ObservedTarget => ({
  id: `10.0.0.${name}`,
  port: 8080,
  availabilityZone: undefined,
  state,
  reason: '',
  description: '',
});

const names = Array.from({ length: 9 }, (_none, index) => String(index + 1));
/** The part of two that each of nine pods is in. */
const home = homes(
  desiredTargets(
    partOf(Object.fromEntries(names.map((name) => [name, 'ready'])), undefined).intent,
    partOf(Object.fromEntries(names.map((name) => [name, 'ready'])), undefined).snapshot,
    { vpc: undefined, config },
  ).value,
  { of: 2, limit },
);
const [mine = [], others = []] = [0, 1].map((index) => names.filter((name) => home.get(name) === index));

/** All pods of the first of two end. */
const emptying = (standing: Standing = 'serving') =>
  Object.fromEntries(names.map((name) => [name, mine.includes(name) ? standing : 'ready'] as const));

function stays(
  pods: Readonly<Record<string, Standing>>,
  observed: readonly ObservedTarget[],
  of: TargetPart | 'whole' = part(0),
): readonly string[] {
  const input = partOf(pods, of === 'whole' ? undefined : of);
  const selection = desiredTargets(input.intent, input.snapshot, input);
  const { targets } = keptUntilHealthy(selection, {
    ...input,
    name: 'tg',
    object: { apiVersion: 'v1', kind: 'Ingress', namespace: 'web', name: 'site' },
    observed,
    limit: of === 'whole' ? limit : of.limit,
  });
  return targets.map(({ id }) => id.slice(7));
}

test('Ask 38.2: pods that end stay in their part of the target groups until another one is healthy there, as long as they serve', () => {
  const healthy = mine.map((name) => registered(name, 'healthy'));
  assert.ok(mine.length > 1 && others.length > 1);
  assert.deepEqual(stays(emptying(), healthy), mine);
  for (const state of ['initial', 'unhealthy'] as const)
    assert.deepEqual(stays(emptying(), [...healthy, registered(others[0] ?? '', state)]), mine);
  assert.deepEqual(stays(emptying(), [...healthy, registered(others[0] ?? '', 'healthy')]), []);
  assert.deepEqual(stays(emptying('ended'), healthy), []);
  assert.deepEqual(
    stays(
      emptying(),
      mine.map((name) => registered(name, 'unhealthy')),
    ),
    [],
  );
});

test('Ask 38.2: what was borrowed stays until a pod of its own is healthy', () => {
  const all = Object.fromEntries(names.map((name) => [name, 'ready'] as const));
  const [borrowed = ''] = others;
  const [own = ''] = mine;
  const present = registered(borrowed, 'healthy');
  assert.deepEqual(stays(all, [present]), [borrowed]);
  assert.deepEqual(stays(all, [present, registered(own, 'initial')]), [borrowed]);
  assert.deepEqual(stays(all, [present, registered(own, 'healthy')]), []);
});

test('Ask 3.1, Trap 11: pods that end stay until one of those that take their place is healthy', () => {
  const before = mine.map((name) => registered(name, 'healthy'));
  const [first = '', ...rest] = others;
  assert.deepEqual(stays(emptying(), before, 'whole'), mine);
  const initial = others.map((name) => registered(name, 'initial'));
  assert.deepEqual(stays(emptying(), [...before, ...initial], 'whole'), mine);
  assert.deepEqual(stays(emptying('ended'), [...before, ...initial], 'whole'), []);
  const one = [registered(first, 'healthy'), ...rest.map((name) => registered(name, 'initial'))];
  assert.deepEqual(stays(emptying(), [...before, ...one], 'whole'), []);
  const input = partOf(emptying(), undefined);
  assert.equal(healthLookMs([...before, ...initial], input), 2000);
  for (const nothing of [initial, one, [...before, ...one]])
    assert.equal(healthLookMs(nothing, input), undefined);
});

test('Ask 38.2: there is room for those that come, and nobody stays where nobody comes', () => {
  const healthy = mine.map((name) => registered(name, 'healthy'));
  assert.equal(stays(emptying(), healthy, part(0, 2)).length, 1);
  assert.deepEqual(stays(emptying(), healthy, part(0, 1)), []);
  const none = Object.fromEntries(names.map((name) => [name, 'serving'] as const));
  assert.deepEqual(stays(none, healthy), []);
  assert.deepEqual(stays(none, healthy, 'whole'), []);
});

test('Ask 38.2: health is looked at while none is healthy where requests go', () => {
  const input = partOf(emptying(), part(0));
  const states = (state: TargetHealthState) => others.map((name) => registered(name, state));
  assert.equal(healthLookMs([], input), 2000);
  assert.equal(healthLookMs(states('initial'), input), 2000);
  assert.equal(healthLookMs(states('unhealthy'), input), 30_000);
  assert.equal(healthLookMs(states('healthy'), input), undefined);
  assert.equal(healthLookMs(states('unused'), input), undefined);
  const none = partOf(Object.fromEntries(names.map((name) => [name, 'serving'] as const)), part(0));
  assert.equal(healthLookMs([], none), undefined);
});
