// What is done about changes by hand, with the whole controller: put back, told, ignored, by group, class and field; and
// what happens where somebody else puts them back again.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { documents, type LocalController, withController } from '../support/local-controller.ts';
import { ingress, services, yaml } from './manifests.ts';

const flags = { 'audit-interval': '1s' };
const annotations = {
  'load-balancer-attributes': 'idle_timeout.timeout_seconds=120',
  'healthcheck-path': '/healthz',
  tags: 'team=shop',
};
const shop = (more: Readonly<Record<string, string>> = {}, hosts: readonly string[] = ['a', 'b']): object =>
  ingress('shop', {
    annotations: { ...annotations, ...more },
    rules: hosts.map((host) => [`${host}.example.com`, '/', 'web'] as const),
  });
const before = (more: Readonly<Record<string, string>> = {}): string =>
  yaml(...services('shop', 'web'), shop(more));

/** AWS takes no target back before its deregistration delay is over. */
const noDelay = { 'target-group-attributes': 'deregistration_delay.timeout_seconds=0' };

const events = (local: LocalController, reason: string): readonly string[] =>
  local.events('Ingress', 'shop/shop').filter((event) => event.startsWith(`${reason}:`));
const timeout = ({ world }: LocalController): string | undefined =>
  [...world.aws.state.loadBalancers.values()][0]?.attributes.get('idle_timeout.timeout_seconds');
const team = ({ world: { aws } }: LocalController): string | undefined =>
  aws.state.tags.get([...aws.state.loadBalancers.keys()][0] ?? '')?.current.get('team');

/** Changes the idle timeout and a tag of the load balancer, and one rule, as somebody at the console would. */
async function byHand({ world: { aws } }: LocalController, value: string): Promise<void> {
  const [balancer] = [...aws.state.loadBalancers.values()];
  await aws.call('elbv2', 'ModifyLoadBalancerAttributes', {
    LoadBalancerArn: balancer?.arn,
    Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: value }],
  });
  await aws.call('elbv2', 'AddTags', {
    ResourceArns: [balancer?.arn],
    Tags: [{ Key: 'team', Value: value }],
  });
}

const closed = async ({ world: { aws } }: LocalController, host: string): Promise<void> => {
  const rule = [...aws.state.rules.values()].find(({ conditions }) =>
    JSON.stringify(conditions).includes(host),
  );
  await aws.call('elbv2', 'ModifyRule', {
    RuleArn: rule?.arn,
    Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }],
  });
};

const served = async (local: LocalController, host: string): Promise<number> =>
  (await local.request(`http://${host}.example.com/`)).status;

describe('drift modes', { concurrency: 4 }, () => {
  test('Ask 12.2: report leaves what is changed by hand and tells it once, while every edit is carried out', () =>
    withController({ before: before({ 'albatross.dev/drift': 'report' }), flags }, async (local) => {
      await eventually(async () => assert.equal(await served(local, 'a'), 200), 10_000);
      await local.rest();
      await byHand(local, '7');
      await closed(local, 'a.example.com');
      local.writes();
      await eventually(() => assert.equal(events(local, 'DriftFound').length, 2), 10_000);
      const told = events(local, 'DriftFound').join('\n');
      for (const words of [
        'idle_timeout.timeout_seconds is 7 and should be 120',
        'tag team is 7',
        'fixed 503',
      ])
        assert.ok(told.includes(words), `${words} in ${told}`);
      await local.restart({ flags });
      await new Promise((done) => setTimeout(done, 3000));
      await local.rest();
      assert.deepEqual([timeout(local), team(local), await served(local, 'a')], ['7', '7', 503]);
      // An edit of the same rule's neighbours, and of another attribute's value.
      const edit = shop({ 'albatross.dev/drift': 'report', 'healthcheck-path': '/ready' }, ['a', 'c']);
      assert.deepEqual(local.world.kube.store.apply(documents(yaml(edit))), []);
      await eventually(async () => {
        assert.equal(await served(local, 'c'), 200);
        assert.equal(await served(local, 'b'), 404);
      }, 10_000);
      await eventually(() => {
        const [group] = [...local.world.aws.state.targetGroups.values()];
        assert.equal(group?.healthCheck.path, '/ready');
      }, 5000);
      assert.deepEqual([timeout(local), team(local), await served(local, 'a')], ['7', '7', 503]);
      // An edit of the very field is carried out too.
      const same = shop(
        {
          'albatross.dev/drift': 'report',
          'healthcheck-path': '/ready',
          'load-balancer-attributes': 'idle_timeout.timeout_seconds=90',
        },
        ['a', 'c'],
      );
      assert.deepEqual(local.world.kube.store.apply(documents(yaml(same))), []);
      await eventually(() => assert.equal(timeout(local), '90'), 5000);
      assert.equal(team(local), '7');
      // Nobody wants to leave it any more.
      const repair = shop(
        { 'healthcheck-path': '/ready', 'load-balancer-attributes': 'idle_timeout.timeout_seconds=90' },
        ['a', 'c'],
      );
      assert.deepEqual(local.world.kube.store.apply(documents(yaml(repair))), []);
      await eventually(async () => {
        assert.deepEqual([team(local), await served(local, 'a')], ['shop', 200]);
      }, 10_000);
    }));

  test('Ask 12.2: the class and the option decide where no Ingress does, field by field; what is ignored is not told', () =>
    withController({ before: before(), flags: { ...flags, drift: 'report' } }, async (local) => {
      await local.rest();
      const className = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass' };
      const metadata = { name: 'alb', annotations: { 'albatross.dev/drift': 'tags=ignore' } };
      const spec = { controller: 'albatross.dev/alb' };
      assert.deepEqual(local.world.kube.store.apply([{ ...className, metadata, spec }]), []);
      await local.rest();
      await byHand(local, '9');
      await eventually(() => assert.equal(timeout(local), '120'), 10_000);
      await local.rest();
      assert.equal(team(local), '9');
      assert.deepEqual(events(local, 'DriftFound'), []);
      assert.equal(events(local, 'DriftRepaired').length, 1);
    }));

  test('Ask 12: what somebody else keeps changing back is put back a few times, then left alone and told', () =>
    withController({ before: before(), flags }, async (local) => {
      await local.rest();
      for (let round = 0; round < 3; round += 1) {
        await byHand(local, '5');
        await eventually(() => assert.deepEqual([timeout(local), team(local)], ['120', 'shop']), 10_000);
      }
      await local.rest();
      await byHand(local, '5');
      await eventually(() => assert.equal(events(local, 'DriftFlaps').length, 2), 10_000);
      assert.match(events(local, 'DriftFlaps').join('\n'), /put back 3 times .* left alone for 10 minutes/);
      local.writes();
      await new Promise((done) => setTimeout(done, 2500));
      assert.deepEqual([local.writes(), timeout(local)], [[], '5']);
    }));

  test('an annotation that cannot be read leaves everything alone, and says what is allowed', () =>
    withController(
      { before: before({ 'albatross.dev/drift': 'reprot; tag=ignore' }), flags },
      async (local) => {
        await local.rest();
        assert.match(
          local.events('Ingress', 'shop/shop').join('\n'),
          /albatross\.dev\/drift is "reprot; tag=ignore", which holds “reprot”, where repair, report, ignore are allowed; until then it counts as report/,
        );
        await byHand(local, '7');
        await eventually(() => assert.equal(events(local, 'DriftFound').length, 1), 10_000);
        assert.equal(timeout(local), '7');
      },
    ));

  test('Ask 12.2: report leaves a target that was taken out by hand and a closed way to the nodes; new pods are registered all the same', () =>
    withController(
      { before: before({ 'albatross.dev/drift': 'report', ...noDelay }), flags },
      async (local) => {
        await eventually(async () => assert.equal(await served(local, 'a'), 200), 10_000);
        await local.rest();
        // What was there has to be read once.
        await new Promise((done) => setTimeout(done, 2500));
        const { call, state } = local.world.aws;
        const [group] = [...state.targetGroups.values()];
        assert.ok(group);
        const registered = (): readonly string[] =>
          [...group.targets.values()]
            .filter(({ deregisteredAt }) => deregisteredAt === undefined)
            .map(({ id }) => id);
        const [first] = group.targets.values();
        assert.equal(registered().length, 2);
        await call('elbv2', 'DeregisterTargets', {
          TargetGroupArn: group.arn,
          Targets: [{ Id: first?.id, Port: first?.port }],
        });
        await eventually(
          () =>
            assert.match(events(local, 'DriftFound').join(), new RegExp(`target ${first?.id}:8080 is gone`)),
          10_000,
        );
        assert.equal(registered().length, 1);
        const nodes = local.world.aws.names.get('sg/nodes') ?? '';
        const opened = (): readonly { readonly id: string }[] =>
          [...(state.securityGroups.get(nodes)?.rules.values() ?? [])].filter(({ egress }) => !egress);
        await call('ec2', 'RevokeSecurityGroupIngress', {
          GroupId: nodes,
          SecurityGroupRuleIds: opened().map(({ id }) => id),
        });
        await eventually(
          () =>
            assert.match(
              events(local, 'DriftFound').join(),
              /security-group\/sg-\S+ .*ingress tcp \S+ from sg-\S+ is gone/,
            ),
          10_000,
        );
        assert.deepEqual(opened(), []);
        // The last one is never left out: nobody would be served.
        const [last] = registered();
        await call('elbv2', 'DeregisterTargets', {
          TargetGroupArn: group.arn,
          Targets: [{ Id: last, Port: first?.port }],
        });
        await eventually(() => assert.notEqual(registered().length, 0), 10_000);
        // Nobody wants to leave it any more.
        assert.deepEqual(local.world.kube.store.apply(documents(yaml(shop(noDelay)))), []);
        await eventually(() => {
          assert.equal(registered().length, 2);
          assert.notEqual(opened().length, 0);
        }, 10_000);
      },
    ));
});
