import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredGroup } from '../../../src/core/domain/desired-group.ts';
import { groupKey } from '../../../src/core/domain/ids.ts';
import { emptyObservedGroup } from '../../../src/core/domain/observed-group.ts';
import type { Plan } from '../../../src/core/domain/plan.ts';
import { untilGatedForward } from '../../../src/core/plan/gated-forwards.ts';

const nothingObserved = emptyObservedGroup(groupKey('web/site'));

test('ANN-28: with the gate off, ALBC’s listeners come new ones first, then kept ones, each by port, up to the forward', () => {
  const both = [{ kind: 'forward', targetGroups: [{}, {}] }];
  const listeners = [80, 8080, 9090].map((port) => ({
    id: `l/${port}`,
    port,
    protocol: 'HTTP',
    certificateArns: [],
    defaultActions: port === 8080 ? both : [],
  }));
  const desired = {
    model: { members: [] },
    loadBalancer: { listeners },
  } as unknown as DesiredGroup;
  const step = (kind: string, port: number) => ({
    kind,
    id: `${kind} ${port}`,
    subject: `l/${port}`,
    dependsOn: [],
  });
  const until = (present: readonly number[]): readonly string[] => {
    const operations = [80, 8080, 9090].map((port) =>
      step(present.includes(port) ? 'modifyListener' : 'createListener', port),
    );
    const plan = { key: nothingObserved.key, operations, held: [], problems: [], foreign: [] };
    const loadBalancers = [{ listeners: present.map((port) => ({ port })) }];
    return untilGatedForward(plan as unknown as Plan, desired, {
      ...nothingObserved,
      loadBalancers,
    } as unknown as typeof nothingObserved).operations.map(({ id }) => id);
  };
  assert.deepEqual(until([]), ['createListener 80']);
  assert.deepEqual(until([80, 8080]), ['modifyListener 80', 'createListener 9090']);
  assert.deepEqual(until([80]), []);
  assert.deepEqual(until([8080]), ['createListener 80', 'createListener 9090']);
});
