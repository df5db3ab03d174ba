// Ask 23: a load balancer that somebody else made is taken over, and never deleted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  CreateListenerOutput,
  CreateLoadBalancerOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { planAdoption, renderAdoption } from '../../src/cli/adopt-plan.ts';
import { adoptAnnotation } from '../../src/core/domain/adoption.ts';
import { type LocalController, withController } from '../support/local-controller.ts';
import { guard, type Policy, policyOf } from '../support/iam.ts';
import { configFor } from '../cli/config-for.ts';
import { ingress, services, yaml } from './manifests.ts';

const site = (annotations: Record<string, string> = {}): object =>
  ingress('web', {
    annotations: { scheme: 'internet-facing', ...annotations },
    rules: [['web.example.com', '/', 'web']],
  });

/** A load balancer as Terraform would leave it: a listener with a rule of its own. */
async function handMade(
  { world }: LocalController,
  scheme = 'internet-facing',
  tags: Record<string, string> = {},
) {
  const call = async <T>(operation: string, input: Record<string, unknown>): Promise<T> =>
    (await world.aws.call('elbv2', operation, input)) as T;
  const made = await call<CreateLoadBalancerOutput>('CreateLoadBalancer', {
    Name: `by-hand-${scheme}`,
    Scheme: scheme,
    Subnets: [world.id('subnet/public-a'), world.id('subnet/public-b')],
    SecurityGroups: [world.id('sg/nodes')],
    ...(Object.keys(tags).length > 0 && {
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  });
  const arn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const fixed = (StatusCode: string) => [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode } }];
  const listener = await call<CreateListenerOutput>('CreateListener', {
    LoadBalancerArn: arn,
    Port: 80,
    Protocol: 'HTTP',
    DefaultActions: fixed('503'),
  });
  await call('CreateRule', {
    ListenerArn: listener.Listeners?.[0]?.ListenerArn,
    Priority: 7,
    Conditions: [{ Field: 'host-header', Values: ['old.example.com'] }],
    Actions: fixed('418'),
  });
  return arn;
}

test('Ask 23.1, Ask 23.2, trap 4: a load balancer is taken over with its name and others’ rules, and let go with its group', (t) =>
  withController({ before: yaml(...services('shop', 'web')) }, async (local) => {
    const { world } = local;
    const arn = await handMade(local);
    await local.rest();
    local.writes();
    await local.controller.stop();
    world.kube.store.apply([site()]);
    const { signal } = new AbortController();
    const where = { arn, namespace: 'shop', name: 'web', signal };
    const shown = renderAdoption(await planAdoption(configFor(t, world), where));
    assert.deepEqual(local.writes(), []);
    for (const words of [
      /~ set tags /,
      /~ modify listener .*\/80/,
      /\+ create rule /,
      /not ours, left alone: rule 7 of listener 80/,
      /security-groups: sg-/,
      /annotate ingress web albatross.dev\/adopt=arn/,
    ])
      assert.match(shown, words);
    assert.doesNotMatch(shown, /create load balancer|delete/);

    world.kube.store.apply([site({ [adoptAnnotation]: arn })]);
    await local.restart();
    await local.rest();
    assert.equal(world.aws.state.loadBalancers.size, 1);
    assert.equal((await local.request('http://web.example.com/')).status, 200);
    assert.equal((await local.request('http://old.example.com/')).status, 418);
    assert.match(JSON.stringify(local.ingress('shop', 'web')?.['status']), /by-hand-internet-facing/);

    // At rest, after an audit, and in another process there is nothing to do, with the annotation or without.
    local.writes();
    await local.controller.audit();
    await local.rest();
    await local.restart();
    await local.rest();
    await local.apply(yaml(site()));
    assert.deepEqual(local.writes(), []);

    await local.remove(yaml(site()));
    await local.controller.audit();
    await local.rest();
    assert.ok(!local.writes().includes('DeleteLoadBalancer'));
    assert.equal(world.aws.state.loadBalancers.size, 1);
    assert.equal(world.aws.state.targetGroups.size, 0);
    assert.equal(local.ingress('shop', 'web'), undefined);
    assert.equal((await local.request('http://old.example.com/')).status, 418);
  }));

test('Ask 23.1: what is no load balancer of this VPC and scheme, or another’s, is refused, and nothing is made instead', () =>
  withController({ before: yaml(...services('shop', 'web')) }, async (local) => {
    const { world } = local;
    const internal = await handMade(local, 'internal');
    const theirs = await handMade(local, 'internet-facing', { 'elbv2.k8s.aws/cluster': 'another' });
    await local.rest();
    for (const [arn, why] of [
      ['shop', /is no ARN of an application load balancer/],
      [internal, /it is internal, and the group asks for internet-facing/],
      [theirs, /it belongs to cluster another/],
      [`${theirs.slice(0, -4)}0000`, /AWS has no such load balancer/],
    ] as const) {
      local.writes();
      await local.apply(yaml(site({ [adoptAnnotation]: arn })));
      assert.deepEqual(local.writes(), []);
      assert.match(local.events('Ingress', 'shop/web').join('\n'), why);
    }
    // What could not be taken over is nobody's to delete, with or without a word.
    await local.apply(yaml(site({ [adoptAnnotation]: theirs })));
    await local.remove(yaml(site()));
    await local.controller.audit();
    await local.rest();
    assert.deepEqual(local.writes(), []);
    assert.equal(local.ingress('shop', 'web'), undefined);
    assert.equal(world.aws.state.loadBalancers.size, 2);
  }));

test('OPS-19: taking over needs one permission beside those of the policies, which is iam/policy-adopt.json; without it nothing is changed and the refusal is told', (t) =>
  withController({ before: yaml(...services('shop', 'web')) }, async (local) => {
    const { world } = local;
    const arn = await handMade(local);
    await local.rest();
    await local.controller.stop();
    world.kube.store.apply([site({ [adoptAnnotation]: arn })]);
    const { signal } = new AbortController();
    const where = { arn, namespace: 'shop', name: 'web', signal };
    const shown = renderAdoption(await planAdoption(configFor(t, world), where));
    const own = policyOf('policy-cluster.json');
    const { Statement } = policyOf('policy-adopt.json');
    const ofThis = JSON.parse(
      JSON.stringify(Statement).replaceAll('LOAD_BALANCER_ARN', arn),
    ) as Policy['Statement'];
    const printed = JSON.parse(shown.slice(shown.indexOf('{'))) as Policy;
    assert.deepEqual(printed.Statement, ofThis);
    const denied = guard(world, own);
    local.writes();
    await local.restart();
    await local.rest();
    assert.deepEqual([...new Set(denied)], [`elasticloadbalancing:AddTags on ${arn}`]);
    assert.match(local.events('Ingress', 'shop/web').join('\n'), /AddTags/);
    assert.ok(!world.aws.state.tags.get(arn)?.current.has('elbv2.k8s.aws/cluster'));

    world.aws.faults.clear();
    const still = guard(world, { Statement: [...own.Statement, ...ofThis] });
    await local.restart();
    await local.rest();
    assert.deepEqual(still, []);
    assert.equal(world.aws.state.tags.get(arn)?.current.get('elbv2.k8s.aws/cluster'), 'test');
    assert.equal((await local.request('http://web.example.com/')).status, 200);
  }));
