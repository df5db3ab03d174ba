import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  backend,
  ingress,
  ingressClass,
  ingressClassParams,
  rule,
  service,
  servicePort,
} from '../../support/builders.ts';
import type { ListenerIntent } from '../../../src/core/domain/group-model.ts';
import { coreConfig } from '../../support/core-config.ts';
import { albc, albcClass, ids, modelOf, problemLines, ruleLines } from './model-of.ts';

const group = (name: string, order = '0') => ({ 'group.name': name, 'group.order': order });

const givenArns = (listener: ListenerIntent | undefined): readonly string[] =>
  (listener?.certificates ?? []).flatMap((one) => (one.kind === 'given' ? [one.arn] : []));

test('a plain Ingress asks for an internal load balancer with HTTP 80 and one rule', () => {
  const model = modelOf('shop/web', [ingress('shop/web')]);
  assert.deepEqual(model.problems, []);
  assert.deepEqual(ids(model.members), ['shop/web']);
  assert.equal(model.loadBalancer.scheme, 'internal');
  assert.deepEqual(ruleLines(model), ['app.example.com /* → shop/web-front:80']);
  const [listener] = model.listeners;
  assert.deepEqual(listener?.inboundCidrs, ['0.0.0.0/0', '::/0']);
  assert.deepEqual(listener?.defaultActions, [
    { kind: 'fixed-response', statusCode: '404', contentType: 'text/plain', messageBody: undefined },
  ]);
});

test('a target group has every setting explicit, with the defaults of ALBC', () => {
  const [found] = modelOf('shop/web', [ingress('shop/web')]).targetGroups;
  assert.ok(found);
  const { targetType, port, protocol, protocolVersion, ipAddressType, healthCheck } = found;
  assert.deepEqual(
    { targetType, port, protocol, protocolVersion, ipAddressType },
    {
      targetType: 'instance',
      port: 30080,
      protocol: 'HTTP',
      protocolVersion: 'HTTP1',
      ipAddressType: 'ipv4',
    },
  );
  assert.deepEqual(healthCheck, {
    protocol: 'HTTP',
    port: 'traffic-port',
    path: '/',
    intervalSeconds: 15,
    timeoutSeconds: 5,
    healthyThreshold: 2,
    unhealthyThreshold: 2,
    successCodes: '200',
  });
});

test('annotations of a Service win over those of the Ingress, and the class over both for the target type', () => {
  const words = { annotations: { 'target-type': 'ip', 'healthcheck-path': '/ingress' } };
  const front = service('shop/front', {
    annotations: { 'target-type': 'instance', 'healthcheck-path': '/service', tags: 'a=service' },
  });
  const plain = modelOf('shop/web', [ingress('shop/web', words), front]).targetGroups[0];
  assert.equal(plain?.targetType, 'instance');
  assert.equal(plain?.healthCheck.path, '/service');
  assert.deepEqual(plain?.tags, { a: 'service' });
  const classed = modelOf('shop/web', [
    ingress('shop/web', words),
    front,
    ingressClass('alb', { parameters: 'p' }),
    ingressClassParams('p', { targetType: 'ip' }),
  ]).targetGroups[0];
  assert.equal(classed?.targetType, 'ip');
  assert.equal(classed?.port, 8080);
});

test('the port of an ip target group is the target port, or 1 where that is a name', () => {
  const named = service('shop/front', {
    type: 'ClusterIP',
    ports: [servicePort({ nodePort: undefined, targetPort: { kind: 'name', name: 'http' } })],
  });
  const model = modelOf('shop/web', [ingress('shop/web', { annotations: { 'target-type': 'ip' } }), named]);
  assert.equal(model.targetGroups[0]?.port, 1);
});

test('a health check port may be the name of a Service port', () => {
  const two = service('shop/front', {
    ports: [
      servicePort({ name: 'http' }),
      servicePort({
        name: 'admin',
        port: 9000,
        targetPort: { kind: 'number', number: 9090 },
        nodePort: 30900,
      }),
    ],
  });
  const check = (targetType: string): string | undefined =>
    modelOf('shop/web', [
      two,
      ingress('shop/web', { annotations: { 'target-type': targetType, 'healthcheck-port': 'admin' } }),
    ]).targetGroups[0]?.healthCheck.port;
  assert.equal(check('instance'), '30900');
  assert.equal(check('ip'), '9090');
});

test('members stand in order of group.order, then of namespace and name', () => {
  const member = (id: string, order: string) =>
    ingress(id, {
      annotations: group('g', order),
      rules: [rule(`${id.replace('/', '-')}.example.com`, { '/': 'front:80' })],
    });
  const model = modelOf('g', [
    member('shop/b', '0'),
    member('shop/c', '-5'),
    member('shop/a', '7'),
    member('other/z', '0'),
    service('other/front'),
  ]);
  assert.deepEqual(ids(model.members), ['shop/c', 'other/z', 'shop/b', 'shop/a']);
  assert.deepEqual(
    ruleLines(model).map((line) => line.split('.')[0]),
    ['shop-c', 'other-z', 'shop-b', 'shop-a'],
  );
});

test('Ask 2.5, trap 6: members of one age that disagree: the first in group order decides, the other is held, and both are told', () => {
  const model = modelOf('g', [
    ingress('shop/a', { annotations: { ...group('g'), scheme: 'internal' } }),
    ingress('shop/b', { annotations: { ...group('g'), scheme: 'internet-facing' } }),
    ingress('shop/c', { annotations: group('g'), rules: [rule('c.example.com', { '/': 'front:80' })] }),
  ]);
  assert.deepEqual(ids(model.members), ['shop/a', 'shop/c']);
  assert.deepEqual(ids(model.held), ['shop/b']);
  assert.equal(model.loadBalancer.scheme, 'internal');
  assert.deepEqual(problemLines(model.problems), [
    'error AnnotationConflict shop/b',
    'warning AnnotationConflict shop/a',
  ]);
  const message = model.held[0]?.problems[0]?.message ?? '';
  for (const word of ['shop/a', 'scheme', 'internet-facing', 'internal'])
    assert.ok(message.includes(word), word);
});

test('Ask 2.6: of members that disagree the older one decides; with ALBC’s policy the first in group order', () => {
  const members = [
    ingress('shop/a', {
      annotations: { ...group('g', '-1'), tags: 'team=young' },
      meta: { creationTimestamp: '2026-02-01T00:00:00Z' },
    }),
    ingress('shop/b', { annotations: { ...group('g'), tags: 'team=old' } }),
  ];
  const model = modelOf('g', members);
  assert.deepEqual([ids(model.members), ids(model.held)], [['shop/b'], ['shop/a']]);
  assert.match(model.held[0]?.problems[0]?.message ?? '', /the one that was there first decides$/);
  const { held } = modelOf('g', [...members, albcClass], albc);
  const [word] = held.find(({ id }) => id === 'shop/b')?.problems ?? [];
  assert.match(word?.message ?? '', /the first in group order decides$/);
});

test('a member that is held for its own mistake and was never served does not decide anything', () => {
  const model = modelOf('g', [
    ingress('shop/a', {
      annotations: { ...group('g'), scheme: 'internet-facing', 'healthcheck-interval-seconds': 'often' },
    }),
    ingress('shop/b', { annotations: { ...group('g'), scheme: 'internal' } }),
  ]);
  assert.deepEqual(ids(model.held), ['shop/a']);
  assert.deepEqual(ids(model.members), ['shop/b']);
  assert.deepEqual(problemLines(model.problems), ['error AnnotationInvalid shop/a']);
});

const conflicts: readonly (readonly [string, string, string])[] = [
  ['load-balancer-name', 'one', 'two'],
  ['ip-address-type', 'ipv4', 'dualstack'],
  ['subnets', 'a,b', 'a,c'],
  ['customer-owned-ipv4-pool', 'p1', 'p2'],
  ['ipam-ipv4-pool-id', 'p1', 'p2'],
  ['security-groups', 'a,b', 'b,a'],
  ['load-balancer-attributes', 'k=1', 'k=2'],
  ['minimum-load-balancer-capacity', 'CapacityUnits=1', 'CapacityUnits=2'],
  ['tags', 'k=1', 'k=2'],
  ['inbound-cidrs', '10.0.0.0/8', '10.0.0.0/9'],
  ['security-group-prefix-lists', 'pl-1', 'pl-2'],
  ['listener-attributes.HTTP-80', 'k=1', 'k=2'],
];
const agreements: readonly (readonly [string, string, string])[] = [
  ['subnets', 'a,b', 'b,a'],
  ['load-balancer-attributes', 'k=1', 'l=2,k=1'],
  ['tags', 'k=1', 'k=1,l=2'],
  ['inbound-cidrs', '10.0.0.0/8,11.0.0.0/8', '11.0.0.0/8,10.0.0.0/8'],
];

test('each setting of the whole group has one value, and each key of a merged one', () => {
  const heldWith = (key: string, first: string, second: string): readonly string[] =>
    ids(
      modelOf('g', [
        ingress('shop/a', { annotations: { ...group('g'), [key]: first } }),
        ingress('shop/b', { annotations: { ...group('g'), [key]: second } }),
      ]).held,
    );
  for (const [key, first, second] of conflicts)
    assert.deepEqual(heldWith(key, first, second), ['shop/b'], key);
  for (const [key, first, second] of agreements) assert.deepEqual(heldWith(key, first, second), [], key);
});

test('members on different ports need not agree on what belongs to a port', () => {
  const on = (id: string, port: number, cidr: string) =>
    ingress(id, {
      annotations: { ...group('g'), 'listen-ports': `[{"HTTP": ${port}}]`, 'inbound-cidrs': cidr },
      defaultBackend: 'front:80',
    });
  const model = modelOf('g', [on('shop/a', 80, '10.0.0.0/8'), on('shop/b', 81, '11.0.0.0/8')]);
  assert.deepEqual(model.held, []);
  assert.deepEqual(
    model.listeners.map(({ port, inboundCidrs }) => [port, ...inboundCidrs]),
    [
      [80, '10.0.0.0/8'],
      [81, '11.0.0.0/8'],
    ],
  );
});

test('a port has one protocol and one default backend', () => {
  const protocol = modelOf('g', [
    ingress('shop/a', { annotations: { ...group('g'), 'listen-ports': '[{"HTTP": 8443}]' } }),
    ingress('shop/b', { annotations: { ...group('g'), 'listen-ports': '[{"HTTPS": 8443}]' } }),
  ]);
  assert.deepEqual(ids(protocol.held), ['shop/b']);
  const defaults = modelOf('g', [
    ingress('shop/a', { annotations: group('g'), defaultBackend: 'front:80' }),
    ingress('shop/b', { annotations: group('g'), defaultBackend: 'front:80' }),
  ]);
  assert.deepEqual(problemLines(defaults.held[0]?.problems ?? []), ['error DefaultBackendConflict shop/b']);
});

test('ssl-redirect of one member turns every HTTP listener of the group into a redirect', () => {
  const model = modelOf('g', [
    ingress('shop/a', {
      annotations: {
        ...group('g'),
        'listen-ports': '[{"HTTP": 80}, {"HTTPS": 443}]',
        'ssl-redirect': '443',
        'certificate-arn': 'arn:1,arn:2',
      },
    }),
    ingress('shop/b', {
      annotations: { ...group('g'), 'listen-ports': '[{"HTTP": 8080}]' },
      defaultBackend: 'front:80',
    }),
  ]);
  for (const port of [80, 8080]) {
    const listener = model.listeners.find((candidate) => candidate.port === port);
    assert.deepEqual(listener?.rules, []);
    const [action] = listener?.defaultActions ?? [];
    assert.ok(action?.kind === 'redirect');
    assert.deepEqual([action.protocol, action.port, action.statusCode], ['HTTPS', '443', 'HTTP_301']);
  }
  assert.deepEqual(givenArns(model.listeners.find(({ port }) => port === 443)), ['arn:1', 'arn:2']);
});

test('a redirect to a port that nobody listens on with HTTPS holds the member that asks for it', () => {
  const model = modelOf('g', [
    ingress('shop/a', { annotations: { ...group('g'), 'ssl-redirect': '443' } }),
    ingress('shop/b', { annotations: group('g'), rules: [rule('b.example.com', { '/': 'front:80' })] }),
  ]);
  assert.deepEqual(ids(model.held), ['shop/a']);
  assert.deepEqual(ruleLines(model), ['b.example.com /* → shop/b-front:80']);
});

test('hosts are looked up for HTTPS members without certificates of their own', () => {
  const model = modelOf('g', [
    ingress('shop/a', { annotations: { ...group('g'), 'certificate-arn': 'arn:1' } }),
    ingress('shop/b', {
      annotations: { ...group('g'), 'listen-ports': '[{"HTTPS": 443}]' },
      rules: [rule('b.example.com', { '/': 'front:80' })],
      tls: [{ hosts: ['tls.example.com'], secretName: 'ignored' }],
    }),
  ]);
  const [listener] = model.listeners;
  assert.deepEqual(givenArns(listener), ['arn:1']);
  assert.deepEqual(
    listener?.discoverCertificatesFor.map(({ host }) => host),
    ['b.example.com', 'tls.example.com'],
  );
});

test('an HTTPS listener for which no certificate can be found holds its member', () => {
  const model = modelOf('shop/web', [
    ingress('shop/web', { annotations: { 'listen-ports': '[{"HTTPS": 443}]' }, defaultBackend: 'front:80' }),
  ]);
  assert.deepEqual(problemLines(model.problems), ['error CertificateNotFound shop/web']);
});

test('CLS-19 CLS-20 CLS-21 CLS-22: the class of the first member decides attributes, pool and capacity for the group', () => {
  const objects = [
    ingressClass('gold', { parameters: 'p' }),
    ingressClassParams('p', {
      loadBalancerAttributes: [{ key: 'idle_timeout.timeout_seconds', value: '30' }],
      ipamPoolId: 'pool-class',
      capacityUnits: 5,
      listeners: [{ protocol: 'HTTP', port: 80, attributes: [{ key: 'k', value: 'class' }] }],
    }),
    ingress('shop/a', { className: 'gold', annotations: group('g') }),
    ingress('shop/b', {
      annotations: {
        ...group('g'),
        'load-balancer-attributes': 'idle_timeout.timeout_seconds=60,other=1',
        'ipam-ipv4-pool-id': 'pool-b',
        'minimum-load-balancer-capacity': 'CapacityUnits=9',
        'listener-attributes.HTTP-80': 'k=b,l=b',
      },
      defaultBackend: 'front:80',
    }),
  ];
  const model = modelOf('g', objects);
  assert.deepEqual(model.held, []);
  assert.deepEqual(model.loadBalancer.attributes, { 'idle_timeout.timeout_seconds': '30', other: '1' });
  assert.equal(model.loadBalancer.ipamPoolId, 'pool-class');
  assert.equal(model.loadBalancer.capacityUnits, 5);
  assert.deepEqual(model.listeners[0]?.attributes, { k: 'class', l: 'b' });
});

test('default tags go before those of users, or behind them with the gate', () => {
  const objects = [ingress('shop/web', { annotations: { tags: 'a=user,b=user' } })];
  const tagsOf = (config: Parameters<typeof modelOf>[2]) =>
    modelOf('shop/web', objects, config).targetGroups[0]?.tags;
  const defaultTags = { a: 'flag', c: 'flag' };
  assert.deepEqual(tagsOf({ defaultTags }), { a: 'flag', b: 'user', c: 'flag' });
  const featureGates = { ...coreConfig().featureGates, EnableDefaultTagsLowPriority: true };
  assert.deepEqual(tagsOf({ defaultTags, featureGates }), { a: 'user', b: 'user', c: 'flag' });
});

test('an IPv6 Service needs a dualstack load balancer', () => {
  const six = service('shop/front', { ipFamilies: ['IPv6'] });
  const held = modelOf('shop/web', [ingress('shop/web'), six]);
  assert.deepEqual(problemLines(held.problems), ['error ServiceNotRoutable shop/web']);
  const dual = modelOf('shop/web', [
    ingress('shop/web', { annotations: { 'ip-address-type': 'dualstack' } }),
    six,
  ]);
  assert.equal(dual.targetGroups[0]?.ipAddressType, 'ipv6');
});

test('a resource backend is refused, and its neighbours are served', () => {
  const model = modelOf('g', [
    ingress('shop/a', {
      annotations: group('g'),
      rules: [
        rule('a.example.com', {
          '/': { kind: 'resource', apiGroup: 'x', resourceKind: 'Bucket', name: 'b' },
        }),
      ],
    }),
    ingress('shop/b', {
      annotations: group('g'),
      rules: [rule('b.example.com', { '/': backend('front:80') })],
    }),
  ]);
  assert.deepEqual(ids(model.held), ['shop/a']);
  assert.deepEqual(ids(model.members), ['shop/b']);
});
