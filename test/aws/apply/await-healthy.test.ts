import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '../../../src/aws/errors.ts';
import type { TargetGroupArn } from '../../../src/core/domain/ids.ts';
import { forceHealth } from '../../../src/simulator/aws/health.ts';
import { localAws } from '../local-aws.ts';
import { apply, openShop, shopWorld, tagsOf, targetGroupSpec } from '../shop.ts';

const content = {
  conditions: [{ kind: 'path-pattern', values: ['/a'], regexValues: [] }],
  transforms: [],
} as const;

test('waiting for healthy targets asks seldom, and says at the end what is missing', async (t) => {
  const local = localAws(t);
  const { arn } = await apply(local, 'createTargetGroup', { spec: targetGroupSpec('k8s-shop-web') });
  const targetGroup = arn as never;
  const target = { id: '10.0.96.20', port: 80, availabilityZone: undefined };
  await apply(local, 'registerTargets', { targetGroup, targets: [target] });
  local.account.trace.clear();
  await assert.rejects(
    apply(local, 'awaitHealthyTargets', { targetGroup, count: 1, timeoutSeconds: 60 }),
    (error) =>
      isKind(error, 'conflict') &&
      /0 of 1 needed targets are healthy after 60 s; 10\.0\.96\.20:80 is unused \(Target\.NotInUse\)/.test(
        error.message,
      ),
  );
  assert.equal(local.account.trace.counts()['DescribeTargetHealth'], 10);
});

test('waiting for healthy targets ends when those that had to get well are gone', async (t) => {
  const local = localAws(t, shopWorld);
  const { targetGroups, listener } = await openShop(local, ['k8s-shop-web']);
  const [targetGroup] = targetGroups as readonly [TargetGroupArn];
  const forward = {
    kind: 'forward',
    targetGroups: [{ targetGroup, weight: 1 }],
    stickinessSeconds: undefined,
  } as const;
  await apply(local, 'createRule', {
    listener,
    priority: 1,
    content: { ...content, actions: [forward] },
    tags: tagsOf('1'),
  });
  const targets = ['10.0.96.20', '10.0.96.21', '10.0.96.22', '10.0.96.23'].map((id) => ({
    id,
    port: 80,
    availabilityZone: undefined,
  }));
  await apply(local, 'registerTargets', { targetGroup, targets });
  for (const { id, port } of targets.slice(1))
    forceHealth(local.account, { targetGroup, id, port, up: false });
  const began = local.clock.now();
  await Promise.all([
    apply(local, 'awaitHealthyTargets', { targetGroup, count: 3, timeoutSeconds: 180 }),
    local.clock
      .sleep(20_000)
      .then(() => apply(local, 'deregisterTargets', { targetGroup, targets: targets.slice(1) })),
  ]);
  assert.ok(local.clock.now() - began < 60_000);
});
