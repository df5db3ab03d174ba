// Ask 10: the account's request limits are everybody's. A controller that starts among 200 Ingresses only reads, as much as
// one look takes, and what changes meanwhile does not wait behind that.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startInProcess } from '../../src/sandbox/in-process-controller.ts';
import { endpointsAt } from '../../src/sandbox/controller-flags.ts';
import { startLocalWorld } from '../../src/sandbox/local-world.ts';
import { instantKnobs } from '../../src/simulator/aws/knobs.ts';
import { documents } from '../support/local-controller.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { ingress, services, yaml } from './manifests.ts';

const count = 200;
const names = Array.from({ length: count }, (_none, index) => `app-${index}`);

test('Ask 10.5: a cold start with 200 Ingresses at ten calls a second writes nothing and reads once, and a pod is replaced within 5 s meanwhile', async () => {
  const world = await startLocalWorld({
    clusterName: 'test',
    region: 'us-west-2',
    hosts: [],
    knobs: {
      ...instantKnobs,
      quotas: {
        'rules-per-application-load-balancer': 1000,
        'target-groups-per-application-load-balancer': 1000,
      },
    },
  });
  const start = (rationed: boolean) =>
    startInProcess({
      flags: new Map([
        ['cluster-name', 'test'],
        ['aws-region', 'us-west-2'],
        ['aws-vpc-id', world.id('vpc')],
        ['aws-api-endpoints', endpointsAt(world.aws.url)],
      ]),
      kubeconfig: world.kube.kubeconfig(),
      log: createLog('silent'),
      credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'test' },
      rationed,
    });
  const { trace, knobs } = world.aws;
  const running: Awaited<ReturnType<typeof start>>[] = [];
  try {
    const group = { 'group.name': 'shop' };
    const objects = names.map((name) =>
      ingress(name, { annotations: group, rules: [[`${name}.example.com`, '/', name]] }),
    );
    const ingressClass = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'alb' },
      spec: { controller: 'albatross.dev/alb' },
    };
    world.kube.store.apply(documents(yaml(ingressClass, ...services('shop', ...names), ...objects)));
    const first = await start(false);
    await first.rest();
    await first.stop();
    knobs.throttling.enabled = true;
    const { mark } = trace;
    const second = await start(true);
    running.push(second);
    const called = async (seen: () => boolean): Promise<void> => {
      for (const begun = Date.now(); !seen() && Date.now() - begun < 60_000; )
        await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await called(() => trace.entries(mark).some(({ operation }) => operation === 'DescribeTargetHealth'));
    const writes = () => trace.entries(mark).filter(({ mutating }) => mutating);
    assert.deepEqual(writes(), []);
    const [pod] = world.kube.store
      .list('v1', 'Pod', 'shop')
      .filter(({ metadata }) => metadata.name.startsWith(`${names.at(-1)}-`));
    assert.ok(pod);
    const changedAt = Date.now();
    world.kube.store.remove([pod]);
    await called(() => writes().some(({ operation }) => operation === 'RegisterTargets'));
    const took = Date.now() - changedAt;
    assert.ok(took < 5000, `${took} ms`);
    await second.rest();
    const all = trace.entries(mark);
    assert.deepEqual(all.flatMap(({ operation, mutating }) => (mutating ? [operation] : [])).toSorted(), [
      'DeregisterTargets',
      'RegisterTargets',
    ]);
    assert.ok(all.length <= 240, String(all.length));
    assert.ok(all.every(({ errorCode }) => errorCode === undefined));
  } finally {
    for (const controller of running) await controller.stop();
    await world.close();
  }
});
