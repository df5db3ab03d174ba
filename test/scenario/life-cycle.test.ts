// How Ingresses come, move, leave and go; and what is never touched.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { documents, type LocalController, withController } from '../support/local-controller.ts';
import { assertNothingLeft } from './nothing-left.ts';
import { ingress, services, yaml } from './manifests.ts';

const web = services('shop', 'web', 'other');
const member = (name: string, group: string | undefined, more: Record<string, string> = {}): object =>
  ingress(name, {
    annotations: { ...(group === undefined ? {} : { 'group.name': group }), ...more },
    rules: [[`${name}.example.com`, '/', 'web']],
  });

async function status(local: LocalController, name: string, loadBalancer = ''): Promise<number> {
  return (await local.request(`http://${name}.example.com/`, { loadBalancer })).status;
}

const finalizers = (local: LocalController, name: string): unknown =>
  local.ingress('shop', name)?.metadata.finalizers;

const balancers = (local: LocalController): readonly string[] =>
  [...local.world.aws.state.loadBalancers.values()]
    .map(({ name }) => name.split('-').slice(1, -1).join('-'))
    .toSorted();

const ingressClass = (name: string, controller: string): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name },
  spec: { controller },
});

describe('life cycle', { concurrency: 8 }, () => {
  test('a member leaves a group, moves to another, and goes; those who stay are not disturbed', () =>
    withController(
      { before: yaml(...web, member('a', 'one'), member('b', 'one'), member('c', 'one')) },
      async (local) => {
        await local.rest();
        assert.deepEqual(finalizers(local, 'a'), ['group.albatross.dev/one']);
        assert.deepEqual(balancers(local), ['one']);
        const before = JSON.stringify(local.ingress('shop', 'b')?.['status']);
        // To a group of its own, and to another explicit one.
        await local.apply(yaml(member('a', undefined), member('b', 'two')));
        assert.deepEqual(balancers(local), ['one', 'shop-a', 'two']);
        const one = 'group.albatross.dev/one';
        assert.deepEqual(
          ['a', 'b', 'c'].map((name) => finalizers(local, name)),
          [[one, 'albatross.dev/resources'], [one, 'group.albatross.dev/two'], [one]],
        );
        assert.notEqual(JSON.stringify(local.ingress('shop', 'b')?.['status']), before);
        assert.deepEqual(
          [
            await status(local, 'a', 'shop-a'),
            await status(local, 'b', 'two'),
            await status(local, 'c', 'one'),
          ],
          [200, 200, 200],
        );
        // For those who have the name from before in their DNS cache (test/scenario/shards.test.ts waits for the end of that).
        assert.equal(await status(local, 'a', 'one'), 200);
        await local.remove(yaml(member('b', 'two')));
        assert.deepEqual(balancers(local), ['one', 'shop-a']);
        await local.remove(yaml(member('a', undefined), member('c', 'one')));
        assertNothingLeft(local);
        // The data plane holds none open either.
        assert.deepEqual(local.world.dataPlane.listeners(), []);
      },
    ));

  test('Ask 6.2, GRP-08: things are deleted in an order that AWS takes, with nothing tried in vain', () =>
    withController(
      {
        before: yaml(
          ...web,
          ingress('all', {
            annotations: { 'listen-ports': '[{"HTTP": 80}, {"HTTP": 8080}]' },
            rules: [
              ['a.example.com', '/', 'web'],
              ['b.example.com', '/', 'other'],
            ],
          }),
        ),
      },
      async (local) => {
        await local.rest();
        const { trace } = local.world.aws;
        const { mark } = trace;
        await local.remove(yaml(ingress('all', {})));
        const calls = trace.entries(mark);
        assert.deepEqual(
          calls.filter(({ errorCode }) => errorCode !== undefined).map(({ operation }) => operation),
          [],
        );
        assert.ok(
          calls.length <= 12,
          `${calls.length} calls: ${calls.map(({ operation }) => operation).join()}`,
        );
        const order = calls.filter(({ mutating }) => mutating).map(({ operation }) => operation);
        assert.equal(
          order.indexOf('DeleteLoadBalancer') < order.indexOf('DeleteTargetGroup'),
          true,
          order.join(),
        );
        assert.equal(local.ingress('shop', 'all'), undefined);
        assertNothingLeft(local);
      },
    ));

  test('trap 2: the class is gone: nothing is deleted, and what runs goes on; it comes back: all is as before', () =>
    withController({ before: yaml(...web, member('a', 'one')) }, async (local) => {
      await local.rest();
      local.writes();
      await local.remove(yaml(ingressClass('alb', '')));
      await local.apply(yaml(member('a', 'one', { tags: 'new=tag' })));
      assert.deepEqual(local.writes(), []);
      assert.equal(await status(local, 'a'), 200);
      assert.deepEqual(finalizers(local, 'a'), ['group.albatross.dev/one']);
      assert.match(local.events('Ingress', 'shop/a').join('\n'), /IngressClass.*alb/);
      await local.apply(yaml(ingressClass('alb', 'albatross.dev/alb')));
      assert.ok(local.writes().includes('AddTags'));
      assert.equal(await status(local, 'a'), 200);
    }));

  test('Ask 6.1, trap 21: the class is gone and the Ingress is deleted: it goes all the same', () =>
    withController({ before: yaml(...web, member('a', 'one')) }, async (local) => {
      await local.rest();
      await local.remove(yaml(ingressClass('alb', '')));
      await local.remove(yaml(member('a', 'one')));
      assert.equal(local.ingress('shop', 'a'), undefined);
      assertNothingLeft(local);
    }));

  test('trap 2: the parameters of a class are missing: the Ingress says so and keeps what it has; found again, they count', () => {
    const params = (tags: readonly object[]): object => ({
      apiVersion: 'elbv2.k8s.aws/v1beta1',
      kind: 'IngressClassParams',
      metadata: { name: 'shared' },
      spec: { group: { name: 'fromclass' }, tags },
    });
    const withParams = ingressClass('special', 'albatross.dev/alb') as { spec: object };
    const special = {
      ...withParams,
      spec: {
        ...withParams.spec,
        parameters: { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name: 'shared' },
      },
    };
    const shop = ingress('a', { className: 'special', rules: [['a.example.com', '/', 'web']] });
    return withController({ before: yaml(params([]), special, ...web, shop) }, async (local) => {
      await local.rest();
      assert.deepEqual(finalizers(local, 'a'), ['group.albatross.dev/fromclass']);
      local.writes();
      await local.remove(yaml(params([])));
      assert.deepEqual(local.writes(), []);
      assert.match(local.events('Ingress', 'shop/a').join('\n'), /IngressClassParams.*shared/);
      assert.equal(await status(local, 'a'), 200);
      await local.apply(yaml(params([{ key: 'team', value: 'shop' }])));
      assert.ok(local.writes().includes('AddTags'));
      await local.remove(yaml(params([])));
      await local.remove(yaml(shop));
      assert.equal(local.ingress('shop', 'a'), undefined);
      assertNothingLeft(local);
    });
  });

  test('an Ingress is given to another controller: what it had goes, and it is left alone', () =>
    withController(
      {
        before: yaml(
          ingressClass('nginx', 'k8s.io/ingress-nginx'),
          ...web,
          member('a', 'one'),
          member('b', 'one'),
        ),
      },
      async (local) => {
        await local.rest();
        await local.apply(
          yaml(
            ingress('a', {
              className: 'nginx',
              annotations: { 'group.name': 'one' },
              rules: [['a.example.com', '/', 'web']],
            }),
          ),
        );
        assert.deepEqual(finalizers(local, 'a') ?? [], []);
        assert.deepEqual([await status(local, 'a'), await status(local, 'b')], [404, 200]);
        assert.equal(local.world.aws.state.targetGroups.size, 1);
      },
    ));

  test("other controllers' Ingresses are never written to, by no change of theirs", () =>
    withController(
      {
        before: yaml(
          ...web,
          ingressClass('nginx', 'k8s.io/ingress-nginx'),
          ingressClass('haproxy', 'haproxy.org/ingress-controller/haproxy'),
          ingressClass('alb-old', 'ingress.k8s.aws/alb'),
        ),
      },
      async (local) => {
        const annotated = ingress('annotated', {
          annotations: { 'kubernetes.io/ingress.class': 'alb' },
          spec: { ingressClassName: undefined },
          rules: [['theirs.example.com', '/', 'absent']],
        });
        const names = ['nginx', 'haproxy', 'alb-old', 'nobody', 'annotated'];
        const theirs = names.slice(0, 4).map((className) =>
          ingress(className, {
            className,
            annotations: { 'group.name': 'one', scheme: 'nonsense' },
            rules: [['theirs.example.com', '/', 'absent']],
          }),
        );
        await local.apply(yaml(member('ours', 'one'), annotated, ...theirs));
        const versions = (): readonly unknown[] => names.map((name) => local.ingress('shop', name)?.metadata);
        const before = versions();
        const { trace } = local.world.aws;
        const { mark } = trace;
        const { length } = local.world.kube.trace;
        await local.apply(yaml(...services('shop', 'absent')));
        await local.apply(yaml(ingressClass('nginx', 'k8s.io/ingress-nginx')));
        assert.deepEqual(versions(), before);
        for (const name of names) {
          assert.equal(local.ingress('shop', name)?.metadata.finalizers, undefined);
          assert.deepEqual(local.ingress('shop', name)?.['status'], { loadBalancer: {} });
          assert.deepEqual(local.events('Ingress', `shop/${name}`), []);
        }
        assert.equal(trace.entries(mark).length, 0);
        const writes = local.world.kube.trace
          .slice(length)
          .filter(({ verb }) => verb !== 'get' && verb !== 'list' && verb !== 'watch');
        assert.deepEqual(writes, []);
        assert.equal(await status(local, 'nginx'), 404);
        await local.remove(yaml(annotated, ...theirs));
        for (const name of names) assert.equal(local.ingress('shop', name), undefined);
      },
    ));

  test('Ask 4.4, GRP-07, trap 3: deletion protection holds the deletion and says so; what it protects goes on, until it is taken away', () => {
    const held = member('a', 'one', {
      'load-balancer-attributes': 'deletion_protection.enabled=true',
    });
    return withController({ before: yaml(...web, held) }, async (local) => {
      await local.rest();
      const { aws } = local.world;
      const [balancer] = [...aws.state.loadBalancers.values()];
      assert.equal(balancer?.attributes.get('deletion_protection.enabled'), 'true');
      await local.remove(yaml(held));
      assert.equal(aws.state.loadBalancers.size, 1);
      assert.deepEqual(finalizers(local, 'a'), ['group.albatross.dev/one']);
      assert.match(
        local.events('Ingress', 'shop/a').join('\n'),
        /FailedDeployModel: delete load balancer .* deletion protection is enabled.* set deletion_protection.enabled/,
      );
      // Neither its rule nor its way to the pods is taken away meanwhile.
      assert.equal(await status(local, 'a'), 200);
      await aws.call('elbv2', 'ModifyLoadBalancerAttributes', {
        LoadBalancerArn: balancer?.arn,
        Attributes: [{ Key: 'deletion_protection.enabled', Value: 'false' }],
      });
      // The sooner it audits, the sooner it takes AWS's lists to be whole.
      await local.restart({ flags: { 'audit-interval': '10s' } });
      await eventually(() => assert.equal(local.ingress('shop', 'a'), undefined));
      await local.rest();
      assertNothingLeft(local);
    });
  });

  test('a namespace is deleted with all that is in it', () =>
    withController({ before: yaml(...web, member('a', 'one'), member('b', undefined)) }, async (local) => {
      await local.rest();
      await local.remove(yaml({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }));
      assert.deepEqual([local.ingress('shop', 'a'), local.ingress('shop', 'b')], [undefined, undefined]);
      assertNothingLeft(local);
    }));

  test('Ask 6.2: while AWS still holds the security groups of a deleted load balancer, other groups do not wait', () =>
    withController({ before: yaml(...web), knobs: { interfaceReleaseMs: 60_000 } }, async (local) => {
      // With a security group of the user's own, the shared one is all that there is to delete.
      const given = member('a', undefined, {
        'security-groups': local.world.id('sg/nodes'),
        'manage-backend-security-group-rules': 'true',
      });
      await local.apply(yaml(given));
      const { aws, kube } = local.world;
      kube.store.remove(documents(yaml(given)));
      await eventually(() =>
        assert.ok(aws.trace.entries().some(({ operation }) => operation === 'DeleteSecurityGroup')),
      );
      kube.store.apply(documents(yaml(member('b', 'one'))));
      await eventually(async () => assert.equal(await status(local, 'b', 'k8s-one'), 200), 5000);
    }));
});
