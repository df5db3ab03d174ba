import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DriftMode } from '../../../src/core/domain/drift.ts';
import type { TargetGroupArn } from '../../../src/core/domain/ids.ts';
import type { DesiredTarget, ObservedTarget } from '../../../src/core/domain/target.ts';
import {
  type ByHand,
  foreignTargetsNote,
  type HandInput,
  handsSeen,
  nothingByHand,
  textOf,
} from '../../../src/core/targets/by-hand.ts';
import { ref } from '../desired/models.ts';

const wanted = (id: string, uid = `uid-${id}`): DesiredTarget => ({
  id,
  port: 80,
  availabilityZone: undefined,
  object: { kind: 'Pod', id: `web/${id}` as DesiredTarget['object']['id'], uid },
});
const present = (id: string, state: ObservedTarget['state'] = 'healthy'): ObservedTarget => ({
  id,
  port: 80,
  availabilityZone: undefined,
  state,
  reason: '',
  description: '',
});
const about = { name: 'k8s-web', arn: 'arn:tg' as TargetGroupArn, object: ref('web/site') };

type Look = Partial<HandInput> & { readonly mode?: DriftMode };

function look(
  before: ByHand,
  desired: readonly DesiredTarget[],
  observed: readonly ObservedTarget[],
  { mode = 'report', ...more }: Look = {},
) {
  const input: HandInput = {
    before,
    isReading: true,
    noted: '',
    foreign: 'keep',
    modes: { otherwise: mode, fields: {} },
    resting: new Map(),
    ...more,
  };
  return handsSeen(input, { ...about, desired, observed });
}

const both = [wanted('a'), wanted('b')];
const settled = look(nothingByHand, both, [present('a'), present('b')]).next;

for (const [mode, left] of [
  ['report', ['a 80']],
  ['ignore', ['a 80']],
  ['repair', []],
] as const)
  test(`Ask 12.2, Ask 12.6: a target that somebody took out: ${mode}`, () => {
    const { drift, withheld } = look(settled, both, [present('a', 'draining'), present('b')], { mode });
    assert.deepEqual(
      drift.map(({ what, wanted: should, found, field }) => [what, should, found, field]),
      [['target a:80', 'Pod web/a', '', 'targetGroup.targets']],
    );
    assert.deepEqual([...withheld], left);
  });

test('what was never seen registered is an edit, and so is another pod at the same address', () => {
  assert.deepEqual(look(settled, [...both, wanted('c')], [present('a'), present('b')]).drift, []);
  assert.deepEqual(look(settled, [wanted('a', 'another'), wanted('b')], [present('b')]).drift, []);
});

test('a pod that was not wanted for a while was taken out by nobody', () => {
  const without = look(settled, [wanted('b')], [present('a'), present('b')], { isReading: false }).next;
  assert.deepEqual(look(without, both, [present('a', 'draining'), present('b')]).drift, []);
});

test('the last targets of a target group are put back in every mode', () => {
  const { drift, withheld } = look(settled, both, []);
  assert.deepEqual([...withheld], []);
  assert.deepEqual(new Set(drift.map(({ mode }) => mode)), new Set(['repair']));
});

test('it stays left out between two readings, and until it is there again', () => {
  const first = look(settled, both, [present('b')]).next;
  const later = look(first, both, [present('b')], { isReading: false });
  assert.deepEqual([...later.withheld], ['a 80']);
  assert.deepEqual(look(later.next, both, [present('a'), present('b')]).drift, []);
});

test('a target that flaps rests', () => {
  const path = look(settled, both, [present('b')]).drift[0]?.path ?? '';
  const rest = { count: 4, until: 1, forMs: 1 };
  const { drift, withheld } = look(settled, both, [present('b')], {
    mode: 'repair',
    resting: new Map([[path, rest]]),
  });
  assert.deepEqual([drift[0]?.rests, [...withheld]], [rest, ['a 80']]);
});

test('Trap 12, Ask 5.2: what appears between two readings and nobody wanted is others’, until somebody wants it', () => {
  const seen = look(settled, both, [present('a'), present('b'), present('x')]).next;
  assert.deepEqual([...seen.foreign], ['x 80']);
  const wantedNow = look(seen, [...both, wanted('x')], [present('a'), present('b'), present('x')]).next;
  assert.deepEqual([...wantedNow.foreign], []);
  const leftAgain = look(wantedNow, both, [present('a'), present('b'), present('x')]).next;
  assert.deepEqual([...leftAgain.foreign], [], 'a pod of ours had it, so it is ours to take out');
});

test('a target that this cluster took out and that comes back in a reading is its own', () => {
  const one = look(settled, [wanted('b')], [present('a', 'draining'), present('b')]).next;
  assert.deepEqual([...look(one, [wanted('b')], [present('a'), present('b')]).next.foreign], []);
});

test('at the first look everything is ours but for what the tag says', () => {
  const observed = [present('a'), present('x'), present('2001:db8::1')];
  const noted = textOf(new Set(['2001:db8::1 80', 'gone 80']));
  assert.deepEqual([...look(nothingByHand, [], observed, { noted }).next.foreign], ['2001:db8::1 80']);
  assert.deepEqual([...look(nothingByHand, [], observed, { noted, foreign: 'remove' }).next.foreign], []);
});

test('the tag is written when it has to say something else, and holds what fits', () => {
  assert.deepEqual(foreignTargetsNote(new Set(['x 80']), { ...about, noted: 'x:80' }), []);
  const [add] = foreignTargetsNote(new Set(['y 80', 'x 80']), { ...about, noted: '' });
  assert.deepEqual(add?.add, { 'albatross.dev/foreign-targets': 'x:80 y:80' });
  const [remove] = foreignTargetsNote(new Set(), { ...about, noted: 'x:80' });
  assert.deepEqual(remove?.remove, ['albatross.dev/foreign-targets']);
  const many = new Set(Array.from({ length: 40 }, (_, index) => `10.0.0.${100 + index} 8080`));
  assert.ok(textOf(many).length <= 256 && textOf(many).split(' ').length > 10);
});
