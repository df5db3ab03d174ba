// What others add to load balancers and security groups of ours stays through edits, audits and a restart, and is listed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documents, withController, type LocalController } from '../support/local-controller.ts';
import { eventually } from '../support/eventually.ts';
import { ingress, services, yaml } from './manifests.ts';

const acl = 'arn:aws:wafv2:us-west-2:123456789012:regional/webacl/theirs/1';
/** Somebody's, whom nobody asked to guard the load balancer. */
const theirAcl = { arn: acl, id: '1', name: 'theirs', scope: 'REGIONAL' };
const prepare = ({ aws }: LocalController['world']): void => void aws.state.webAcls.set(acl, theirAcl);
const flags = { 'audit-interval': '1s' };
const page = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '299' } }];
const shop = (hosts: readonly string[], annotations: Readonly<Record<string, string>> = {}): object =>
  ingress('shop', {
    annotations: { 'load-balancer-attributes': 'idle_timeout.timeout_seconds=90', ...annotations },
    rules: hosts.map((host) => [`${host}.example.com`, '/', 'web'] as const),
  });

/** Everything that somebody else may add, by its name in the tests, with a look at whether it is there. */
const additions: Readonly<
  Record<
    string,
    {
      readonly add: (local: LocalController) => Promise<unknown>;
      readonly isThere: (local: LocalController) => boolean | Promise<boolean>;
    }
  >
> = {
  'a rule': {
    add: ({ world: { aws } }) =>
      aws.call('elbv2', 'CreateRule', {
        ListenerArn: [...aws.state.listeners.keys()][0],
        Priority: 900,
        Conditions: [{ Field: 'path-pattern', Values: ['/theirs'] }],
        Actions: page,
      }),
    isThere: async (local) => (await local.request('http://x.example.com/theirs')).status === 299,
  },
  'a listener': {
    add: ({ world: { aws } }) =>
      aws.call('elbv2', 'CreateListener', {
        LoadBalancerArn: [...aws.state.loadBalancers.keys()][0],
        Port: 9000,
        Protocol: 'HTTP',
        DefaultActions: page,
      }),
    isThere: async (local) => (await local.request('http://x.example.com:9000/')).status === 299,
  },
  'a target': {
    add: ({ world: { aws } }) =>
      aws.call('elbv2', 'RegisterTargets', {
        TargetGroupArn: [...aws.state.targetGroups.keys()][0],
        Targets: [{ Id: '10.0.9.9', Port: 8080 }],
      }),
    isThere: ({ world: { aws } }) =>
      [...([...aws.state.targetGroups.values()][0]?.targets.values() ?? [])].some(
        ({ id, deregisteredAt }) => id === '10.0.9.9' && deregisteredAt === undefined,
      ),
  },
  'a tag': {
    add: ({ world: { aws } }) =>
      aws.call('elbv2', 'AddTags', {
        ResourceArns: [[...aws.state.loadBalancers.keys()][0]],
        Tags: [{ Key: 'cost-center', Value: '7' }],
      }),
    isThere: ({ world: { aws } }) =>
      aws.state.tags.get([...aws.state.loadBalancers.keys()][0] ?? '')?.current.get('cost-center') === '7',
  },
  'a web ACL': {
    add: ({ world: { aws } }) =>
      aws.call('wafv2', 'AssociateWebACL', {
        ResourceArn: [...aws.state.loadBalancers.keys()][0],
        WebACLArn: acl,
      }),
    isThere: ({ world: { aws } }) => JSON.stringify([...aws.state.webAclAssociations.values()]).includes(acl),
  },
  'a rule of a security group': {
    add: ({ world: { aws } }) =>
      aws.call('ec2', 'AuthorizeSecurityGroupIngress', {
        GroupId: managed(aws.state.securityGroups)?.id,
        IpPermissions: [
          { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '10.1.2.3/32' }] },
        ],
      }),
    isThere: ({ world: { aws } }) =>
      JSON.stringify([...(managed(aws.state.securityGroups)?.rules.values() ?? [])]).includes('10.1.2.3/32'),
  },
};

/** A target has no tags of its own: the controller notes it once it has seen it. */
const noted = ({ world: { aws } }: LocalController): string | undefined =>
  aws.state.tags
    .get([...aws.state.targetGroups.keys()][0] ?? '')
    ?.current.get('albatross.dev/foreign-targets');

const managed = <T extends { readonly name: string }>(groups: ReadonlyMap<string, T>): T | undefined =>
  [...groups.values()].find(({ name }) => name.startsWith('k8s-shop-'));

test('Ask 5.1, Ask 5.2: what others add stays', (t) =>
  withController(
    { before: yaml(...services('shop', 'web'), shop(['a', 'b'])), prepare, flags },
    async (local) => {
      await local.rest();
      for (const { add } of Object.values(additions)) await add(local);
      await local.world.dataPlane.sync();
      await eventually(() => assert.equal(noted(local), '10.0.9.9:8080'), 15_000);
      // An edit of rules, a restart with an audit, and an annotation that goes (Ask 5.5).
      await local.apply(yaml(shop(['a', 'c'], { tags: 'team=shop' })));
      await local.restart({ flags });
      assert.deepEqual(local.world.kube.store.apply(documents(yaml(shop(['a', 'd'])))), []);
      await eventually(async () => {
        assert.equal((await local.request('http://d.example.com/')).status, 200);
        assert.equal((await local.request('http://c.example.com/')).status, 404);
      }, 15_000);
      await local.rest();
      for (const [name, { isThere }] of Object.entries(additions))
        await t.test(`Ask 5.2: ${name} survives edits, a restart and audits`, async () => {
          assert.ok(await isThere(local));
        });
    },
  ));

test('Ask 5.4, Ask 5.5: an annotation that goes leaves the attribute and the web ACL as they are, and none takes the web ACL away', () =>
  withController(
    {
      before: yaml(...services('shop', 'web'), shop(['a'], { 'wafv2-acl-arn': acl })),
      prepare,
    },
    async (local) => {
      await local.rest();
      const { aws } = local.world;
      const timeout = (): string | undefined =>
        [...aws.state.loadBalancers.values()][0]?.attributes.get('idle_timeout.timeout_seconds');
      const hasAcl = (): boolean => JSON.stringify([...aws.state.webAclAssociations.values()]).includes(acl);
      assert.deepEqual([timeout(), hasAcl()], ['90', true]);
      await local.apply(yaml(ingress('shop', { rules: [['a.example.com', '/', 'web']] })));
      assert.deepEqual([timeout(), hasAcl()], ['90', true]);
      await local.apply(
        yaml(
          ingress('shop', {
            annotations: { 'wafv2-acl-arn': 'none' },
            rules: [['a.example.com', '/', 'web']],
          }),
        ),
      );
      assert.equal(hasAcl(), false);
    },
  ));
