import assert from 'node:assert/strict';
import { test } from 'node:test';
import { className, podAddress } from '../simulation/objects.ts';
import { VirtualController } from './virtual-controller.ts';

const count = 200;
const names = Array.from({ length: count }, (_none, index) => `app-${index}`);

const service = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'web', name },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }] },
});

const slice = (name: string, pods: number): object => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace: 'web', name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  endpoints: Array.from({ length: pods }, (_none, number) => ({
    addresses: [podAddress(0, number)],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: 'node-a',
    targetRef: { kind: 'Pod', namespace: 'web', name: `${name}-${number}`, uid: `${name}-${number}` },
  })),
});

/** Twenty Ingresses to a load balancer. */
const site = (name: string, index: number): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    namespace: 'web',
    name,
    annotations: {
      'alb.ingress.kubernetes.io/target-type': 'ip',
      'alb.ingress.kubernetes.io/group.name': `group-${Math.floor(index / 20)}`,
    },
  },
  spec: {
    ingressClassName: className,
    rules: [
      {
        host: `${name}.example.com`,
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 80 } } } }],
        },
      },
    ],
  },
});

test('Ask 16.4: a process that takes over 200 Ingresses looks at each of their target groups once, as fast as AWS lets it, and has registered new pods within half a minute', async () => {
  const world = new VirtualController({ latencyMs: 50, throttling: { enabled: true } });
  world.apply(...names.flatMap((name, index) => [service(name), slice(name, 1), site(name, index)]));
  world.start();
  const registered = (): number => world.registered().length;
  for (let minutes = 0; minutes < 30 && registered() < count; minutes += 1) await world.pass(60_000);
  await world.pass(60_000);
  assert.equal(registered(), count);
  // Ten changed while nobody led: which, only a look at all of them tells. Ten change meanwhile.
  const [missed = [], later = []] = [0, 10].map((from) => names.filter((_name, at) => at % 20 === from));
  world.apply(...missed.map((name) => slice(name, 2)));
  world.start();
  const began = world.clock.now();
  const { mark } = world.account.trace;
  await world.pass(2000);
  world.apply(...later.map((name) => slice(name, 2)));
  while (registered() < count + 20 && world.clock.now() - began < 120_000) await world.pass(1000);
  const seconds = (world.clock.now() - began) / 1000;
  assert.ok(seconds <= 30, `${registered() - count} of 20 targets after ${seconds} s`);
  await world.pass(10_000);
  assert.deepEqual(
    world.account.trace.writes(mark).map(({ operation }) => operation),
    Array<string>(20).fill('RegisterTargets'),
  );
  const calls = world.account.trace.counts({ since: mark });
  assert.equal(calls['DescribeTargetHealth'], count);
  // AWS allows a burst of 40 calls, and 10 a second after that: this is less than what 30 s allow.
  assert.ok(Object.values(calls).reduce((sum, of) => sum + of, 0) < 300);
  world.stop();
});
