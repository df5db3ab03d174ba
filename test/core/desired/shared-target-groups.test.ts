import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies } from '../../../src/core/domain/config.ts';
import type { GroupModel } from '../../../src/core/domain/group-model.ts';
import type { ObservedGroup } from '../../../src/core/domain/observed-group.ts';
import { targetGroupName } from '../../../src/core/desired/names.ts';
import { withSharedTargetGroups } from '../../../src/core/desired/shared-target-groups.ts';
import { coreConfig } from '../../support/core-config.ts';
import { listener, member, model, nothingObserved, ref, rule, targetGroup } from './models.ts';

const ids = ['web/a', 'web/b', 'web/c'];
const intents = ids.map((id) => targetGroup({ id: `${id}-front:80`, member: ref(id) }));
const forwardTo = (id: string) =>
  [
    {
      kind: 'forward',
      targetGroups: [{ targetGroup: { kind: 'managed', id }, weight: 1 }],
      stickinessSeconds: undefined,
    },
  ] as const;

const group = (targetGroups = intents): GroupModel =>
  model({
    members: ids.map(member),
    targetGroups,
    listeners: [
      listener(80, {
        rules: ids.map((id) =>
          rule(id, `${id.slice(4)}.example.com`, { actions: forwardTo(`${id}-front:80`) }),
        ),
      }),
    ],
  });

const config = coreConfig();
const live = (...at: readonly number[]): ObservedGroup => ({
  ...nothingObserved,
  targetGroups: at.map((index) => ({
    name: targetGroupName(config.clusterName, group().key, intents[index] ?? targetGroup()),
    tags: {},
  })) as unknown as ObservedGroup['targetGroups'],
});

/** Where the rules of a, b and c lead, by member. */
function leads(limit: number, observed = nothingObserved, of = group(), words = config): string {
  const quotas = [{ name: 'target-groups-per-application-load-balancer', limit, source: 'api' } as const];
  const shared = withSharedTargetGroups(of, { observed, quotas, config: words });
  const used = (shared.listeners[0]?.rules ?? []).map(({ actions }) => {
    const [action] = actions;
    const ref = action?.kind === 'forward' ? action.targetGroups[0]?.targetGroup : undefined;
    return ref?.kind === 'managed' ? ref.id.charAt(4) : '';
  });
  assert.deepEqual(
    shared.targetGroups.map(({ id }) => id.charAt(4)).toSorted(),
    [...new Set(used)].toSorted(),
  );
  return used.join('');
}

test('Ask 1.4: as many target groups are shared as are too many, and none while there is room', () => {
  assert.equal(leads(3), 'abc');
  assert.equal(leads(2), 'aac');
  assert.equal(leads(1), 'aaa');
});

test('Ask 1.4, trap 27: a live target group gives way last', () => {
  assert.equal(leads(2, live(1, 2)), 'bbc');
  assert.equal(leads(1, live(2)), 'ccc');
  assert.equal(leads(3, live(0)), 'abc');
});

test('Ask 1.4: another health check, Service or tag is another target group, and ALBC shares none', () => {
  const [a, b, c] = intents as [(typeof intents)[0], (typeof intents)[0], (typeof intents)[0]];
  const different = [
    { ...b, healthCheck: { ...b.healthCheck, path: '/health' } },
    { ...b, service: { ...b.service, uid: 'other' } },
    { ...b, tags: { team: 'b' } },
  ];
  for (const other of different) assert.equal(leads(1, nothingObserved, group([a, other, c])), 'aba');
  assert.equal(leads(1, nothingObserved, group(), coreConfig({ policy: policies.albc })), 'abc');
});
