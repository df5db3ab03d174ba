// What a controller that knows nothing yet does with the state that a recording left: ALBC's, down to each tag.

import { albcController, type Preset, type RecordedWorld } from './world.ts';
import { startController } from './controller.ts';
import { policies } from '../../src/core/domain/config.ts';
import type { JsonObject } from './json.ts';

/** AWS writes of a start, by operation: with ALBC's preset, and then without. */
export type TakeOver = { readonly withPreset: readonly string[]; readonly withoutPreset: readonly string[] };

export async function takeOver(world: RecordedWorld, flags: readonly string[]): Promise<TakeOver> {
  const withPreset = await writesOfStart({ ...world, preset: 'albc' }, flags);
  giveClassesTo('none', world);
  const withoutPreset = await writesOfStart({ ...world, preset: 'none' }, flags);
  return { withPreset, withoutPreset };
}

async function writesOfStart(world: RecordedWorld, flags: readonly string[]): Promise<readonly string[]> {
  const since = world.aws.trace.mark;
  const controller = await startController(world, flags);
  try {
    await controller.rest();
  } finally {
    await controller.stop();
  }
  return world.aws.trace.writes(since).map(({ operation }) => operation);
}

/** The controller of a class cannot be changed in a cluster; the replay makes each class anew. */
function giveClassesTo(preset: Preset, { kube }: RecordedWorld): void {
  const classes = kube.store.list('networking.k8s.io/v1', 'IngressClass') as unknown as readonly JsonObject[];
  const ours = classes.filter(({ spec }) => (spec as JsonObject)['controller'] === albcController);
  kube.store.remove(ours);
  kube.store.apply(
    ours.map(({ metadata, spec, ...rest }) => ({
      ...rest,
      metadata: {
        name: (metadata as JsonObject)['name'],
        annotations: (metadata as JsonObject)['annotations'] ?? {},
      },
      spec: { ...(spec as JsonObject), controller: policies[preset].controllers[0] },
    })),
  );
}
