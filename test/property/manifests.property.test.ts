// Random manifests over all annotations: nothing throws, every Ingress is served or told why not, and a controller that
// starts afresh finds nothing left to do.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { annotationTable } from '../../src/core/annotations/table.ts';
import { objectsBeside } from '../../src/simulator/kube/workload-objects.ts';
import type { RecordedCase } from '../replay/cases.ts';
import { collectEvents } from '../replay/collect-kubernetes.ts';
import { startController } from '../replay/controller.ts';
import { mapText } from '../replay/json.ts';
import { type Preset, type RecordedWorld, startWorld } from '../replay/world.ts';
import { eventually } from '../support/eventually.ts';
import { annotationPool, arbitraryIngress, neighbours } from '../support/arbitrary-manifest.ts';

test('every annotation has values to draw from', () => {
  assert.deepEqual(Object.keys(annotationPool).toSorted(), annotationTable.map(({ key }) => key).toSorted());
});

const noCase: RecordedCase = {
  name: 'random',
  folder: '',
  ids: [],
  world: { flags: [], aws: [], faults: [], shield: 'ACTIVE' },
  files: [],
  expected: new Map(),
};

/** Ten Ingresses, and what their owners make of them later. */
const ten = fc.array(arbitraryIngress, { minLength: 10, maxLength: 10 });
const batch = fc.tuple(ten, ten);
// Others are tried with SEED=… node --test test/property/manifests.property.test.ts
const seed = Number(process.env['SEED'] ?? 1);

for (const preset of ['none', 'albc'] as const) {
  describe(`a hundred random manifests, compatibility ${preset}, seed ${seed}`, { concurrency: 5 }, () => {
    for (const [index, made] of fc.sample(batch, { numRuns: 10, seed }).entries()) {
      test(`batch ${index}: made and edited, they converge; a restart finds nothing to write, and deleting them leaves nothing`, () =>
        converges(
          made.map((makers) => makers.map((make, at) => make(`i${at}`))),
          preset,
        ));
    }
  });
}

async function converges(
  [first = [], edited = []]: readonly (readonly object[])[],
  preset: Preset,
): Promise<void> {
  const world = await startWorld(noCase, preset);
  let controller = await startController(world, [], { rationed: false });
  try {
    const existed = new Set(arnsOf(world));
    apply(world, [...neighbours, ...first]);
    await controller.rest();
    // Events are written in the background.
    await eventually(() => assertTold(world, first), 5000);
    apply(world, edited);
    await controller.rest();
    await controller.stop();
    controller = await startController(world, [], { rationed: false });
    const mark = world.aws.trace.mark;
    await controller.rest();
    const done = world.aws.trace.writes(mark).filter(({ errorCode }) => errorCode === undefined);
    assert.deepEqual(
      done.map(({ operation, params }) => `${operation} ${JSON.stringify(params)}`),
      [],
    );
    world.kube.store.remove([...edited]);
    await controller.rest();
    // AWS lets go of a security group some time after what used it is gone.
    await eventually(
      () =>
        assert.deepEqual(
          arnsOf(world).filter((arn) => !existed.has(arn)),
          [],
        ),
      60_000,
    );
  } finally {
    await controller.stop();
    await world.close();
  }
}

function apply(world: RecordedWorld, objects: readonly object[]): void {
  const known = objects.map((object) => mapText(object as never, (text) => world.placeholders.toIds(text)));
  const beside = objectsBeside({
    manifests: known as never,
    existingPods: [],
    nextAddress: world.nextAddress,
  });
  assert.deepEqual(world.kube.store.apply([...(known as object[]), ...beside]), []);
}

/** Each Ingress has an address or an event that says why not. */
function assertTold(world: RecordedWorld, ingresses: readonly object[]): void {
  const events = collectEvents(world.kube, new Map()) as readonly { object: string; type: string }[];
  for (const { metadata } of ingresses as readonly { metadata: { name: string } }[]) {
    const object = `Ingress web/${metadata.name}`;
    assert.ok(
      events.some((event) => event.object === object),
      `${object} has no event`,
    );
  }
}

function arnsOf({ aws: { state } }: RecordedWorld): readonly string[] {
  return [
    ...[state.loadBalancers, state.listeners, state.rules, state.targetGroups].flatMap((map) => [
      ...map.keys(),
    ]),
    ...state.securityGroups.keys(),
  ];
}
