import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodCondition } from '../../../src/core/domain/cluster.ts';
import { policies } from '../../../src/core/domain/config.ts';
import { namespacedName } from '../../../src/core/domain/ids.ts';
import type { DesiredTarget, ObservedTarget, TargetHealthState } from '../../../src/core/domain/target.ts';
import { gateFor, waitsFor } from '../../../src/core/domain/readiness-gate.ts';
import { readinessPlan, releasedPods } from '../../../src/core/readiness/conditions.ts';
import { nextLook, type Pace } from '../../../src/core/readiness/pace.ts';
import { meta } from '../../support/builders.ts';

const type = 'target-health.elbv2.k8s.aws/k8s-web-front';

function pod(name: string, status?: PodCondition['status'], gates: readonly string[] = [type]): Pod {
  const conditions = status === undefined ? [] : [{ type, status, reason: '', message: '' }];
  return {
    kind: 'Pod',
    meta: meta('Pod', `web/${name}`, { uid: `uid-${name}` }),
    ips: ['10.0.0.1'],
    nodeName: 'a',
    phase: 'Running',
    conditions,
    readinessGates: gates,
    containerPorts: [],
  };
}

const target = (name: string, id = '10.0.0.1'): DesiredTarget => ({
  id,
  port: 80,
  availabilityZone: undefined,
  object: { kind: 'Pod', id: namespacedName('web', name), uid: `uid-${name}` },
});
const seen = (state: TargetHealthState, reason = '', description = ''): ObservedTarget => ({
  id: '10.0.0.1',
  port: 80,
  availabilityZone: undefined,
  state,
  reason,
  description,
});

function plan(
  present: Pod,
  observed: readonly ObservedTarget[],
  { preset = 'none', limit = 10 }: { readonly preset?: 'none' | 'albc'; readonly limit?: number } = {},
) {
  const { patches, waiting } = readinessPlan({
    key: 'k8s-web-front',
    desired: [target(present.meta.name)],
    observed,
    pods: new Map([[namespacedName('web', present.meta.name), present]]),
    limit,
    policy: policies[preset],
  });
  const written = patches.map(({ condition }) =>
    [condition.status, condition.reason, condition.message].filter(Boolean).join(' | '),
  );
  return { patches, written, waits: waiting.length > 0 };
}

const inProgress = ['Elb.RegistrationInProgress', 'Target registration is in progress'] as const;

for (const preset of ['none', 'albc'] as const) {
  test(`TGB-21: the condition says the target's health with AWS's reason and words (${preset})`, () => {
    const table: readonly [observed: readonly ObservedTarget[], written: string, waits: boolean][] = [
      [[seen('healthy')], 'True', false],
      [[], `False | ${inProgress.join(' | ')}`, true],
      [[seen('initial', ...inProgress)], `False | ${inProgress.join(' | ')}`, true],
      [[seen('draining', 'Target.DeregistrationInProgress', 'x')], `False | ${inProgress.join(' | ')}`, true],
      [[seen('unhealthy', 'Target.Timeout', 'timed out')], 'False | Target.Timeout | timed out', true],
      [[seen('unused', 'Target.IpUnusable', 'no')], 'False | Target.IpUnusable | no', true],
      [[seen('unavailable', 'Elb.InternalError', 'no')], 'False | Elb.InternalError | no', true],
    ];
    for (const [observed, written, waits] of table) {
      const result = plan(pod('p'), observed, { preset });
      assert.deepEqual([result.written, result.waits], [[written], waits]);
    }
  });
}

test('a condition that says so already is not written again, and the moment of its change stays', () => {
  assert.deepEqual(plan(pod('p', 'True'), [seen('healthy')]).written, []);
  const [patch] = plan(pod('p', 'False'), [seen('unhealthy', 'Target.Timeout', 'late')]).patches;
  assert.equal(patch?.changesStatus, false);
  assert.equal(plan(pod('p', 'False'), [seen('healthy')]).patches[0]?.changesStatus, true);
});

test('trap 22: the condition goes to the pod that the slice means, not to a new one of its name', () => {
  const anew = { ...pod('p'), meta: { ...pod('p').meta, uid: 'another' } };
  assert.deepEqual(plan(anew, [seen('healthy')]).written, []);
  assert.equal(plan(pod('p'), [seen('healthy')]).patches[0]?.pod.uid, 'uid-p');
});

test('pods without the gate of this target group are left alone and not waited for', () => {
  for (const gates of [[], ['target-health.elbv2.k8s.aws/other'], ['example.com/ready']]) {
    const result = plan(pod('p', undefined, gates), []);
    assert.deepEqual([result.written, result.waits], [[], false]);
  }
});

test('Ask 17.2: a pod does not wait for health that cannot come, except as ALBC', () => {
  const unused = [seen('unused', 'Target.NotInUse', 'not used')];
  assert.deepEqual(plan(pod('p'), unused).written, ['True | Target.NotInUse | not used']);
  assert.deepEqual(plan(pod('p'), unused, { preset: 'albc' }).written, [
    'False | Target.NotInUse | not used',
  ]);
  const others = [{ ...seen('healthy'), id: '10.0.0.2' }];
  assert.match(plan(pod('p'), others, { limit: 1 }).written.join(''), /^True \| TargetGroupFull \| /);
  assert.match(plan(pod('p'), others, { limit: 1, preset: 'albc' }).written.join(''), /^False/);
});

test('an open gate stays open while its target is registered again, and shuts when it is unhealthy', () => {
  assert.deepEqual(plan(pod('p', 'True'), []).written, []);
  assert.deepEqual(plan(pod('p', 'True'), [seen('initial', ...inProgress)]).written, []);
  assert.match(plan(pod('p', 'True'), [], { preset: 'albc' }).written.join(''), /^False/);
  assert.match(plan(pod('p', 'True'), [seen('unhealthy', 'Target.Timeout', 'x')]).written.join(''), /^False/);
});

test('TGB-16: the gates of a target group that is gone open, on the pods of its namespace that still wait', () => {
  const pods = new Map(
    [pod('waits', 'False'), pod('open', 'True'), pod('other', undefined, ['a/b'])].map((each) => [
      namespacedName('web', each.meta.name),
      each,
    ]),
  );
  const patches = releasedPods('k8s-web-front', { pods, namespace: 'web' });
  const { condition } = patches[0] ?? {};
  assert.equal(patches.find(({ pod: { name } }) => name === 'waits')?.condition, condition);
  assert.deepEqual(condition, {
    type,
    status: 'True',
    reason: '',
    message: 'Target Group Binding is deleted',
  });
  assert.deepEqual(releasedPods('k8s-web-front', { pods, namespace: 'elsewhere' }), []);
});

test('looks become rarer while nothing changes, at most one a minute, and soon again after news', () => {
  let pace: Pace = nextLook(undefined, { waiting: ['a initial'], now: 0, looked: false });
  const gaps: number[] = [pace.at];
  for (let look = 0; look < 9; look += 1) {
    const now = pace.at;
    pace = nextLook(pace, { waiting: ['a initial'], now, looked: true });
    gaps.push(Math.round((pace.at - now) / 100) / 10);
  }
  assert.deepEqual(gaps, [1000, 5, 7.5, 11.3, 16.9, 25.3, 38, 57, 60, 60]);
  const news = nextLook(pace, { waiting: ['a initial', 'b initial'], now: pace.at - 50_000, looked: false });
  assert.equal(news.at, pace.at - 45_000);
  assert.equal(nextLook(news, { waiting: news.waiting, now: news.at - 1, looked: false }), news);
});

test("a gate means a target group, or a user's binding of the pod's namespace", () => {
  const keys = waitsFor(pod('p', undefined, [type, 'example.com/warm']));
  assert.deepEqual(keys, ['k8s-web-front', 'web/k8s-web-front']);
  assert.deepEqual(keys.map(gateFor), [type, type]);
});
