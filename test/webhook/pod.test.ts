import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ingress, Service, TargetGroupBinding } from '../../src/core/domain/cluster.ts';
import { policies } from '../../src/core/domain/config.ts';
import { snapshotOf } from '../../src/core/domain/snapshot.ts';
import { gatedPod } from '../../src/webhook/pod.ts';
import { gateFinder, type NewPod } from '../../src/webhook/wanted-gates.ts';
import {
  ingress,
  ingressClass,
  type IngressWords,
  meta,
  rule,
  service,
  targetGroupBinding,
} from '../support/builders.ts';
import { coreConfig } from '../support/core-config.ts';

const status = [{ hostname: 'site.elb.amazonaws.com', ports: [80] }];
const ip = { 'target-type': 'ip' };

function deployed(id: string, words: IngressWords = {}): Ingress {
  return { ...ingress(id, { annotations: ip, ...words }), status };
}
const front: Service = service('web/front', { selector: { app: 'front' } });
const back: Service = service('web/back', { selector: { app: 'back' } });
const pod = (labels: NewPod['labels'], namespace = 'web'): NewPod => ({ namespace, labels });

function gates(given: NewPod, ...ingresses: readonly Ingress[]): readonly string[] {
  const others = [
    service('web/none', { selector: {} }),
    service('other/front', { selector: { app: 'front' } }),
  ];
  const find = gateFinder(coreConfig());
  return find(given, snapshotOf([ingressClass(), front, back, ...others, ...ingresses])).types;
}

test('TGB-20: a pod gets one gate for each target group with pod addresses whose Service selects it', () => {
  const site = deployed('web/site');
  const api = deployed('web/api', { rules: [rule('', { '/': 'back:80' })] });
  const both = deployed('web/both', {
    rules: [rule('', { '/': 'front:80', '/api': 'back:80' })],
    annotations: { ...ip, 'group.name': 'shared' },
  });
  const one = gates(pod({ app: 'front', more: 'x' }), site, api);
  assert.equal(one.length, 1);
  assert.match(one[0] ?? '', /^target-health\.elbv2\.k8s\.aws\/k8s-web-front-[0-9a-f]{10}$/);
  assert.equal(gates(pod({ app: 'front' }), site, both).length, 2);
  assert.deepEqual(gates(pod({ app: 'third' }), site, both), []);
  assert.deepEqual(gates(pod({}), site, both), []);
  assert.deepEqual(gates(pod({ app: 'front' }, 'other'), site, both), []);
});

test('TGB-20: node ports, Ingresses of others, mistakes and Ingresses without a load balancer gate nobody', () => {
  const labels = pod({ app: 'front' });
  assert.deepEqual(gates(labels, deployed('web/site', { annotations: {} })), []);
  assert.deepEqual(gates(labels, deployed('web/site', { className: 'nginx' })), []);
  assert.deepEqual(gates(labels, deployed('web/site', { annotations: { ...ip, scheme: 'x' } })), []);
  assert.deepEqual(gates(labels, ingress('web/site', { annotations: ip })), []);
});

test('TGB-20: bindings of users with pod addresses gate the pods of their Service once they were served', () => {
  const served = { targetType: 'ip', observedGeneration: 1 };
  const gatesOf = (overrides: Partial<TargetGroupBinding>, policy = policies.none): readonly string[] => {
    const binding = targetGroupBinding('web/mine', { ...served, ...overrides });
    const find = gateFinder(coreConfig({ policy }));
    return find(pod({ app: 'front' }), snapshotOf([front, back, binding])).types;
  };
  const gate = ['target-health.elbv2.k8s.aws/mine'];
  assert.deepEqual(gatesOf({}), gate);
  assert.deepEqual(gatesOf({ observedGeneration: 0 }), []);
  assert.deepEqual(gatesOf({ observedGeneration: 0 }, policies.albc), gate);
  const labels = { 'service.k8s.aws/stack-name': 'x' };
  for (const nobodys of [
    { targetType: 'instance' },
    { targetType: undefined },
    { service: { name: 'back', port: { kind: 'number', number: 80 } } },
    { meta: meta('TargetGroupBinding', 'other/mine') },
    { meta: meta('TargetGroupBinding', 'web/mine', { labels }) },
    { meta: meta('TargetGroupBinding', 'web/mine', { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
  ] as const)
    assert.deepEqual(gatesOf(nobodys), [], JSON.stringify(nobodys));
});

test('TGB-20: a forward action gates the pods of its Services', () => {
  const groups = [
    { serviceName: 'front', servicePort: 80, weight: 1 },
    { serviceName: 'back', servicePort: 80, weight: 1 },
  ];
  const action = JSON.stringify({ type: 'forward', forwardConfig: { targetGroups: groups } });
  const site = deployed('web/site', {
    annotations: { ...ip, 'actions.split': action },
    rules: [rule('', { '/': 'split:use-annotation' })],
  });
  assert.equal(gates(pod({ app: 'back' }), site).length, 1);
});

const gate = 'target-health.elbv2.k8s.aws/k8s-web-front-0123456789';
const wanting = () => ({ types: [gate], without: [] });
const conditions = (...types: readonly string[]) => types.map((conditionType) => ({ conditionType }));
const patchOf = (spec: object, wanted = wanting) => {
  const verdict = gatedPod({ metadata: { labels: {} }, spec }, 'web', wanted);
  return verdict.allowed ? verdict.patch : undefined;
};
const path = '/spec/readinessGates';

test('TGB-20: gates are added, those of others stay, legacy ones of ALBC go', () => {
  assert.deepEqual(patchOf({}), [{ op: 'add', path, value: conditions(gate) }]);
  assert.deepEqual(patchOf({ readinessGates: conditions('mine.example.com/x') }), [
    { op: 'replace', path, value: conditions('mine.example.com/x', gate) },
  ]);
  const legacy = 'target-health.alb.ingress.k8s.aws/old';
  assert.deepEqual(patchOf({ readinessGates: conditions(legacy) }), [
    { op: 'replace', path, value: conditions(gate) },
  ]);
  assert.equal(patchOf({ readinessGates: conditions(gate) }), undefined);
  assert.equal(
    patchOf({ readinessGates: conditions(legacy) }, () => ({ types: [], without: [] })),
    undefined,
  );
});

test('TGB-20: the namespace is that of the request, and what is no pod is left alone', () => {
  const asked: NewPod[] = [];
  const ask = (given: NewPod) => {
    asked.push(given);
    return { types: [], without: [] };
  };
  gatedPod({ metadata: { labels: { app: 'front' } }, spec: {} }, 'web', ask);
  for (const object of [undefined, 'x', {}, { spec: 1 }, { spec: { readinessGates: [1] } }]) {
    assert.deepEqual(gatedPod(object, 'web', wanting), { allowed: true });
  }
  assert.deepEqual(asked, [pod({ app: 'front' })]);
});

test('TGB-20: what is known of a group is forgotten when one of its objects changes', () => {
  const find = gateFinder(coreConfig());
  const snapshot = snapshotOf([ingressClass(), front, deployed('web/site')]);
  const labels = pod({ app: 'front' });
  assert.equal(find(labels, snapshot).types.length, 1);
  assert.equal(find(labels, { ...snapshot, endpointSlices: new Map() }).types.length, 1);
  assert.deepEqual(
    find(labels, snapshotOf([ingressClass(), front, deployed('web/site', { annotations: {} })])).types,
    [],
  );
});

test('Ask 17.4: a pod that gets no gate says why, beside what it says already', () => {
  const why = (ingressOf: Ingress, policy = policies.none): readonly string[] =>
    gateFinder(coreConfig({ policy }))(
      pod({ app: 'front' }),
      snapshotOf([ingressClass(), front, back, ingressOf]),
    ).without;
  assert.deepEqual(why(deployed('web/site')), []);
  assert.deepEqual(why(ingress('web/site', { annotations: ip })), [
    'Ingress web/site has no load balancer yet',
  ]);
  assert.deepEqual(why(deployed('web/site', { annotations: {} })), [
    'Ingress web/site sends to node ports (target-type instance)',
  ]);
  assert.deepEqual(
    why(deployed('web/site', { annotations: { ...ip, 'albatross.dev/target-overflow': 'node-port' } })),
    ['Ingress web/site may send to node ports (albatross.dev/target-overflow: node-port)'],
  );
  assert.deepEqual(why(deployed('web/site', { annotations: { ...ip, scheme: 'x' } })), [
    'Ingress web/site is not served as it stands: see its events',
  ]);
  assert.deepEqual(why(deployed('web/site', { className: 'nginx' })), []);
  assert.deepEqual(why(ingress('web/site', { annotations: ip }), policies.albc), []);
  const told = (metadata: object) => {
    const wanted = () => ({ types: [], without: ['a', 'b'] });
    const verdict = gatedPod({ metadata, spec: {} }, 'web', wanted);
    return verdict.allowed ? verdict.patch : undefined;
  };
  const name = 'albatross.dev/no-readiness-gate';
  assert.deepEqual(told({}), [{ op: 'add', path: '/metadata/annotations', value: { [name]: 'a; b' } }]);
  assert.deepEqual(told({ annotations: { x: 'y' } }), [
    { op: 'add', path: '/metadata/annotations/albatross.dev~1no-readiness-gate', value: 'a; b' },
  ]);
});
