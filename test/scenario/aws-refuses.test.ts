// AWS says no: the event names what was refused and why, the rest goes on, and it heals when the cause is gone.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { type LocalController, withController } from '../support/local-controller.ts';
import { assertNothingLeft } from './nothing-left.ts';
import { ingress, services, yaml } from './manifests.ts';

const group = { 'group.name': 'shop' };
const first = ingress('first', { annotations: group, rules: [['first.example.com', '/', 'web']] });
const second = ingress('second', { annotations: group, rules: [['second.example.com', '/', 'web']] });
const touched = (object: object): object => {
  const copy = structuredClone(object) as { metadata: { annotations: Record<string, string> } };
  copy.metadata.annotations['alb.ingress.kubernetes.io/tags'] = 'touched=yes';
  return copy;
};
const web = services('shop', 'web');
const before = yaml(...web, first);

async function status(local: LocalController, name: string): Promise<number> {
  return (await local.request(`http://${name}.example.com/`)).status;
}

function assertTold(local: LocalController, name: string, words: RegExp): void {
  const events = local.events('Ingress', `shop/${name}`);
  const found = events.filter((event) => words.test(event));
  assert.ok(found.length > 0, `no ${words} in\n${events.join('\n')}`);
  assert.doesNotMatch(found.join('\n'), /\n\s+at |\.ts:/);
}

describe('AWS refuses', { concurrency: 8 }, () => {
  test('CreateRule is denied: only its Ingress is told, its neighbour answers and can go; granted, it is made up for', () =>
    withController({ before }, async (local) => {
      await local.rest();
      const grant = local.world.aws.faults.add({ operation: 'CreateRule', action: { kind: 'deny' } });
      await local.apply(yaml(second));
      assertTold(local, 'second', /FailedDeployModel: .*CreateRule.*AccessDenied/);
      assert.ok(!local.events('Ingress', 'shop/first').some((event) => event.startsWith('Failed')));
      assert.deepEqual([await status(local, 'first'), await status(local, 'second')], [200, 404]);
      await local.remove(yaml(first));
      assert.equal(local.ingress('shop', 'first'), undefined);
      grant();
      await local.apply(yaml(touched(second)));
      assert.equal(await status(local, 'second'), 200);
      await local.remove(yaml(second, ...web));
      assertNothingLeft(local);
    }));

  test('SetSecurityGroups is denied: what the groups that stay attached may reach stays open, and goes when it is granted', () =>
    withController({ before }, async (local) => {
      await local.rest();
      const { state } = local.world.aws;
      const openings = (): number =>
        [...(state.securityGroups.get(local.world.id('sg/nodes'))?.rules.values() ?? [])].filter(
          ({ egress }) => !egress,
        ).length;
      assert.equal(openings(), 1);
      const grant = local.world.aws.faults.add({ operation: 'SetSecurityGroups', action: { kind: 'deny' } });
      const given = (object: object): object => {
        const copy = structuredClone(object) as { metadata: { annotations: Record<string, string> } };
        copy.metadata.annotations['alb.ingress.kubernetes.io/security-groups'] = 'nodes';
        return copy;
      };
      await local.apply(yaml(given(first)));
      assertTold(local, 'first', /FailedDeployModel: .*SetSecurityGroups.*AccessDenied/);
      await local.controller.audit();
      await local.rest();
      assert.equal(openings(), 1);
      await local.restart();
      await local.rest();
      assert.equal(openings(), 1);
      grant();
      await local.apply(yaml(touched(given(first))));
      await eventually(() => assert.equal(openings(), 0), 10_000);
    }));

  test('ModifyRule is denied while traffic moves: one rule warms the new target group up, however often it is tried', () =>
    withController({ before: yaml(...services('shop', 'web', 'other'), first) }, async (local) => {
      await local.rest();
      const grant = local.world.aws.faults.add({ operation: 'ModifyRule', action: { kind: 'deny' } });
      const rules = (): number =>
        [...local.world.aws.state.rules.values()].filter(({ priority }) => priority !== 'default').length;
      const moved = ingress('first', { annotations: group, rules: [['first.example.com', '/', 'other']] });
      await local.apply(yaml(moved));
      assertTold(local, 'first', /FailedDeployModel: .*ModifyRule.*AccessDenied/);
      assert.equal(rules(), 2);
      await local.apply(yaml(touched(moved)));
      assert.equal(rules(), 2);
      assert.equal((await local.request('http://first.example.com/')).echo?.service, 'web');
      grant();
      await local.apply(yaml(moved));
      assert.equal(rules(), 1);
      assert.equal((await local.request('http://first.example.com/')).echo?.service, 'other');
    }));

  test('Ask 6.5: CreateLoadBalancer is denied: another group works, and deleting leaves nothing', () =>
    withController({ before }, async (local) => {
      await local.rest();
      const grant = local.world.aws.faults.add({
        operation: 'CreateLoadBalancer',
        action: { kind: 'deny' },
      });
      const other = ingress('other', { rules: [['other.example.com', '/', 'web']] });
      await local.apply(yaml(other));
      assertTold(local, 'other', /FailedDeployModel: .*CreateLoadBalancer.*AccessDenied/);
      assert.equal(await status(local, 'first'), 200);
      await local.remove(yaml(other));
      assert.equal(local.ingress('shop', 'other'), undefined);
      grant();
      await local.remove(before);
      assertNothingLeft(local);
    }));

  test('opening the nodes is denied: the group is told and made up for once it is granted', () =>
    withController(
      {
        before,
        prepare: ({ aws }) =>
          aws.faults.add({ operation: 'AuthorizeSecurityGroupIngress', action: { kind: 'deny' } }),
      },
      async (local) => {
        await local.rest();
        assertTold(local, 'first', /FailedDeployModel: .*UnauthorizedOperation/);
        local.world.aws.faults.clear();
        await local.apply(yaml(touched(first)));
        assert.equal(await status(local, 'first'), 200);
      },
    ));

  test('describing is denied: nothing is written, and it begins when it is granted', () =>
    withController(
      {
        before,
        prepare: ({ aws }) => aws.faults.add({ operation: 'DescribeSubnets', action: { kind: 'deny' } }),
      },
      async (local) => {
        await local.rest();
        assertTold(local, 'first', /ec2:DescribeSubnets.*UnauthorizedOperation/);
        assert.deepEqual(local.writes(), []);
        local.world.aws.faults.clear();
        await local.apply(yaml(touched(first)));
        assert.equal(await status(local, 'first'), 200);
      },
    ));

  test('credentials are not accepted: the Ingress says so, what runs goes on, and new ones are enough', () =>
    withController({ before }, async (local) => {
      await local.rest();
      const action = {
        kind: 'fail',
        status: 403,
        code: 'InvalidClientTokenId',
        message: 'The security token included in the request is invalid.',
      } as const;
      const renew = local.world.aws.faults.add({ action });
      await local.apply(yaml(second));
      assertTold(local, 'second', /credentials|token included in the request is invalid/);
      assert.equal(await status(local, 'first'), 200);
      renew();
      await local.apply(yaml(touched(second), touched(first)));
      assert.deepEqual([await status(local, 'first'), await status(local, 'second')], [200, 200]);
    }));

  test('credentials are wrong from the start: it waits, and begins when they are right', () =>
    withController(
      {
        before,
        prepare: ({ aws }) =>
          aws.faults.add({ action: { kind: 'fail', status: 403, code: 'InvalidClientTokenId' } }),
      },
      async (local) => {
        await local.rest();
        assertTold(local, 'first', /InvalidClientTokenId/);
        assert.equal(local.world.aws.state.loadBalancers.size, 0);
        local.world.aws.faults.clear();
        await local.apply(yaml(touched(first)));
        assert.equal(await status(local, 'first'), 200);
      },
    ));

  test('there are no usable subnets: the group waits, others work; named right, it is made', () =>
    withController({ before }, async (local) => {
      const lost = (subnets: string) =>
        ingress('lost', { annotations: { subnets }, rules: [['lost.example.com', '/', 'web']] });
      await local.apply(yaml(lost('subnet-0badbadbadbadbad0')));
      assertTold(
        local,
        'lost',
        /FailedBuildModel: No usable subnets .* "subnet-0badbadbadbadbad0"\. Correct the entry/,
      );
      assert.deepEqual([...local.world.aws.state.loadBalancers.values()].length, 1);
      assert.equal(await status(local, 'first'), 200);
      const names = ['a', 'b'].map((zone) => local.world.id(`subnet/private-${zone}`));
      await local.apply(yaml(lost(names.join(','))));
      assert.equal((await local.request('http://lost.example.com/', { loadBalancer: 'lost' })).status, 200);
      await local.apply(yaml(lost('subnet-0badbadbadbadbad0')));
      assert.equal((await local.request('http://lost.example.com/', { loadBalancer: 'lost' })).status, 200);
      await local.remove(yaml(lost('subnet-0badbadbadbadbad0')));
      assert.equal(local.ingress('shop', 'lost'), undefined);
      assert.equal(local.world.aws.state.loadBalancers.size, 1);
    }));

  for (const [what, ports] of [
    ['its listener is there', '[{"HTTP": 80}, {"HTTPS": 443}]'],
    ['its listener would be new', '[{"HTTP": 80}]'],
  ] as const) {
    test(`a certificate is named that does not exist, and ${what}: its Ingress is told, the others go on`, () => {
      const absent = 'arn:aws:acm:us-west-2:123456789012:certificate/00000000-0000-0000-0000-000000000000';
      const good = (...paths: readonly string[]): object =>
        ingress('first', {
          annotations: { ...group, 'group.order': '2', 'listen-ports': ports },
          rules: paths.map((path) => ['first.example.com', path, 'web'] as const),
        });
      const bad = (certificate: string): object =>
        ingress('bad', {
          annotations: { ...group, 'listen-ports': '[{"HTTPS": 443}]', 'certificate-arn': certificate },
          rules: [['bad.example.com', '/', 'web']],
        });
      return withController(
        { before: yaml(...web, good('/')), hosts: ['first.example.com', 'bad.example.com'] },
        async (local) => {
          await local.rest();
          await local.apply(yaml(bad(absent)));
          assertTold(local, 'bad', new RegExp(`${absent}' not found \\(CertificateNotFound\\)`));
          assert.deepEqual(
            local.events('Ingress', 'shop/first').filter((event) => event.startsWith('Failed')),
            [],
          );
          await local.apply(yaml(good('/', '/more')));
          assert.equal((await local.request('http://first.example.com/more')).status, 200);
          await local.apply(yaml(bad(local.world.id('cert/bad.example.com'))));
          assert.equal((await local.request('https://bad.example.com/')).status, 200);
          await local.remove(yaml(bad(absent), good('/'), ...web));
          assertNothingLeft(local);
        },
      );
    });
  }

  const lost = [
    'CreateLoadBalancer',
    'CreateListener',
    'CreateRule',
    'CreateTargetGroup',
    'RegisterTargets',
    'CreateSecurityGroup',
    'AuthorizeSecurityGroupIngress',
  ];
  for (const operation of lost) {
    test(`the answer to ${operation} is lost: it is not done twice, and all is well`, () =>
      withController(
        {
          before: yaml(...web, first, second),
          prepare: ({ aws }) => aws.faults.add({ operation, nth: 1, action: { kind: 'loseAnswer' } }),
        },
        async (local) => {
          await local.rest();
          assert.deepEqual([await status(local, 'first'), await status(local, 'second')], [200, 200]);
          const { loadBalancers, targetGroups, rules } = local.world.aws.state;
          // The default rule is one.
          assert.deepEqual([loadBalancers.size, targetGroups.size, rules.size], [1, 2, 3]);
          // So are the answers to deletes.
          for (const deleting of ['DeleteRule', 'DeleteLoadBalancer', 'DeleteTargetGroup'])
            local.world.aws.faults.add({ operation: deleting, nth: 1, action: { kind: 'loseAnswer' } });
          await local.remove(yaml(second));
          assert.equal(await status(local, 'first'), 200);
          await local.remove(yaml(first, second, ...web));
          assertNothingLeft(local);
        },
      ));
  }

  test('Ask 10.3: AWS throttles: it takes longer, and all is well', () =>
    withController(
      { before: yaml(...web, first, second), knobs: { throttling: { enabled: true } } },
      async (local) => {
        for (const operation of ['CreateRule', 'CreateTargetGroup', 'DescribeLoadBalancers'])
          local.world.aws.faults.add({ operation, nth: 1, action: { kind: 'throttle' } });
        await local.rest();
        await eventually(async () => {
          assert.deepEqual([await status(local, 'first'), await status(local, 'second')], [200, 200]);
        }, 10_000);
        assert.ok(local.world.aws.trace.entries().some(({ errorCode }) => errorCode === 'Throttling'));
      },
    ));
});
