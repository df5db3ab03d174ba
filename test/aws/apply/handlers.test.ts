import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateLoadBalancerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { createAws } from '../../../src/aws/aws.ts';
import { clusterUidTag } from '../../../src/core/domain/cluster-uid.ts';
import type { SecurityGroupId } from '../../../src/core/domain/ids.ts';
import { isKind } from '../../../src/aws/errors.ts';
import type { Calls } from '../../../src/aws/ports.ts';
import type { TargetGroupArn } from '../../../src/core/domain/ids.ts';
import type { Look } from '../../../src/core/domain/operation.ts';
import { clusterName, localAws, lookNothing } from '../local-aws.ts';
import {
  apply,
  key,
  loadBalancerSpec,
  notFound,
  openShop,
  operation,
  shopWorld,
  tagsOf,
  targetGroupSpec,
} from '../shop.ts';
import { onlyDescribed } from '../../../src/core/domain/observation.ts';

const content = {
  conditions: [{ kind: 'path-pattern', values: ['/a'], regexValues: [] }],
  actions: [notFound],
  transforms: [],
} as const;

test("a name that another cluster's load balancer has is a conflict that names its owner", async (t) => {
  const local = localAws(t);
  const spec = loadBalancerSpec(local, 'k8s-shop');
  const theirs = {
    ...spec,
    scheme: 'internal' as const,
    tags: { ...spec.tags, 'elbv2.k8s.aws/cluster': 'another' },
  };
  await apply(local, 'createLoadBalancer', { spec: theirs });
  await assert.rejects(
    apply(local, 'createLoadBalancer', { spec }),
    (error) =>
      isKind(error, 'conflict') &&
      /^create load balancer it: load balancer k8s-shop exists already and belongs to elbv2.k8s.aws\/cluster=another, /.test(
        error.message,
      ),
  );
});

test('a load balancer of somebody else that has the very settings of ours is not taken over', async (t) => {
  const local = localAws(t);
  const spec = loadBalancerSpec(local, 'k8s-shop');
  const theirs = await apply(local, 'createLoadBalancer', { spec: { ...spec, tags: {} } });
  await local.clock.advance(600_000);
  // AWS does not say whether tags are among the settings that it compares; this one leaves them out.
  const elbv2 = ((command: { input: object }, options) =>
    local.calls.elbv2(
      command instanceof CreateLoadBalancerCommand
        ? new CreateLoadBalancerCommand({ ...command.input, Tags: [] })
        : (command as never),
      options,
    )) as Calls['elbv2'];
  const aws = createAws({
    calls: { ...local.calls, elbv2 },
    clock: local.clock,
    vpcId: local.id('vpc'),
    clusterName,
    backendSecurityGroup: undefined,
  });
  assert.ok(theirs.arn);
  await assert.rejects(
    apply({ ...local, aws }, 'createLoadBalancer', { spec }),
    (error) => isKind(error, 'conflict') && /carries no tags of any controller/.test(error.message),
  );
});

test('a target group of ours that was left with other settings is taken over', async (t) => {
  const local = localAws(t);
  const spec = targetGroupSpec('k8s-shop-web');
  const first = await apply(local, 'createTargetGroup', { spec });
  assert.deepEqual(await apply(local, 'createTargetGroup', { spec: { ...spec, port: 8080 } }), first);
});

test('Trap 5: a target group that is in use and has another UID is not taken over, though AWS answers with it', async (t) => {
  const local = localAws(t, shopWorld);
  const { listener, targetGroups } = await openShop(local, ['k8s-shop-web']);
  const [targetGroup] = targetGroups;
  assert.ok(targetGroup);
  const actions = [
    { kind: 'forward', targetGroups: [{ targetGroup, weight: 1 }], stickinessSeconds: undefined },
  ] as const;
  await apply(local, 'createRule', { listener, priority: 1, content: { ...content, actions }, tags: {} });
  const spec = targetGroupSpec('k8s-shop-web');
  assert.equal((await apply(local, 'createTargetGroup', { spec })).arn, targetGroup);
  await apply(local, 'setTags', { resource: targetGroup, add: { [clusterUidTag]: 'one' }, remove: [] });
  const ours = { ...spec, tags: { ...spec.tags, [clusterUidTag]: 'two' } };
  await assert.rejects(
    apply(local, 'createTargetGroup', { spec: ours }),
    (error) => isKind(error, 'conflict') && /albatross.dev\/cluster-uid=one/.test(error.message),
  );
});

test('a listener of ours that was left with other settings becomes what was wanted', async (t) => {
  const local = localAws(t, shopWorld);
  const { loadBalancer } = await openShop(local);
  const spec = {
    port: 80,
    protocol: 'HTTP',
    sslPolicy: undefined,
    defaultActions: [notFound],
    certificateArn: undefined,
    mutualAuthentication: undefined,
  } as const;
  const first = await apply(local, 'createListener', { loadBalancer, spec, tags: tagsOf('80') });
  const changed = { ...spec, defaultActions: [{ ...notFound, statusCode: '503' } as never] };
  assert.deepEqual(
    await apply(local, 'createListener', { loadBalancer, spec: changed, tags: tagsOf('80') }),
    first,
  );
  const listeners = (await local.account.call('elbv2', 'DescribeListeners', {
    ListenerArns: [first.arn],
  })) as {
    Listeners: { DefaultActions: { FixedResponseConfig: { StatusCode: string } }[] }[];
  };
  assert.equal(listeners.Listeners[0]?.DefaultActions[0]?.FixedResponseConfig.StatusCode, '503');
});

test('a rule of ours with other content keeps it, and its priority is reported as taken', async (t) => {
  const local = localAws(t, shopWorld);
  const { listener } = await openShop(local);
  const rule = { listener, priority: 1, content, tags: tagsOf('443:1') };
  await apply(local, 'createRule', rule);
  const other = { ...content, actions: [{ ...notFound, statusCode: '503' } as never] };
  await assert.rejects(apply(local, 'createRule', { ...rule, content: other }), (error) =>
    isKind(error, 'alreadyExists'),
  );
});

test('a rule on a listener of the same plan waits until AWS knows the listener', async (t) => {
  const local = localAws(t, { ...shopWorld });
  const { listener } = await openShop(local);
  const look: Look = (value) => (typeof value === 'string' ? value : (listener as never));
  const step = { priority: 1, content, tags: tagsOf('443:1') };
  const fresh = operation('createRule', {
    ...step,
    listener: { ref: 'listener/443' as never, attribute: 'arn' },
  });
  const unknown = {
    operation: 'CreateRule',
    action: { kind: 'fail', status: 400, code: 'ListenerNotFound' },
  } as const;
  local.account.faults.add({ ...unknown, times: 2 });
  const { aws, settled, signal } = local;
  assert.ok((await settled(aws.handlers.createRule(fresh, look, { signal }))).arn);
  local.account.faults.add({ ...unknown, times: 1 });
  const known = operation('createRule', { ...step, priority: 2, listener });
  const refused = settled(aws.handlers.createRule(known, lookNothing, { signal }));
  await assert.rejects(refused, (error) => isKind(error, 'notFound'));
});

test('a target group is deleted once AWS has noticed that nothing uses it any more', async (t) => {
  const local = localAws(t, { ...shopWorld, knobs: { targetGroupReleaseMs: 10_000 } });
  const { listener, targetGroups } = await openShop(local);
  const [targetGroup] = targetGroups;
  assert.ok(targetGroup);
  const forward = {
    kind: 'forward',
    targetGroups: [{ targetGroup, weight: 1 }],
    stickinessSeconds: undefined,
  } as const;
  const { arn } = await apply(local, 'createRule', {
    listener,
    priority: 1,
    content: { ...content, actions: [forward] },
    tags: {},
  });
  await apply(local, 'deleteRule', { rule: arn as never });
  await apply(local, 'deleteTargetGroup', { targetGroup });
  assert.equal(local.account.state.targetGroups.has(targetGroup), false);
});

test('a security group goes when the interfaces of a deleted load balancer are gone', async (t) => {
  const local = localAws(t, { knobs: { interfaceReleaseMs: 60_000 } });
  const { id } = await apply(local, 'createSecurityGroup', { name: 'k8s-shop', description: 'd', tags: {} });
  const spec = { ...loadBalancerSpec(local, 'k8s-shop'), securityGroups: [id as never] };
  const { arn } = await apply(local, 'createLoadBalancer', { spec });
  await apply(local, 'deleteLoadBalancer', { loadBalancer: arn as never, liftProtection: false });
  await apply(local, 'deleteSecurityGroup', { securityGroup: id as never });
  assert.equal(local.account.state.securityGroups.has(id ?? ''), false);
});

test('GRP-07: deletion protection stops a deletion unless the operation lifts it', async (t) => {
  const local = localAws(t);
  const { arn } = await apply(local, 'createLoadBalancer', { spec: loadBalancerSpec(local, 'k8s-shop') });
  const loadBalancer = arn as never;
  await apply(local, 'modifyLoadBalancerAttributes', {
    loadBalancer,
    attributes: { 'deletion_protection.enabled': 'true' },
  });
  await assert.rejects(
    apply(local, 'deleteLoadBalancer', { loadBalancer, liftProtection: false }),
    /deletion protection is enabled/,
  );
  await apply(local, 'deleteLoadBalancer', { loadBalancer, liftProtection: true });
  assert.equal(local.account.state.loadBalancers.size, 0);
});

test('a security group that stays in use is refused with what uses it', async (t) => {
  const local = localAws(t);
  const { id } = await apply(local, 'createSecurityGroup', { name: 'k8s-shop', description: 'd', tags: {} });
  const spec = { ...loadBalancerSpec(local, 'k8s-shop'), securityGroups: [id as never] };
  await apply(local, 'createLoadBalancer', { spec });
  await assert.rejects(
    apply(local, 'deleteSecurityGroup', { securityGroup: id as never }),
    (error) =>
      isKind(error, 'inUse') && / is still referenced by eni-\w+ \(ELB app\/k8s-shop\//.test(error.message),
  );
});

test('Ask 6.3: a security group that a stranger refers to is refused with the rule that does it', async (t) => {
  const local = localAws(t);
  const { id } = await apply(local, 'createSecurityGroup', { name: 'k8s-shop', description: 'd', tags: {} });
  const rule = { protocol: 'tcp', fromPort: 80, toPort: 80, description: 'by hand' };
  await apply(local, 'authorizeIngress', {
    securityGroup: local.id('sg/nodes') as SecurityGroupId,
    rules: [{ ...rule, source: { kind: 'securityGroup', id: id as SecurityGroupId } }],
  });
  const words = new RegExp(
    `${id} is still referenced by rule sgr-\\w+ of sg-\\w+ \\([^)]*nodes[^)]*\\), not ours$`,
  );
  await assert.rejects(
    apply(local, 'deleteSecurityGroup', { securityGroup: id as SecurityGroupId }),
    (error) => isKind(error, 'inUse') && words.test(error.message),
  );
});

test('one rule that exists already does not keep the others out', async (t) => {
  const local = localAws(t);
  const { id } = await apply(local, 'createSecurityGroup', { name: 'k8s-shop', description: 'd', tags: {} });
  const rule = (port: number) =>
    ({
      protocol: 'tcp',
      fromPort: port,
      toPort: port,
      source: { kind: 'ipv4', cidr: '0.0.0.0/0' },
      description: 'c',
    }) as const;
  const authorize = (...ports: number[]) =>
    apply(local, 'authorizeIngress', { securityGroup: id as never, rules: ports.map(rule) });
  await authorize(80);
  assert.deepEqual(await authorize(443, 80, 8443), {
    ruleIds: ['tcp/443_443/ipv4/0.0.0.0/0', 'tcp/80_80/ipv4/0.0.0.0/0', 'tcp/8443_8443/ipv4/0.0.0.0/0'],
  });
  const resources = {
    loadBalancerArns: [],
    targetGroupArns: [],
    securityGroupIds: [id as never],
    certificateArns: [],
  };
  const observed = local.aws.observeGroup(key, resources, onlyDescribed, { signal: local.signal });
  const { securityGroups } = await local.settled(observed);
  assert.deepEqual(
    securityGroups[0]?.ingress.map(({ fromPort }) => fromPort),
    [443, 80, 8443],
  );
});

test('targets are registered two hundred at a time', async (t) => {
  const local = localAws(t);
  const { arn } = await apply(local, 'createTargetGroup', { spec: targetGroupSpec('k8s-shop-web') });
  const targets = Array.from({ length: 401 }, (_, index) => ({
    id: `10.0.96.${20 + (index % 100)}`,
    port: 8000 + index,
    availabilityZone: undefined,
  }));
  await apply(local, 'registerTargets', { targetGroup: arn as never, targets });
  assert.equal(local.account.trace.counts()['RegisterTargets'], 3);
  const observed = await local.settled(
    local.aws.observeTargets(arn as TargetGroupArn, { signal: local.signal }),
  );
  assert.deepEqual(
    observed
      .map(({ id, port, availabilityZone }) => ({ id, port, availabilityZone }))
      .toSorted((a, b) => a.port - b.port),
    targets,
  );
});

test('a target that AWS does not take keeps no other out', async (t) => {
  const local = localAws(t);
  const { arn } = await apply(local, 'createTargetGroup', { spec: targetGroupSpec('k8s-shop-web') });
  const targetGroup = arn as TargetGroupArn;
  const [a, bad, b] = ['10.0.96.20', '203.0.113.9', '10.0.96.21'].map((id) => ({
    id,
    port: 80,
    availabilityZone: undefined,
  }));
  assert.ok(a && bad && b);
  const { refusedTargets = [] } = await apply(local, 'registerTargets', {
    targetGroup,
    targets: [a, bad, b],
  });
  assert.deepEqual(
    refusedTargets.map(({ target }) => target),
    [bad],
  );
  assert.match(refusedTargets[0]?.why ?? '', /must be within the VPC/);
  const health = local.settled(local.aws.observeTargets(targetGroup, { signal: local.signal }));
  assert.deepEqual((await health).map(({ id }) => id).toSorted(), [a.id, b.id]);
  await assert.rejects(apply(local, 'registerTargets', { targetGroup, targets: [bad] }), (error) =>
    isKind(error, 'invalid'),
  );
});

test('TGB-10: where AWS does not take the zone `all`, addresses outside the VPC get the zone of their node, at once for an hour', async (t) => {
  const local = localAws(t);
  const attributes = { 'load_balancing.cross_zone.enabled': 'false' };
  const { arn } = await apply(local, 'createTargetGroup', {
    spec: { ...targetGroupSpec('k8s-shop-web'), attributes },
  });
  const targetGroup = arn as TargetGroupArn;
  await apply(local, 'modifyTargetGroupAttributes', { targetGroup, attributes });
  const outside = (last: number) => ({
    id: `192.168.0.${last}`,
    port: 80,
    availabilityZone: 'all',
    nodeZone: 'us-west-2b',
  });
  const inside = { id: '10.0.96.20', port: 80, availabilityZone: undefined };
  const calls = async (...targets: readonly (typeof inside | ReturnType<typeof outside>)[]) => {
    local.account.trace.clear();
    await apply(local, 'registerTargets', { targetGroup, targets });
    return local.account.trace.counts()['RegisterTargets'];
  };
  assert.equal(await calls(outside(1), inside), 2);
  assert.equal(await calls(outside(2)), 1);
  await local.clock.advance(61 * 60_000);
  assert.equal(await calls(outside(3)), 2);
  const registered = [...(local.account.state.targetGroups.get(targetGroup)?.targets.values() ?? [])];
  assert.deepEqual(registered.map(({ id, availabilityZone }) => `${id} ${availabilityZone}`).toSorted(), [
    '10.0.96.20 us-west-2a',
    '192.168.0.1 us-west-2b',
    '192.168.0.2 us-west-2b',
    '192.168.0.3 us-west-2b',
  ]);
  const nowhere = { ...outside(4), nodeZone: undefined };
  await assert.rejects(
    apply(local, 'registerTargets', { targetGroup, targets: [nowhere as never] }),
    (error) => isKind(error, 'invalid'),
  );
});

test('an operation that is stopped is refused as such, not a bug', async (t) => {
  const { aws, account, clock } = localAws(t, { maxAttempts: 10 });
  account.faults.add({ action: { kind: 'throttle' } });
  const stop = new AbortController();
  const step = operation('createTargetGroup', { spec: targetGroupSpec('k8s-shop-web') }, 'k8s-shop-web');
  const running = aws.handlers.createTargetGroup(step, lookNothing, { signal: stop.signal });
  const refused = assert.rejects(
    running,
    (error) =>
      isKind(error, 'unavailable') &&
      error.message === 'create target group k8s-shop-web: the controller is stopping',
  );
  while (account.trace.entries().length === 0) await clock.advance(0);
  stop.abort();
  await refused;
});
