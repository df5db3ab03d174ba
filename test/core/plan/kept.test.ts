// Whose a redirect to HTTPS is that a held member may have had: it names nobody, so what else is on the listeners tells.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { policies } from '../../../src/core/domain/config.ts';
import type { DesiredGroup, DesiredListener } from '../../../src/core/domain/desired-group.ts';
import { emptyObservedGroup, type ObservedGroup } from '../../../src/core/domain/observed-group.ts';
import { redirectPlaceholders } from '../../../src/core/domain/rule.ts';
import { groupPlan } from '../../../src/core/plan/group.ts';
import { desiredGroups, groupModel } from '../../support/arbitrary-group.ts';
import { carriedOut } from '../../support/carried-out.ts';
import { coreConfig } from '../../support/core-config.ts';

type Actions = DesiredListener['defaultActions'];
type Who = 'web' | 'api';
type Port = { readonly rules: readonly Who[]; readonly defaultActions?: Actions };

const config = coreConfig({ policy: policies.none });
const notFound: Actions = [
  { kind: 'fixed-response', statusCode: '404', contentType: 'text/plain', messageBody: undefined },
];
const redirect: Actions = [
  { kind: 'redirect', ...redirectPlaceholders, protocol: 'HTTPS', port: '443', statusCode: 'HTTP_301' },
];

/** A group with rules of both on each of its listeners. */
const [sample] = fc.sample(
  desiredGroups.filter((group) => {
    const owners = group.loadBalancer?.listeners[0]?.rules.map(({ member }) => member.name) ?? [];
    return owners.includes('web') && owners.includes('api');
  }),
  { numRuns: 1, seed: 7 },
);

function group(ports: Readonly<Record<80 | 443, Port>>, held: readonly Who[] = []): DesiredGroup {
  const loadBalancer = sample?.loadBalancer;
  const [listener] = loadBalancer?.listeners ?? [];
  assert.ok(sample && loadBalancer && listener);
  const listeners = ([80, 443] as const).map((port): DesiredListener => {
    const { rules, defaultActions = notFound } = ports[port];
    return {
      ...listener,
      id: `listener-${port}` as DesiredListener['id'],
      port,
      defaultActions,
      rules: listener.rules.filter(({ member }) => rules.some((who) => who === member.name)),
    };
  });
  return { ...sample, model: groupModel(held), loadBalancer: { ...loadBalancer, listeners } };
}

function plan(desired: DesiredGroup, observed: ObservedGroup) {
  const input = { desired, observed, config, previous: undefined, complete: true, quotas: [] };
  return groupPlan({ ...input, knownIds: new Map() }).operations;
}

/** The listeners whose default action changes when `web` is held, and `api` has rules on port 80 and wants no redirect. */
function changed(before: Readonly<Record<80 | 443, Port>>): readonly string[] {
  const nothing = emptyObservedGroup(group(before).key);
  const observed = carriedOut(nothing, plan(group(before), nothing));
  const after = group({ 80: { rules: ['api'] }, 443: { rules: [] } }, ['web']);
  return plan(after, observed).flatMap(({ kind, subject }) => (kind === 'modifyListener' ? [subject] : []));
}

const backendOf = (who: Who): Actions => {
  const rules = sample?.loadBalancer?.listeners[0]?.rules ?? [];
  return rules.find(({ member }) => member.name === who)?.actions ?? [];
};

test('Ask 2.2: the redirect to HTTPS of a held member stays, by its rules or its default backend behind it', () => {
  assert.deepEqual(
    changed({ 80: { rules: [], defaultActions: redirect }, 443: { rules: ['web', 'api'] } }),
    [],
  );
  const defaultActions = backendOf('web');
  assert.deepEqual(
    changed({ 80: { rules: [], defaultActions: redirect }, 443: { rules: [], defaultActions } }),
    [],
  );
});

test('Ask 2.2: the redirect of a neighbour goes with its wish, whatever rules a held member has on the same port', () => {
  for (const rules of [[], ['web']] as const)
    assert.deepEqual(
      changed({ 80: { rules: ['web'], defaultActions: redirect }, 443: { rules: [...rules, 'api'] } }),
      ['listener-80'],
    );
  assert.deepEqual(changed({ 80: { rules: [], defaultActions: redirect }, 443: { rules: ['api'] } }), [
    'listener-80',
  ]);
});
