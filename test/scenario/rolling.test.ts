// Pods and nodes that are replaced one after the other, on a virtual clock: at every call, and at every moment that anything
// changes, each target that the load balancer sends requests to answers.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { className, ingressClass, node, zones } from '../simulation/objects.ts';
import { VirtualController } from './virtual-controller.ts';

type Pod = {
  readonly at: (typeof zones)[number];
  readonly number: number;
  readonly state: 'starting' | 'ready' | 'ending';
};

const address = ({ at, number }: Pod): string => `10.0.${96 + 32 * zones.indexOf(at)}.${20 + number}`;

const slice = (pods: readonly Pod[]): object => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace: 'web', name: 'own-1', labels: { 'kubernetes.io/service-name': 'own' } },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  endpoints: pods.map((pod) => ({
    addresses: [address(pod)],
    conditions: {
      ready: pod.state === 'ready',
      serving: pod.state !== 'starting',
      terminating: pod.state === 'ending',
    },
    nodeName: `node-${pod.at}`,
    targetRef: { kind: 'Pod', namespace: 'web', name: `own-${pod.number}`, uid: `own-${pod.number}` },
  })),
});

const service = (policy: 'Local' | 'Cluster'): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'web', name: 'own' },
  spec: {
    type: 'NodePort',
    externalTrafficPolicy: policy,
    selector: { app: 'own' },
    ports: [{ name: 'http', port: 80, targetPort: 8080, nodePort: 30_500, protocol: 'TCP' }],
  },
});

const site = (targetType: string): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    namespace: 'web',
    name: 'site',
    annotations: { 'alb.ingress.kubernetes.io/target-type': targetType },
  },
  spec: {
    ingressClassName: className,
    rules: [
      {
        host: 'site.example.com',
        http: {
          paths: [
            { path: '/', pathType: 'Prefix', backend: { service: { name: 'own', port: { number: 80 } } } },
          ],
        },
      },
    ],
  },
});

class Rolling {
  readonly world = new VirtualController({ provisioningMs: 0, registrationMs: 12_000, latencyMs: 50 });
  #pods: readonly Pod[] = [];

  async start(policy: 'Local' | 'Cluster', targetType: string, pods: readonly Pod[]): Promise<void> {
    this.#pods = pods;
    this.world.isUp = ({ id }) => (id.startsWith('i-') ? this.#nodeAnswers(id) : this.#podAnswers(id));
    this.world.apply(ingressClass({ withParams: false }), service(policy), slice(pods), site(targetType));
    this.world.start();
    await this.world.pass(120_000);
    this.world.watch({ ingress: 'site', host: 'site.example.com', path: '/' });
  }

  /** What kube-proxy has now; the controller hears of it. */
  async to(pods: readonly Pod[], ms: number): Promise<void> {
    this.#pods = pods;
    this.world.apply(slice(pods));
    await this.world.pass(ms);
  }

  /** With externalTrafficPolicy Local: the pods of the node, those that end where no other is ready. */
  #nodeAnswers(id: string): boolean {
    const at = zones.find((zone) => this.world.instance(zone) === id);
    return this.#pods.some((pod) => pod.at === at && pod.state !== 'starting');
  }

  #podAnswers(id: string): boolean {
    return this.#pods.some((pod) => address(pod) === id && pod.state !== 'starting');
  }
}

const [a, b, c] = zones as readonly ['a', 'b', 'c'];
const pod = (at: Pod['at'], number: number, state: Pod['state'] = 'ready'): Pod => ({ at, number, state });
const minute = 60_000;

/** A node that an autoscaler is about to take away. */
function leaving(index: number, instance: string): object {
  const found = node(index, instance, true) as { readonly spec: object };
  const taints = [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule', value: '1' }];
  return { ...found, spec: { ...found.spec, taints } };
}

describe('rolling', () => {
  for (const targetType of ['ip', 'instance'] as const) {
    test(`Ask 3.1, Trap 11: the only pod of a Service is replaced ten times, target-type ${targetType}, externalTrafficPolicy Local: nobody is without an answer`, async () => {
      const rolling = new Rolling();
      await rolling.start('Local', targetType, [pod(a, 0)]);
      for (let number = 0; number < 10; number += 1) {
        const before = pod(zones[number % 3] ?? a, number);
        const after = pod(zones[(number + 1) % 3] ?? a, number + 1);
        await rolling.to([before, { ...after, state: 'starting' }], 5000);
        // A Deployment ends the old one as soon as the new one is ready.
        await rolling.to([{ ...before, state: 'ending' }, after], 30_000);
        await rolling.to([after], 20_000);
      }
      assert.ok(rolling.world.asked > 50);
      rolling.world.stop();
    });
  }

  test('Ask 8.1: pods that wander from node to node with externalTrafficPolicy Local, and nodes that are drained: nobody is without an answer', async () => {
    const rolling = new Rolling();
    await rolling.start('Local', 'instance', [pod(a, 0), pod(b, 1)]);
    // The second one moves to another node.
    await rolling.to([pod(a, 0), pod(b, 1), pod(c, 2, 'starting')], 5000);
    await rolling.to([pod(a, 0), pod(b, 1, 'ending'), pod(c, 2)], 30_000);
    await rolling.to([pod(a, 0), pod(c, 2)], minute);
    // An autoscaler drains the nodes of both: they are tainted, and all pods end at once where the last one is.
    rolling.world.apply(leaving(0, rolling.world.instance(a)), leaving(2, rolling.world.instance(c)));
    await rolling.to([pod(a, 0), pod(c, 2), pod(b, 3, 'starting')], 5000);
    await rolling.to([pod(a, 0, 'ending'), pod(c, 2, 'ending'), pod(b, 3)], 30_000);
    await rolling.to([pod(b, 3)], minute);
    assert.deepEqual(rolling.world.registered(), [rolling.world.instance(b)]);
    rolling.world.stop();
  });

  test('Ask 8.1: all pods of all nodes are replaced at once, target-type instance, externalTrafficPolicy Local: nobody is without an answer', async () => {
    const rolling = new Rolling();
    await rolling.start('Local', 'instance', [pod(a, 0), pod(b, 1)]);
    await rolling.to([pod(a, 0, 'ending'), pod(b, 1, 'ending'), pod(c, 2)], 30_000);
    await rolling.to([pod(c, 2)], minute);
    await rolling.to([pod(c, 2, 'ending'), pod(a, 3), pod(b, 4)], 30_000);
    await rolling.to([pod(a, 3), pod(b, 4)], minute);
    assert.equal(rolling.world.registered().length, 2);
    rolling.world.stop();
  });
});
