// The load test of `npm run bench -- rollouts`, shortened: no request is lost.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rollOuts, targetModeSwitch, targetPortChange } from '../../bench/rollouts/phases.ts';
import { shortSettings } from '../../bench/rollouts/settings.ts';
import { withStage } from '../../bench/rollouts/stage.ts';
import { sharedCluster } from '../support/cluster/shared.ts';

const apps = ['roll-gated', 'roll-plain'] as const;
const [gated, plain] = apps;

test('Ask 3.5: while Deployments roll, and a target mode and a port are switched, every request is answered', async () => {
  await withStage(await sharedCluster(), shortSettings, async (stage) => {
    await Promise.all(apps.map((name) => stage.deploy({ name, targetType: 'ip' })));
    await stage.deploy({ name: gated, targetType: 'ip', gate: stage.gateOf(gated) });
    stage.startLoad(apps);
    for (const result of [
      await rollOuts(stage, 'roll-outs', apps),
      await targetModeSwitch(stage, plain, 'instance'),
      await targetPortChange(stage, gated),
    ]) {
      const { name, requests, lost, examples } = result;
      assert.ok(requests > 50, name);
      assert.deepEqual({ name, lost, examples }, { name, lost: {}, examples: [] });
    }
  });
});
