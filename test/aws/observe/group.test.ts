import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SecurityGroupId, TargetGroupArn } from '../../../src/core/domain/ids.ts';
import { isKind } from '../../../src/aws/errors.ts';
import { type ObservationDepth, onlyDescribed } from '../../../src/core/domain/observation.ts';
import { type LocalAws, localAws } from '../local-aws.ts';
import { apply, key, notFound, openShop, type Shop, shopWorld, tagsOf } from '../shop.ts';

const addRule = (local: LocalAws, { listener }: Shop, priority: number) =>
  apply(local, 'createRule', {
    listener,
    priority,
    content: {
      conditions: [{ kind: 'path-pattern', values: [`/${priority}`], regexValues: [] }],
      actions: [notFound],
      transforms: [],
    },
    tags: tagsOf(`443:${priority}`),
  });

/** The shop with a security group of its own, and how to observe it all. */
async function shopWith(local: LocalAws, rules: number, names?: readonly string[]) {
  const shop = await openShop(local, names);
  for (let priority = 1; priority <= rules; priority += 1) await addRule(local, shop, priority);
  const { id } = await apply(local, 'createSecurityGroup', {
    name: 'k8s-shop',
    description: 'd',
    tags: tagsOf('SG'),
  });
  const resources = {
    loadBalancerArns: [shop.loadBalancer],
    targetGroupArns: shop.targetGroups,
    securityGroupIds: [id as SecurityGroupId],
    certificateArns: [],
  };
  local.account.trace.clear();
  const observe = (depth: Partial<ObservationDepth> = {}) =>
    local.settled(
      local.aws.observeGroup(key, resources, { ...onlyDescribed, ...depth }, { signal: local.signal }),
    );
  return { ...shop, resources, observe };
}

test('a group with one listener, two rules and two target groups costs six calls', async (t) => {
  const local = localAws(t, shopWorld);
  const { observe } = await shopWith(local, 2);
  const group = await observe();
  assert.deepEqual(local.account.trace.counts(), {
    DescribeLoadBalancers: 1,
    DescribeListeners: 1,
    DescribeRules: 1,
    DescribeTargetGroups: 1,
    DescribeSecurityGroups: 1,
    DescribeTags: 1,
  });
  const [loadBalancer] = group.loadBalancers;
  const [listener] = loadBalancer?.listeners ?? [];
  assert.equal(loadBalancer?.name, 'k8s-shop');
  assert.deepEqual(loadBalancer?.tags, tagsOf('LoadBalancer'));
  assert.equal(listener?.defaultCertificate, local.id('cert/app.example.com'));
  assert.deepEqual(listener?.defaultActions, [notFound]);
  assert.deepEqual(listener?.tags, tagsOf('443'));
  assert.deepEqual(
    listener?.rules.map(({ priority, tags }) => [priority, tags]),
    [
      [1, tagsOf('443:1')],
      [2, tagsOf('443:2')],
    ],
  );
  assert.deepEqual(
    group.targetGroups.map(({ name, tags }) => [name, tags]),
    ['k8s-shop-api', 'k8s-shop-web'].map((name) => [name, tagsOf(name)]),
  );
  assert.deepEqual(group.securityGroups[0]?.tags, tagsOf('SG'));
});

test('only what the depth asks for is read beyond descriptions', async (t) => {
  const local = localAws(t, shopWorld);
  const { listener, observe } = await shopWith(local, 0);
  const other = local.id('cert/other.example.com');
  await apply(local, 'addListenerCertificate', { listener, certificateArn: other });
  await apply(local, 'modifyListenerAttributes', {
    listener,
    attributes: { 'routing.http.response.server.enabled': 'false' },
  });
  const group = await observe({
    loadBalancerAttributes: true,
    capacityReservation: false,
    webAcl: false,
    classicWebAcl: false,
    shieldProtection: false,
    listenerAttributes: true,
    listenerCertificates: true,
    targetGroupAttributes: new Set(['k8s-shop-api']),
  });
  const [loadBalancer] = group.loadBalancers;
  const [observed] = loadBalancer?.listeners ?? [];
  assert.equal(loadBalancer?.attributes?.['idle_timeout.timeout_seconds'], '60');
  assert.equal(observed?.attributes?.['routing.http.response.server.enabled'], 'false');
  assert.deepEqual(observed?.certificates, [other]);
  const [api, web] = group.targetGroups;
  assert.equal(api?.attributes?.['deregistration_delay.timeout_seconds'], '300');
  assert.equal(web?.attributes, undefined);
});

test('every page is read', async (t) => {
  const local = localAws(t, {
    ...shopWorld,
    knobs: { quotas: { 'rules-per-application-load-balancer': 1000 } },
  });
  const { observe, listener } = await shopWith(local, 0);
  for (let Priority = 1; Priority <= 401; Priority += 1) {
    const FixedResponseConfig = { StatusCode: '404', ContentType: 'text/plain' };
    await local.account.call('elbv2', 'CreateRule', {
      ListenerArn: listener,
      Priority,
      Conditions: [{ Field: 'path-pattern', Values: ['/a'] }],
      Actions: [{ Type: 'fixed-response', FixedResponseConfig }],
    });
  }
  const group = await observe();
  assert.equal(group.loadBalancers[0]?.listeners[0]?.rules.length, 401);
  assert.equal(local.account.trace.counts()['DescribeRules'], 2);
});

test('many target groups of a load balancer are described in one call, their tags in batches of twenty', async (t) => {
  const local = localAws(t, shopWorld);
  const names = Array.from({ length: 45 }, (_, index) => `k8s-shop-${index}`);
  const { observe, targetGroups, listener } = await shopWith(local, 0, names);
  for (const [index, half] of [targetGroups.slice(0, 20), targetGroups.slice(20, 40)].entries()) {
    for (const arns of [half.slice(0, 5), half.slice(5, 10), half.slice(10, 15), half.slice(15)]) {
      const forward = { kind: 'forward', stickinessSeconds: undefined } as const;
      await apply(local, 'createRule', {
        listener,
        priority: 1 + index * 100 + half.indexOf(arns[0] as TargetGroupArn),
        content: {
          conditions: [{ kind: 'path-pattern', values: ['/a'], regexValues: [] }],
          actions: [{ ...forward, targetGroups: arns.map((targetGroup) => ({ targetGroup, weight: 1 })) }],
          transforms: [],
        },
        tags: {},
      });
    }
  }
  local.account.trace.clear();
  const group = await observe();
  assert.equal(group.targetGroups.length, 45);
  const counts = local.account.trace.counts();
  // One for the load balancer's 40, one for the five that hang on nothing.
  assert.equal(counts['DescribeTargetGroups'], 2);
  // 1 load balancer, 1 listener, 8 rules, 45 target groups.
  assert.equal(counts['DescribeTags'], 3);
});

test('a resource that is gone is missing and the others are there', async (t) => {
  const local = localAws(t, shopWorld);
  const { observe, targetGroups, resources } = await shopWith(local, 1);
  await apply(local, 'deleteTargetGroup', { targetGroup: targetGroups[0] as TargetGroupArn });
  await apply(local, 'deleteSecurityGroup', {
    securityGroup: resources.securityGroupIds[0] as SecurityGroupId,
  });
  const partly = await observe();
  assert.deepEqual(
    partly.targetGroups.map(({ arn }) => arn),
    targetGroups.slice(1),
  );
  assert.deepEqual(partly.securityGroups, []);
  assert.equal(partly.loadBalancers[0]?.listeners[0]?.rules.length, 1);
  await apply(local, 'deleteLoadBalancer', {
    loadBalancer: resources.loadBalancerArns[0] as never,
    liftProtection: false,
  });
  assert.deepEqual((await observe()).loadBalancers, []);
});

const parts = [
  'LoadBalancers',
  'Listeners',
  'Rules',
  'TargetGroups',
  'Tags',
  'SecurityGroups',
  'ListenerCertificates',
];
for (const part of parts) {
  test(`a failure to read ${part} fails the observation instead of hiding something`, async (t) => {
    const local = localAws(t, shopWorld);
    const { observe } = await shopWith(local, 1);
    local.account.faults.add({ operation: `Describe${part}`, action: { kind: 'deny' } });
    await assert.rejects(observe({ listenerCertificates: true }), (error) => isKind(error, 'denied'));
  });
}
