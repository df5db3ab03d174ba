// What a new process takes for changed by hand where drift is left alone, and what for an edit that has to be carried out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualController } from './virtual-controller.ts';

const one = (name: string, annotations: Record<string, string> = {}): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    namespace: 'web',
    name,
    annotations: {
      'alb.ingress.kubernetes.io/group.name': 'shop',
      'alb.ingress.kubernetes.io/target-type': 'ip',
      ...annotations,
    },
  },
  spec: {
    ingressClassName: 'alb',
    rules: [
      {
        host: `${name}.example.com`,
        http: {
          paths: [
            { path: '/', pathType: 'Prefix', backend: { service: { name: 'front', port: { number: 80 } } } },
          ],
        },
      },
    ],
  },
});

const own = (world: VirtualController): readonly string[] =>
  [...world.account.state.securityGroups.values()].flatMap(({ id, name }) =>
    name.startsWith('k8s-shop-') ? [id] : [],
  );

/** The security groups of the load balancer, but for the shared one of our own. */
const used = (world: VirtualController): readonly string[] =>
  [...world.account.state.loadBalancers.values()].flatMap(({ securityGroupIds }) => securityGroupIds);

test('Ask 12.2: an edit whose last step waits for another Ingress is no drift after a restart', async () => {
  const world = new VirtualController({}, { drift: 'report' });
  const given = [...world.account.state.securityGroups.keys()].slice(0, 1);
  const edited = { 'alb.ingress.kubernetes.io/security-groups': given.join(',') };
  world.apply(one('fine'), one('other'));
  world.start();
  await world.pass(400_000);
  const [managed = ''] = own(world);
  assert.ok(used(world).includes(managed));
  // Its pods have to be reached from the old security group for as long as nobody knows what it wants.
  world.apply(one('other', { 'alb.ingress.kubernetes.io/target-type': 'wrong' }), one('fine', edited));
  await world.pass(400_000);
  assert.ok(used(world).includes(managed) && used(world).includes(given[0] ?? ''), used(world).join());
  world.start();
  await world.pass(30_000);
  world.remove('other');
  await world.pass(400_000);
  assert.deepEqual([used(world), own(world)], [given, []]);
  world.stop();
});

test('Ask 12.2: a security group that is let go of for a given one is deleted where drift is left alone', async () => {
  const world = new VirtualController({}, { drift: 'report', 'enable-backend-security-group': 'false' });
  const given = [...world.account.state.securityGroups.keys()].slice(0, 1);
  world.apply(one('fine'));
  world.start();
  await world.pass(400_000);
  world.apply(one('fine', { 'alb.ingress.kubernetes.io/security-groups': given.join(',') }));
  await world.pass(400_000);
  assert.deepEqual([used(world), own(world)], [given, []]);
  world.stop();
});
