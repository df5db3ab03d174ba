// Hand-made changes in AWS: what is ours is found by the audit and put right, what is not ours stays.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { documents, type LocalController, withController } from '../support/local-controller.ts';
import { ingress, services, yaml } from './manifests.ts';

const before = yaml(
  ...services('shop', 'web', 'other'),
  ingress('shop', {
    annotations: {
      'load-balancer-attributes': 'idle_timeout.timeout_seconds=120',
      tags: 'team=shop',
      'healthcheck-path': '/healthz',
      // AWS takes an address again only when it has drained.
      'target-group-attributes': 'deregistration_delay.timeout_seconds=0',
    },
    rules: [
      ['a.example.com', '/', 'web'],
      ['b.example.com', '/', 'other'],
    ],
  }),
);
const flags = { 'audit-interval': '1s' };

async function ready(local: LocalController): Promise<void> {
  await eventually(async () => {
    assert.equal((await local.request('http://a.example.com/')).status, 200);
    assert.equal((await local.request('http://b.example.com/')).status, 200);
  }, 10_000);
}

const drifted = (local: LocalController): string =>
  local
    .events('Ingress', 'shop/shop')
    .filter((event) => event.startsWith('DriftRepaired'))
    .join('\n');

describe('drift', { concurrency: 8 }, () => {
  test('Ask 12.6, Trap 8, Trap 15: a changed rule, attribute, health check and tag are put back, and the events say what they were', () =>
    withController({ before, flags }, async (local) => {
      await ready(local);
      const { call, state } = local.world.aws;
      const rule = [...state.rules.values()].find(({ conditions }) =>
        JSON.stringify(conditions).includes('a.example.com'),
      );
      const [balancer] = [...state.loadBalancers.values()];
      const [group] = [...state.targetGroups.values()];
      assert.ok(rule && balancer && group);
      await call('elbv2', 'ModifyRule', {
        RuleArn: rule.arn,
        Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '418' } }],
      });
      assert.equal((await local.request('http://a.example.com/')).status, 418);
      await call('elbv2', 'ModifyLoadBalancerAttributes', {
        LoadBalancerArn: balancer.arn,
        Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '1' }],
      });
      await call('elbv2', 'ModifyTargetGroup', { TargetGroupArn: group.arn, HealthCheckPath: '/elsewhere' });
      await call('elbv2', 'AddTags', {
        ResourceArns: [balancer.arn],
        Tags: [
          { Key: 'team', Value: 'else' },
          { Key: 'theirs', Value: 'stays' },
        ],
      });
      await eventually(async () => {
        assert.equal((await local.request('http://a.example.com/')).status, 200);
        assert.equal(balancer.attributes.get('idle_timeout.timeout_seconds'), '120');
        assert.equal(state.targetGroups.get(group.arn)?.healthCheck.path, '/healthz');
        const tags = state.tags.get(balancer.arn)?.current;
        assert.deepEqual([tags?.get('team'), tags?.get('theirs')], ['shop', 'stays']);
        const said = drifted(local);
        for (const words of ['idle_timeout.timeout_seconds from 1 to 120', '/elsewhere', '418'])
          assert.ok(said.includes(words), `${words} in ${said}`);
      }, 10_000);
    }));

  test('a deleted rule, deregistered targets and a closed way to the pods are made good', () =>
    withController({ before, flags }, async (local) => {
      await ready(local);
      const { call, state, names } = local.world.aws;
      const rule = [...state.rules.values()].find(({ conditions }) =>
        JSON.stringify(conditions).includes('a.example.com'),
      );
      assert.ok(rule);
      await call('elbv2', 'DeleteRule', { RuleArn: rule.arn });
      for (const group of state.targetGroups.values()) {
        await call('elbv2', 'DeregisterTargets', {
          TargetGroupArn: group.arn,
          Targets: [...group.targets.values()].map(({ id, port }) => ({ Id: id, Port: port })),
        });
      }
      const nodes = names.get('sg/nodes') ?? '';
      const opened = [...(state.securityGroups.get(nodes)?.rules.values() ?? [])].filter(
        ({ egress }) => !egress,
      );
      await call('ec2', 'RevokeSecurityGroupIngress', {
        GroupId: nodes,
        SecurityGroupRuleIds: opened.map(({ id }) => id),
      });
      // No target, or (an audit may have come between) no way to it.
      assert.match(String((await local.request('http://b.example.com/')).status), /^50[34]$/);
      await ready(local);
      assert.equal(opened.length > 0, true);
    }));

  test('Ask 12.4: a load balancer that somebody deleted is made again, the status follows, and the event says the new DNS name', () =>
    withController({ before, flags }, async (local) => {
      await ready(local);
      const { call, state } = local.world.aws;
      const [balancer] = [...state.loadBalancers.values()];
      const status = (): string => JSON.stringify(local.ingress('shop', 'shop')?.['status']);
      await eventually(() => assert.ok(status().includes(balancer?.dnsName.toLowerCase() ?? 'none')), 5_000);
      await call('elbv2', 'DeleteLoadBalancer', { LoadBalancerArn: balancer?.arn });
      await local.world.dataPlane.sync();
      await eventually(async () => {
        const [again] = [...state.loadBalancers.values()];
        assert.ok(again !== undefined && again.arn !== balancer?.arn);
        assert.equal((await local.request('http://a.example.com/')).status, 200);
        assert.ok(status().includes(again.dnsName.toLowerCase()));
        assert.match(drifted(local), /deleted and is made again, with another DNS name: \S+/);
        assert.ok(drifted(local).includes(again.dnsName));
      }, 15_000);
    }));

  test("somebody else's rule, listener, target group and targets stay, whatever is done around them", () =>
    withController({ before }, async (local) => {
      await local.rest();
      const { call, state } = local.world.aws;
      const [listener] = [...state.listeners.values()];
      const [balancer] = [...state.loadBalancers.values()];
      const page = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '299' } }];
      await call('elbv2', 'CreateRule', {
        ListenerArn: listener?.arn,
        Priority: 1000,
        Conditions: [{ Field: 'path-pattern', Values: ['/theirs'] }],
        Actions: page,
      });
      await call('elbv2', 'CreateListener', {
        LoadBalancerArn: balancer?.arn,
        Port: 9000,
        Protocol: 'HTTP',
        DefaultActions: page,
      });
      await local.restart({ flags });
      const changed = ingress('shop', {
        rules: [
          ['a.example.com', '/', 'web'],
          ['c.example.com', '/', 'other'],
        ],
      });
      assert.deepEqual(local.world.kube.store.apply(documents(yaml(changed))), []);
      await eventually(async () => {
        assert.equal((await local.request('http://c.example.com/')).status, 200);
        assert.equal((await local.request('http://b.example.com/')).status, 404);
      }, 10_000);
      assert.equal((await local.request('http://x.example.com/theirs')).status, 299);
      assert.equal((await local.request('http://x.example.com:9000/')).status, 299);
    }));
});
