// Ask 23: a load balancer is let go, and goes on answering.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseAnnotation } from '../../src/core/model/release.ts';
import { type LocalController, withController } from '../support/local-controller.ts';
import { ingress, services, yaml } from './manifests.ts';

const release = { [releaseAnnotation]: 'true' };
const member = (name: string, more: Record<string, string> = {}): object =>
  ingress(name, {
    annotations: { 'group.name': 'one', 'target-type': 'instance', ...more },
    rules: [[`${name}.example.com`, '/', 'web']],
  });

const state = ({ world: { aws } }: LocalController): string =>
  JSON.stringify([
    ...aws.state.loadBalancers.values(),
    ...aws.state.listeners.values(),
    ...aws.state.rules.values(),
  ]);
const openings = ({ world }: LocalController): number =>
  [...(world.aws.state.securityGroups.get(world.id('sg/nodes'))?.rules.values() ?? [])].filter(
    ({ egress }) => !egress,
  ).length;
const tags = ({ world: { aws } }: LocalController): readonly string[] => {
  const groups = [...aws.state.securityGroups.values()].filter(({ name }) => name.includes('-one-'));
  const all = [
    ...aws.state.loadBalancers.keys(),
    ...aws.state.targetGroups.keys(),
    ...groups.map(({ id }) => id),
  ];
  return all.flatMap((id) => [...(aws.state.tags.get(id)?.current.keys() ?? [])]);
};

for (const [what, flags] of [
  ['with the shared backend security group', {}],
  ['without a shared backend security group', { 'enable-backend-security-group': 'false' }],
] as const) {
  test(`Ask 23.3, trap 4: a released load balancer stays, is nobody's, and answers ${what}`, () =>
    withController(
      { flags, before: yaml(...services('shop', 'web'), member('a'), member('b')) },
      async (local) => {
        await local.rest();
        const before = state(local);
        const open = openings(local);
        assert.ok(open > 0);

        await local.apply(yaml(member('a', release)));
        assert.match(
          local.events('Ingress', 'shop/a').join('\n'),
          /ReleaseHeld: .*shop\/b of the same group does not/,
        );
        assert.equal(state(local), before);
        assert.notDeepEqual(tags(local), []);

        await local.apply(yaml(member('b', release)));
        assert.equal(state(local), before);
        assert.deepEqual(tags(local), []);
        assert.match(local.events('Ingress', 'shop/b').join('\n'), /Released: load-balancer\/k8s-one-/);
        assert.deepEqual(local.ingress('shop', 'a')?.metadata.finalizers ?? [], []);

        // Nobody takes it for a leftover, neither this process nor the next one, nor when the Ingresses go.
        local.writes();
        await local.controller.audit();
        await local.rest();
        await local.restart({ flags });
        await local.controller.audit();
        await local.rest();
        await local.remove(yaml(member('a'), member('b')));
        await local.controller.audit();
        await local.rest();
        assert.deepEqual(local.writes(), []);
        assert.equal(state(local), before);
        assert.equal(openings(local), open);
        assert.equal((await local.request('http://a.example.com/')).status, 200);
      },
    ));
}
