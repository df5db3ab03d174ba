// Ask 1: what does not fit is held whole, with the figures, and everybody else goes on; nothing that AWS refuses is sent.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type LocalController, withController } from '../support/local-controller.ts';
import { freePorts } from '../support/free-ports.ts';
import { ingress, services, yaml } from './manifests.ts';

const group = { 'group.name': 'shop' };
const site = (name: string, hosts: readonly string[]): object =>
  ingress(name, {
    annotations: group,
    rules: hosts.map((host) => [`${host}.example.com`, '/', 'web'] as const),
  });
const [metricsPort] = await freePorts(1);
const web = services('shop', 'web');

const refused = ({ world }: LocalController): readonly string[] =>
  world.aws.trace
    .entries()
    .flatMap(({ operation, errorCode }) => (errorCode === undefined ? [] : [operation]));
const status = async (local: LocalController, host: string): Promise<number> =>
  (await local.request(`http://${host}.example.com/`)).status;

describe('limits', { concurrency: 4 }, () => {
  test('Ask 1.1: a newcomer that does not fit is held with the figures, before and after a restart; with room it is served', () =>
    withController(
      {
        before: yaml(...web, site('m', ['m1', 'm2']), site('n', ['n1'])),
        knobs: { quotas: { 'rules-per-application-load-balancer': 3 } },
      },
      async (local) => {
        await local.rest();
        // First in the order of the group, and still the newcomer.
        await local.apply(yaml(site('a', ['a1', 'a2'])));
        const told = local.events('Ingress', 'shop/a').join('\n');
        assert.match(
          told,
          /needs 2 more rules; 3 of 3 are in use \(quota rules-per-.*, L-7EED9B64, adjustable\)/,
        );
        assert.match(
          told,
          /aws service-quotas request-service-quota-increase --region us-west-2 .*--desired-value 5/,
        );
        local.writes();
        await local.restart();
        await local.rest();
        assert.deepEqual(local.writes(), []);
        const hosts = ['m1', 'm2', 'n1', 'a1'];
        assert.deepEqual(await Promise.all(hosts.map((host) => status(local, host))), [200, 200, 200, 404]);
        // Its neighbours still change, and what goes makes room.
        await local.apply(yaml(site('n', ['n2'])));
        assert.deepEqual([await status(local, 'n2'), await status(local, 'a1')], [200, 404]);
        await local.remove(yaml(site('m', [])));
        assert.deepEqual([await status(local, 'a1'), await status(local, 'a2')], [200, 200]);
        assert.deepEqual(refused(local), []);
      },
    ));

  test('Ask 1.3: gauges tell what is used of each limit, and what is nearly full is told once', () =>
    withController(
      {
        before: yaml(...web, site('m', ['m1', 'm2', 'm3', 'm4'])),
        knobs: { quotas: { 'rules-per-application-load-balancer': 5 } },
        flags: { 'metrics-bind-addr': `127.0.0.1:${metricsPort}` },
      },
      async (local) => {
        await local.rest();
        const near = (): readonly string[] =>
          local.events('Ingress', 'shop/m').filter((event) => event.startsWith('QuotaNear'));
        assert.match(near().join('\n'), /k8s-shop-\w+ has 80 % or more of the 5 rules that it may have/);
        await local.apply(yaml(site('m', ['m1', 'm2', 'm3', 'm5'])));
        assert.equal(near().length, 1);
        const page = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
        const used = (quota: string): readonly string[] =>
          page
            .split('\n')
            .filter((line) => line.startsWith('albatross_quota_used') && line.includes(`"${quota}"`))
            .map((line) => `${/scope="([^"]*)"/.exec(line)?.[1]} ${line.slice(line.lastIndexOf(' ') + 1)}`);
        assert.deepEqual(used('rules-per-application-load-balancer'), ['load balancer 4']);
        assert.deepEqual(used('targets-per-target-group'), ['target group 2']);
        assert.deepEqual(used('application-load-balancers'), ['region 1']);
        assert.deepEqual(used('rules-per-security-group'), ['security group 1']);
        assert.deepEqual(used('condition-values-per-alb-rule'), ['listener 2']);
      },
    ));

  test('Ask 1.4: Ingresses of a group share a target group where a load balancer has no room for one each, and nobody notices', () =>
    withController(
      {
        before: yaml(...web, ...services('shop', 'other'), site('m', ['m1']), site('n', ['n1'])),
        knobs: { quotas: { 'target-groups-per-application-load-balancer': 3 } },
      },
      async (local) => {
        await local.rest();
        const { targetGroups } = local.world.aws.state;
        const live = [...targetGroups.keys()];
        assert.equal(live.length, 2);
        const more = ingress('o', { annotations: group, rules: [['o1.example.com', '/', 'other']] });
        await local.apply(yaml(more));
        // The newcomer's is not made: its rule leads to one that there is.
        local.writes();
        await local.apply(yaml(site('p', ['p1'])));
        assert.deepEqual(
          local.writes().filter((call) => call !== 'SetRulePriorities'),
          ['CreateRule'],
        );
        assert.equal(targetGroups.size, 3);
        const hosts = ['m1', 'n1', 'o1', 'p1'];
        const statuses = () => Promise.all(hosts.map((host) => status(local, host)));
        assert.deepEqual(await statuses(), [200, 200, 200, 200]);
        await local.restart();
        await local.rest();
        assert.deepEqual([...targetGroups.keys()].slice(0, 2), live);
        local.writes();
        // Whose target group it is goes: somebody else's takes its place before.
        await local.remove(yaml(site('m', [])));
        assert.deepEqual((await statuses()).slice(1), [200, 200, 200]);
        assert.equal(targetGroups.size, 2);
        assert.deepEqual(refused(local), []);
      },
    ));

  test('Ask 1.1: before a documented limit refuses anybody, Service Quotas is asked for the real one; nobody else pays for that', () =>
    withController(
      { before: yaml(...web), knobs: { quotas: { 'rules-per-security-group': 70 } } },
      async (local) => {
        const asked = (): readonly string[] =>
          local.world.aws.trace
            .entries()
            .flatMap(({ operation }) => (operation.endsWith('ServiceQuotas') ? [operation] : []));
        const cidrs = (count: number): string =>
          Array.from({ length: count }, (_, index) => `10.${index}.0.0/16`).join();
        const open = (count: number): object =>
          ingress('a', {
            annotations: { 'inbound-cidrs': cidrs(count) },
            rules: [['a1.example.com', '/', 'web']],
          });
        await local.apply(yaml(open(60)));
        assert.deepEqual(asked(), []);
        await local.apply(yaml(open(65)));
        assert.deepEqual(asked(), ['ListServiceQuotas']);
        assert.equal(await status(local, 'a1'), 200);
        await local.apply(yaml(open(71)));
        assert.match(
          local.events('Ingress', 'shop/a').join('\n'),
          /needs 71 inbound rules; 0 of 70 are in use|needs \d+ more inbound rules; \d+ of 70 are in use/,
        );
        assert.deepEqual(asked(), ['ListServiceQuotas']);
        assert.deepEqual(refused(local), []);
      },
    ));

  test('Ask 1.1: a region full of other people’s load balancers holds a new group, and no call is refused', () =>
    withController(
      {
        before: yaml(...web),
        knobs: { quotas: { 'application-load-balancers': 1 } },
        prepare: (world) => {
          const subnets = [...world.aws.state.subnets.values()].slice(0, 2).map(({ id }) => id);
          void world.aws.call('elbv2', 'CreateLoadBalancer', {
            Name: 'theirs',
            Subnets: subnets,
            Scheme: 'internal',
          });
        },
      },
      async (local) => {
        await local.rest();
        await local.apply(yaml(site('a', ['a1'])));
        assert.match(
          local.events('Ingress', 'shop/a').join('\n'),
          /needs 1 more load balancers; 1 of 1 are in use \(quota application-load-balancers, L-53DA6B97, adjustable\)/,
        );
        assert.equal(local.world.aws.state.loadBalancers.size, 1);
        assert.deepEqual(refused(local), []);
        await local.remove(yaml(site('a', [])));
        assert.equal(local.ingress('shop', 'a'), undefined);
      },
    ));
});
