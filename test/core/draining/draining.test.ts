import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../../../src/core/domain/cluster.ts';
import type { ObservedTarget } from '../../../src/core/domain/target.ts';
import { delaySecondsOf, endingProblem } from '../../../src/core/draining/lint.ts';
import { nodeAnnotations } from '../../../src/core/draining/nodes.ts';
import { meta } from '../../support/builders.ts';

const object = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'web', name: 'site' };
const told = (delaySeconds: number, graceSeconds: number, sleepSeconds: number | undefined) =>
  endingProblem(
    { pod: 'web/p', graceSeconds, sleepSeconds },
    { name: 'k8s-web-front', object, delaySeconds },
  )?.message.replace(/^.*\): /, '');

for (const [delay, grace, sleep, message] of [
  [30, 60, 20, undefined],
  [30, 60, undefined, undefined],
  [0, 30, 0, undefined],
  [300, 30, 20, 'terminationGracePeriodSeconds is 30, 270 s less than the deregistration delay of 300 s'],
  [30, 30, 0, 'preStop sleeps 0 s, 15 s less than new requests may come for after the deregistration'],
  [10, 30, 4, 'preStop sleeps 4 s, 6 s less than new requests may come for after the deregistration'],
  [60, 45, 5, /is 45, 15 s less .*; preStop sleeps 5 s, 10 s less/],
] as const) {
  test(`Trap 26: delay ${delay} s, grace ${grace} s, preStop ${sleep ?? 'something else'}: ${message ?? 'fine'}`, () => {
    const found = told(delay, grace, sleep);
    if (message instanceof RegExp) assert.match(found ?? '', message);
    else assert.equal(found, message);
  });
}

test('the deregistration delay is the annotation’s, else the default of AWS', () => {
  assert.equal(delaySecondsOf({ 'deregistration_delay.timeout_seconds': '30' }), 30);
  assert.equal(delaySecondsOf({}), 300);
});

const leaving = [{ key: 'karpenter.sh/disrupted', value: '', effect: 'NoSchedule' }];
const node = (name: string, overrides: Partial<Node> = {}, annotation?: string): Node => ({
  kind: 'Node',
  meta: meta('Node', name, {
    annotations: annotation === undefined ? {} : { 'albatross.dev/drained': annotation },
  }),
  providerId: `aws:///us-west-2a/i-${name}`,
  ready: 'True',
  taints: [],
  unschedulable: false,
  internalIps: [],
  ...overrides,
});
const target = (id: string, state: ObservedTarget['state']): ObservedTarget => ({
  id,
  port: 30080,
  availabilityZone: undefined,
  state,
  reason: '',
  description: '',
});

test('a node that is to go is drained when no target group has it any more, and no doubt is left', () => {
  const said = (nodes: readonly Node[], targets: readonly ObservedTarget[] | undefined) =>
    nodeAnnotations(nodes, targets).map(({ node: each, drained }) => `${each.meta.name} ${drained}`);
  const going = node('a', { taints: leaving });
  assert.deepEqual(said([going, node('b')], []), ['a true']);
  assert.deepEqual(said([going], [target('i-a', 'draining')]), []);
  assert.deepEqual(said([going], [target('i-a', 'healthy')]), []);
  assert.deepEqual(said([going], undefined), []);
  const annotated = node('a', { taints: leaving }, 'then');
  assert.deepEqual(said([annotated], []), []);
  assert.deepEqual(said([annotated], undefined), []);
  assert.deepEqual(said([annotated], [target('i-a', 'initial')]), ['a false']);
  assert.deepEqual(said([node('a', {}, 'then')], undefined), ['a false']);
});
