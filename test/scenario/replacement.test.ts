// A load balancer is replaced under traffic: whoever asks the name in the status, or the one before it, is answered.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { documents, type LocalController, withController } from '../support/local-controller.ts';
import { ingress, services, yaml } from './manifests.ts';
import { answersDuring, answerTo } from './under-traffic.ts';

const shop = (annotations: Record<string, string>): object =>
  ingress('shop', { annotations, rules: [['a.example.com', '/', 'web']] });
const consent = { 'albatross.dev/allow-replacement': 'true' };
const internal = yaml(...services('shop', 'web'), shop({ scheme: 'internal' }));

type Told = { status?: { loadBalancer?: { ingress?: readonly { hostname?: string }[] } } };
const hostname = (local: LocalController): string =>
  (local.ingress('shop', 'shop') as unknown as Told).status?.loadBalancer?.ingress?.[0]?.hostname ?? '';

/** The load balancer that a DNS name leads to. */
const named = (local: LocalController, dnsName: string) =>
  [...local.world.aws.state.loadBalancers.values()].find((found) => found.dnsName.toLowerCase() === dnsName);

/** Asks the load balancer that the status names. */
const underTraffic = (local: LocalController, work: () => Promise<void>) =>
  answersDuring(() => {
    const name = named(local, hostname(local))?.name ?? 'no load balancer';
    return answerTo(local, 'http://a.example.com/', { loadBalancer: name });
  }, work);

const retiredAt = (local: LocalController, arn: string): string | undefined =>
  local.world.aws.state.tags.get(arn)?.current.get('albatross.dev/retired-at');

describe('replacement', { concurrency: 4 }, () => {
  test('NAM-12, trap 18: from internal to internet-facing no request is lost, and a restart goes on waiting where it was', () =>
    withController(
      { before: internal, knobs: { registrationMs: 200, provisioningMs: 300 } },
      async (local) => {
        await local.rest();
        await eventually(async () =>
          assert.equal((await local.request('http://a.example.com/')).status, 200),
        );
        const old = named(local, hostname(local));
        assert.ok(old);
        const seen = await underTraffic(local, async () => {
          local.world.kube.store.apply(documents(yaml(shop({ scheme: 'internet-facing', ...consent }))));
          await eventually(() => assert.ok(retiredAt(local, old.arn)), 30_000);
          // Nobody is told the old name any more, and it still answers for those who remember it.
          assert.notEqual(hostname(local), old.dnsName.toLowerCase());
          await local.world.dataPlane.sync();
          assert.equal(
            (await local.request('http://a.example.com/', { loadBalancer: old.name })).status,
            200,
          );
          // Time passes while no controller runs: the tag says since when.
          const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
          await local.world.aws.call('elbv2', 'AddTags', {
            ResourceArns: [old.arn],
            Tags: [{ Key: 'albatross.dev/retired-at', Value: anHourAgo }],
          });
          await local.restart();
          await local.rest();
        });
        assert.deepEqual([...seen.keys()], ['200 web'], JSON.stringify([...seen]));
        const { loadBalancers, targetGroups } = local.world.aws.state;
        assert.deepEqual(
          [...loadBalancers.values()].map(({ scheme }) => scheme),
          ['internet-facing'],
        );
        assert.equal(targetGroups.size, 1);
        local.writes();
        await local.restart();
        await local.rest();
        assert.deepEqual(local.writes(), []);
      },
    ));

  test('NAM-12, trap 6: without consent, and with a name that both would have, nothing is written and the Ingress says why', () =>
    withController({ before: internal }, async (local) => {
      await local.rest();
      local.writes();
      await local.apply(yaml(shop({ scheme: 'internet-facing' })));
      assert.deepEqual(local.writes(), []);
      assert.match(local.events('Ingress', 'shop/shop').join('\n'), /ReplacementHeld: .*allow-replacement/);
      const { name = '' } = named(local, hostname(local)) ?? {};
      const same = { 'load-balancer-name': name, scheme: 'internet-facing', ...consent };
      await local.apply(yaml(shop(same)));
      assert.deepEqual(local.writes(), []);
      assert.match(
        local.events('Ingress', 'shop/shop').join('\n'),
        new RegExp(`ReplacementHeld: .*both cannot have the name ${name}`),
      );
    }));

  test('NAM-12, trap 3: somebody protected the old load balancer: it stays, and the Ingress says so', () =>
    withController({ before: internal, flags: { 'audit-interval': '1s' } }, async (local) => {
      await local.rest();
      const old = named(local, hostname(local));
      assert.ok(old);
      old.attributes.set('deletion_protection.enabled', 'true');
      const past = new Date(0).toISOString();
      await local.world.aws.call('elbv2', 'AddTags', {
        ResourceArns: [old.arn],
        Tags: [{ Key: 'albatross.dev/retired-at', Value: past }],
      });
      await local.controller.audit();
      await local.rest();
      const attributes = 'idle_timeout.timeout_seconds=30';
      await local.apply(
        yaml(shop({ scheme: 'internet-facing', 'load-balancer-attributes': attributes, ...consent })),
      );
      await eventually(() =>
        assert.match(local.events('Ingress', 'shop/shop').join('\n'), /DeletionHeld: .*protection is on/),
      );
      assert.ok(local.world.aws.state.loadBalancers.has(old.arn));
      assert.notEqual(hostname(local), old.dnsName.toLowerCase());
      assert.equal((await local.request('http://a.example.com/', { loadBalancer: old.name })).status, 200);
    }));
});
