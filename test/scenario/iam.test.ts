// The policies of iam/, put before the simulated AWS: what they allow is enough for all that Ingresses ask for, and the one
// for a cluster keeps its hands off another's load balancers.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { denials, guard, type Policy, policyOf } from '../support/iam.ts';
import { type LocalController, withController } from '../support/local-controller.ts';
import { assertNothingLeft } from './nothing-left.ts';
import { ingress, services, yaml } from './manifests.ts';

const web = services('shop', 'web', 'api');
const rules = [
  ['a.example.com', '/', 'web'],
  ['a.example.com', '/api', 'api'],
] as const;
const secure = { 'listen-ports': '[{"HTTP":80},{"HTTPS":443}]' };

/** Load balancers, listeners with certificates, rules, target groups of both types, security groups, tags: made, changed and taken away. */
async function wholeLife(local: LocalController): Promise<void> {
  const site = (more: Readonly<Record<string, string>>, count = 2): string =>
    yaml(ingress('site', { annotations: { 'group.name': 'shop', ...more }, rules: rules.slice(0, count) }));
  await local.apply(yaml(...web));
  await local.apply(site({ ...secure, tags: 'team=web' }));
  assert.equal((await local.request('https://a.example.com/api')).status, 200);
  await local.apply(
    site({
      ...secure,
      tags: 'team=shop,stage=test',
      'load-balancer-attributes': 'idle_timeout.timeout_seconds=30',
      'target-group-attributes': 'deregistration_delay.timeout_seconds=10',
      'healthcheck-path': '/health',
      'inbound-cidrs': '10.0.0.0/8',
      'ssl-policy': 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      'listener-attributes.HTTP-80': 'routing.http.response.server.enabled=false',
    }),
  );
  await local.apply(site({ ...secure, 'target-type': 'instance', 'enable-frontend-nlb': 'true' }));
  const other = yaml(
    ingress('other', {
      annotations: { 'group.name': 'shop', 'group.order': '-1' },
      rules: [['b.example.com', '/', 'web']],
    }),
  );
  await local.apply(other);
  await local.apply(site({}, 1));
  await local.remove(site({}));
  await local.remove(other);
  await local.remove(yaml(...web));
}

describe('IAM policies', { concurrency: 3 }, () => {
  for (const file of ['policy.json', 'policy-cluster.json'])
    test(`OPS-19: iam/${file} is enough for the whole life of Ingresses`, () =>
      withController(
        { hosts: ['a.example.com'], flags: { 'lb-stabilization-monitor-interval': '1s' } },
        async (local) => {
          const denied = guard(local.world, policyOf(file));
          await wholeLife(local);
          assert.deepEqual(denied, []);
          assertNothingLeft(local);
          const writes = new Set(local.writes());
          for (const write of ['AddTags', 'RemoveTags', 'SetRulePriorities', 'AuthorizeSecurityGroupIngress'])
            assert.ok(writes.has(write), `the life has no ${write}, it has ${[...writes].join(', ')}`);
        },
      ));

  test('OPS-19: what ALBC left without tags on listeners and rules is taken over with the policy of the cluster', () =>
    withController(
      { before: yaml(...web, ingress('site', { rules })), flags: { compatibility: 'albc' } },
      async (local) => {
        await local.apply(
          yaml({
            apiVersion: 'networking.k8s.io/v1',
            kind: 'IngressClass',
            metadata: { name: 'albc' },
            spec: { controller: 'ingress.k8s.aws/alb' },
          }),
        );
        const site = ingress('site', { className: 'albc', rules });
        await local.apply(yaml(site));
        const { state } = local.world.aws;
        for (const arn of [...state.listeners.keys(), ...state.rules.keys()]) state.tags.delete(arn);
        const denied = guard(local.world, policyOf('policy-cluster.json'));
        local.writes();
        await local.restart({ flags: { compatibility: 'albc' } });
        await local.apply(
          yaml(ingress('site', { className: 'albc', rules: [['b.example.com', '/', 'api']] })),
        );
        assert.deepEqual(denied, []);
        assert.ok(local.writes().includes('AddTags'));
      },
    ));

  test('OPS-19: iam/policy-targets.json is enough for TargetGroupBindings, and for nothing else', () =>
    withController({ before: yaml(...web) }, async (local) => {
      const { aws, id } = local.world;
      const { TargetGroups } = (await aws.call('elbv2', 'CreateTargetGroup', {
        Name: 'users',
        Protocol: 'HTTP',
        Port: 80,
        VpcId: id('vpc'),
        TargetType: 'ip',
      })) as { TargetGroups: readonly { TargetGroupArn: string }[] };
      await local.rest();
      const denied = guard(local.world, policyOf('policy-targets.json'));
      await local.restart();
      const binding = yaml({
        apiVersion: 'elbv2.k8s.aws/v1beta1',
        kind: 'TargetGroupBinding',
        metadata: { name: 'users', namespace: 'shop' },
        spec: {
          targetGroupARN: TargetGroups[0]?.TargetGroupArn,
          targetType: 'ip',
          serviceRef: { name: 'web', port: 80 },
        },
      });
      await local.apply(binding);
      assert.deepEqual(local.writes(), ['RegisterTargets']);
      await local.remove(binding);
      assert.deepEqual(local.writes(), ['DeregisterTargets']);
      assert.deepEqual(denied, []);
      await local.apply(yaml(ingress('site', { rules })));
      assert.ok(denied.length > 0);
      assert.equal(aws.state.loadBalancers.size, 0);
    }));

  test('OPS-19: the policy of another cluster touches nothing of this one, where the full policy would', () =>
    withController({ before: yaml(...web, ingress('site', { rules })) }, async (local) => {
      await local.rest();
      const { state } = local.world.aws;
      const [balancer] = state.loadBalancers.values();
      const [listener] = state.listeners.values();
      const [group] = state.targetGroups.values();
      const own = [...state.securityGroups.values()].filter(({ name }) => name.startsWith('k8s-'));
      const params = {
        LoadBalancerArn: balancer?.arn,
        TargetGroupArn: group?.arn,
        ListenerArn: listener?.arn,
      };
      const calls = [
        ...['DeleteLoadBalancer', 'SetSubnets', 'ModifyLoadBalancerAttributes', 'CreateListener'].map(
          (operation) => ({
            service: 'elbv2',
            operation,
            params: { LoadBalancerArn: params.LoadBalancerArn },
          }),
        ),
        ...['DeleteTargetGroup', 'ModifyTargetGroup', 'RegisterTargets'].map((operation) => ({
          service: 'elbv2',
          operation,
          params: { TargetGroupArn: params.TargetGroupArn },
        })),
        ...['DeleteListener', 'CreateRule', 'AddListenerCertificates'].map((operation) => ({
          service: 'elbv2',
          operation,
          params: { ListenerArn: params.ListenerArn },
        })),
        ...[balancer?.arn, group?.arn, listener?.arn].map((arn) => ({
          service: 'elbv2',
          operation: 'AddTags',
          params: { ResourceArns: [arn], Tags: [{ Key: 'team', Value: 'theirs' }] },
        })),
        ...['DeleteSecurityGroup', 'AuthorizeSecurityGroupIngress'].map((operation) => ({
          service: 'ec2',
          operation,
          params: { GroupId: own[0]?.id },
        })),
      ];
      const refused = (policy: Policy): readonly string[] =>
        calls.filter((call) => denials(policy, call, state).length > 0).map(({ operation }) => operation);
      assert.deepEqual(refused(policyOf('policy.json')), []);
      assert.deepEqual(refused(policyOf('policy-cluster.json')), []);
      assert.deepEqual(
        refused(policyOf('policy-cluster.json', 'other')),
        calls.map(({ operation }) => operation),
      );
      // Neither of them may take it over by changing the tag.
      const steal = {
        service: 'elbv2',
        operation: 'AddTags',
        params: { ResourceArns: [balancer?.arn], Tags: [{ Key: 'elbv2.k8s.aws/cluster', Value: 'other' }] },
      };
      for (const policy of [policyOf('policy.json'), policyOf('policy-cluster.json', 'other')])
        assert.equal(denials(policy, steal, state).length, 1);
      // The rules on the nodes' group are everybody's.
      const nodes = local.world.id('sg/nodes');
      const open = { service: 'ec2', operation: 'AuthorizeSecurityGroupIngress', params: { GroupId: nodes } };
      assert.deepEqual(denials(policyOf('policy-cluster.json', 'other'), open, state), []);
      const denied = guard(local.world, policyOf('policy-cluster.json', 'other'));
      local.writes();
      await local.apply(
        yaml(ingress('site', { rules: rules.slice(0, 1), annotations: { 'group.name': 'new' } })),
      );
      assert.ok(denied.some((one) => one.startsWith('elasticloadbalancing:CreateTargetGroup on ')));
      assert.equal(state.loadBalancers.size, 1);
    }));
});
