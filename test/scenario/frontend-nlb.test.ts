// A network load balancer in front of the group's load balancer, under traffic: whoever asks it by the name in the status
// is answered, whatever is replaced, at every moment. A target takes its time until it is healthy.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { documents, type LocalController, withController } from '../support/local-controller.ts';
import { ingress, services, yaml } from './manifests.ts';
import { answersDuring, answerTo } from './under-traffic.ts';

const shop = (annotations: Record<string, string>): object =>
  ingress('shop', {
    annotations: { 'enable-frontend-nlb': 'true', ...annotations },
    rules: [['a.example.com', '/', 'web']],
  });
const consent = { 'albatross.dev/allow-replacement': 'true' };
const ports = { 'listen-ports': '[{"HTTP": 80}, {"HTTP": 8080}]' };
const mapped = (mapping: string) => ({ ...ports, 'frontend-nlb-listener-port-mapping': mapping });

type Told = { status?: { loadBalancer?: { ingress?: readonly { hostname?: string }[] } } };
const told = (local: LocalController): readonly string[] =>
  ((local.ingress('shop', 'shop') as unknown as Told).status?.loadBalancer?.ingress ?? []).map(
    ({ hostname = '' }) => hostname,
  );

const all = ({ world }: LocalController) => [...world.aws.state.loadBalancers.values()];
/** The load balancer that a DNS name leads to. */
const named = (local: LocalController, dnsName: string | undefined) =>
  all(local).find((found) => found.dnsName.toLowerCase() === dnsName);
const summary = (local: LocalController): readonly string[] =>
  all(local)
    .map(({ type, scheme }) => `${type} ${scheme}`)
    .toSorted();

const ask = (local: LocalController, loadBalancer: string): Promise<string> =>
  answerTo(local, 'http://a.example.com/', { loadBalancer });

/** What the network load balancer answers that the status names, until `work` has ended. */
async function underTraffic(local: LocalController, work: () => Promise<void>): Promise<readonly string[]> {
  const seen = await answersDuring(() => ask(local, named(local, told(local)[1])?.name ?? 'none'), work);
  return [...seen.keys()];
}

/** As if the old one's DNS time-to-live were over. */
async function passDnsTime(local: LocalController, arn: string): Promise<void> {
  const tag = 'albatross.dev/retired-at';
  await eventually(
    () => assert.ok(local.world.aws.state.tags.get(arn)?.current.has(tag), summary(local).join()),
    30_000,
  );
  const Value = new Date(Date.now() - 3_600_000).toISOString();
  await local.world.aws.call('elbv2', 'AddTags', { ResourceArns: [arn], Tags: [{ Key: tag, Value }] });
  await local.restart();
}

const isAnswered = (local: LocalController) =>
  eventually(async () =>
    assert.equal(await ask(local, named(local, told(local)[1])?.name ?? '?'), '200 web'),
  );

/** Nothing that the ending left behind is there, and another process has nothing to do. */
async function isAtRest(local: LocalController, expected: readonly string[]): Promise<void> {
  assert.deepEqual(summary(local), expected);
  const { targetGroups, listeners } = local.world.aws.state;
  const frontends = [...listeners.values()].filter(({ protocol }) => protocol === 'TCP');
  const albGroups = [...targetGroups.values()].filter(({ targetType }) => targetType === 'alb');
  assert.equal(albGroups.length, frontends.length, 'a target group for each listener');
  local.writes();
  await local.restart();
  await local.rest();
  assert.deepEqual(local.writes(), []);
}

const knobs = { registrationMs: 400 };
const before = (annotations: Record<string, string>) => yaml(...services('shop', 'web'), shop(annotations));
const apply = (local: LocalController, annotations: Record<string, string>): void => {
  local.world.kube.store.apply(documents(yaml(shop(annotations))));
};

describe('frontend NLB', { concurrency: 4 }, () => {
  test('ANN-66, NAM-12: with consent another scheme means another network load balancer, and the old one goes after its DNS time', () =>
    withController({ before: before({ scheme: 'internal' }), knobs }, async (local) => {
      await local.rest();
      await isAnswered(local);
      const old = named(local, told(local)[1]);
      assert.ok(old);
      const seen = await underTraffic(local, async () => {
        apply(local, { scheme: 'internal', 'frontend-nlb-scheme': 'internet-facing', ...consent });
        await eventually(() => assert.notEqual(told(local)[1], old.dnsName.toLowerCase()), 30_000);
        await local.world.dataPlane.sync();
        assert.equal(await ask(local, old.name), '200 web', 'for those who remember its name');
        await passDnsTime(local, old.arn);
        await local.rest();
      });
      assert.deepEqual(seen, ['200 web']);
      await isAtRest(local, ['application internal', 'network internet-facing']);
    }));

  test('ANN-69: a port that leads elsewhere goes over when the load balancer is healthy there', () =>
    withController({ before: before(mapped('80=80')), knobs }, async (local) => {
      await local.rest();
      await isAnswered(local);
      const seen = await underTraffic(local, async () => {
        for (const mapping of ['80=8080', '80=80,81=8080', '80=8080,81=80']) {
          await local.apply(yaml(shop(mapped(mapping))));
          await local.rest();
        }
      });
      assert.deepEqual(seen, ['200 web']);
      await isAtRest(local, ['application internal', 'network internal']);
    }));

  test('ANN-71: another health check port is healthy before anything goes there', () =>
    withController({ before: before(ports), knobs }, async (local) => {
      await local.rest();
      await isAnswered(local);
      const seen = await underTraffic(local, async () => {
        await local.apply(yaml(shop({ ...ports, 'frontend-nlb-healthcheck-port': '8080' })));
        await local.rest();
      });
      assert.deepEqual(seen, ['200 web']);
      await isAtRest(local, ['application internal', 'network internal']);
    }));

  test('ANN-67: a zone gets another subnet when the one there is gone, and what stays keeps its place', () =>
    withController({ before: yaml(...services('shop', 'web')), knobs }, async (local) => {
      const { world } = local;
      const at = (...names: string[]) => ({
        'frontend-nlb-subnets': names.map((name) => world.id(`subnet/${name}`)).join(),
      });
      const steps = () =>
        world.aws.trace
          .writes(mark)
          .filter(({ operation }) => operation === 'SetSubnets')
          .map(({ errorCode }) => errorCode ?? 'done');
      let mark = 0;
      for (const [names, calls] of [
        [['private-a', 'private-b'], 0],
        [['public-a', 'private-b'], 2],
        [['private-a', 'public-b'], 4],
        [['private-a'], 1],
        [['private-b'], 2],
        [['public-b'], 0],
      ] as const) {
        mark = world.aws.trace.mark;
        await local.apply(yaml(shop(at(...names))));
        assert.deepEqual(
          steps(),
          Array.from({ length: calls }, () => 'done'),
          names.join(),
        );
      }
      const [network] = all(local).filter(({ type }) => type === 'network');
      assert.deepEqual(network?.subnetIds, [world.id('subnet/private-b')], 'no way to another one');
      assert.match(local.events('Ingress', 'shop/shop').join('\n'), /no second subnet of a zone/);
    }));

  test('ANN-65, NAM-12: the load balancer behind is replaced: the network load balancer always leads to one that answers', () =>
    withController({ before: before({ scheme: 'internal' }), knobs }, async (local) => {
      await local.rest();
      await isAnswered(local);
      const old = named(local, told(local)[0]);
      const network = named(local, told(local)[1]);
      assert.ok(old && network);
      const seen = await underTraffic(local, async () => {
        apply(local, { scheme: 'internet-facing', ...consent });
        await passDnsTime(local, old.arn);
        await local.rest();
      });
      assert.deepEqual(seen, ['200 web']);
      assert.equal(named(local, told(local)[1])?.arn, network.arn, 'the same network load balancer');
      await isAtRest(local, ['application internet-facing', 'network internal']);
    }));

  test('ANN-65, ANN-66, NAM-12: both are replaced at once', () =>
    withController({ before: before({ scheme: 'internal' }), knobs }, async (local) => {
      await local.rest();
      await isAnswered(local);
      const [old, network] = told(local).map((name) => named(local, name));
      assert.ok(old && network);
      const seen = await underTraffic(local, async () => {
        apply(local, { scheme: 'internet-facing', 'frontend-nlb-scheme': 'internet-facing', ...consent });
        await passDnsTime(local, network.arn);
        await passDnsTime(local, old.arn);
        await local.rest();
      });
      assert.deepEqual(seen, ['200 web']);
      await isAtRest(local, ['application internet-facing', 'network internet-facing']);
    }));
});
