import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../../../src/core/domain/plan.ts';
import { oneByOne, splitAtTargets } from '../../../src/core/plan/one-by-one.ts';
import { nothingObserved } from '../desired/models.ts';

const step = (kind: string, subject: string, ...dependsOn: readonly string[]) => ({
  kind,
  id: `${kind} ${subject}`,
  subject,
  dependsOn,
});
const listener = (port: number, loadBalancer: unknown, ...dependsOn: readonly string[]) => ({
  ...step('createListener', `l/${port}`, ...dependsOn),
  loadBalancer,
  spec: { port },
});

function ordered(...operations: readonly object[]): Plan['operations'] {
  const plan = { key: nothingObserved.key, operations, held: [], problems: [], foreign: [] };
  return oneByOne(plan as unknown as Plan).operations;
}

const lines = (operations: Plan['operations']): readonly string[] =>
  operations.map(({ id, dependsOn }) => `${id} after ${dependsOn.join(', ')}`);

const made = { ref: 'lb', attribute: 'arn' };

test('OPS-20: as ALBC, a new load balancer has its listeners by port, then rules, and targets last, each after all before it', () => {
  const operations = ordered(
    step('createTargetGroup', 't'),
    step('registerTargets', 't', 'createTargetGroup t'),
    step('createLoadBalancer', 'lb'),
    listener(443, made, 'createLoadBalancer lb', 'registerTargets t'),
    step('createRule', 'r/443', 'createListener l/443', 'registerTargets t'),
    listener(80, made, 'createLoadBalancer lb', 'createListener l/443', 'createRule r/443'),
    step('associateWebAcl', 'lb', 'createLoadBalancer lb'),
    step('createSecurityGroup', 'g'),
  );
  assert.deepEqual(lines(operations), [
    'createSecurityGroup g after ',
    'createTargetGroup t after createSecurityGroup g',
    'createLoadBalancer lb after createTargetGroup t',
    'createListener l/80 after createLoadBalancer lb',
    'createListener l/443 after createLoadBalancer lb, createListener l/80',
    'createRule r/443 after createListener l/443',
    'registerTargets t after createTargetGroup t, createRule r/443',
    'associateWebAcl lb after createLoadBalancer lb, registerTargets t',
  ]);
  const [before, from] = splitAtTargets(operations);
  assert.deepEqual(
    [before.at(-1)?.kind, from.map(({ kind }) => kind)],
    ['createRule', ['registerTargets', 'associateWebAcl']],
  );
});

test('trap 1: traffic that moves still waits for healthy targets, and nothing else waits for them', () => {
  const operations = ordered(
    step('createTargetGroup', 't'),
    step('registerTargets', 't', 'createTargetGroup t'),
    step('awaitHealthyTargets', 't', 'registerTargets t'),
    step('modifyRule', 'r', 'awaitHealthyTargets t'),
    step('modifyListenerAttributes', 'l'),
    step('deleteTargetGroup', 'old', 'modifyRule r'),
  );
  assert.deepEqual(lines(operations), [
    'createTargetGroup t after ',
    'modifyListenerAttributes l after createTargetGroup t',
    'registerTargets t after createTargetGroup t, modifyListenerAttributes l',
    'awaitHealthyTargets t after registerTargets t',
    'modifyRule r after awaitHealthyTargets t, registerTargets t',
    'deleteTargetGroup old after modifyRule r, registerTargets t',
  ]);
});

test('RUL-15: new listeners of a load balancer that has been there come by port, and before others change', () => {
  const operations = ordered(
    listener(443, 'arn:lb'),
    listener(80, 'arn:lb', 'createListener l/443'),
    step('modifyListener', 'l/8080', 'createListener l/443'),
  );
  assert.deepEqual(
    operations.map(({ subject }) => String(subject)),
    ['l/80', 'l/443', 'l/8080'],
  );
});
