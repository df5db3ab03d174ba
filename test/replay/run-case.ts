import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import type { InProcessController } from '../../src/sandbox/in-process-controller.ts';
import { objectsBeside } from '../../src/simulator/kube/workload-objects.ts';
import type { RecordedCase } from './cases.ts';
import { collectAws, mutualAuthentication } from './collect-aws.ts';
import { collectBindings, collectEvents, collectIngresses, eventCounts } from './collect-kubernetes.ts';
import { type Difference, differences } from './compare.ts';
import { startController } from './controller.ts';
import { type Json, type JsonObject, mapText, present } from './json.ts';
import { withoutBindings } from './left-out.ts';
import { makeCall, type RecordedWorld, startWorld } from './world.ts';

export type CaseResult = {
  readonly name: string;
  readonly ids: readonly string[];
  readonly differences: readonly Difference[];
};

/** A step takes a second or two; one that never rests works against itself. */
const restLimitMs = 20_000;

/** What of a step is compared. `calls` are for orientation, `given` is input (test/recordings/README.md). */
const compared = ['refused', 'aws', 'kubernetes', 'events', 'requests'] as const;

/** Replays one case from its first step to its last in a world of its own, and says where the results differ. */
export async function runCase(recorded: RecordedCase, flags: readonly string[]): Promise<CaseResult> {
  const world = await startWorld(recorded);
  const found: Difference[] = [];
  let controller: InProcessController | undefined;
  let wasTouched = false;
  try {
    for (const file of recorded.files) {
      if (file.endsWith('.json')) {
        const calls = JSON.parse(readFileSync(join(recorded.folder, file), 'utf8')) as Parameters<
          typeof makeCall
        >[1][];
        for (const outside of calls) await makeCall(world, outside);
        wasTouched = true;
        continue;
      }
      const before = eventCounts(world.kube);
      const refused = applyFile(recorded, file, world);
      controller ??= await startController(world, [...recorded.world.flags, ...flags]);
      // ALBC reads AWS at every pass; we do at every audit, which time would bring and a replay asks for.
      if (wasTouched) await controller.audit();
      await atRest(controller, file);
      const actual = {
        ...collect(world, { before, notesBindings: recorded.world.tgb === true }),
        ...present({ refused }),
      };
      const expected = withoutBindings(recorded.expected.get(file) ?? {});
      for (const part of compared) {
        found.push(...differences(expected[part], actual[part], `${file} ${part}`));
      }
    }
  } finally {
    await controller?.stop();
    await world.close();
  }
  return { name: recorded.name, ids: recorded.ids, differences: found };
}

async function atRest(controller: InProcessController, file: string): Promise<void> {
  const limit = new AbortController();
  const late = setTimeout(restLimitMs, undefined, { signal: limit.signal }).then(
    () => {
      throw new Error(`${file}: the controller is still at work after ${restLimitMs / 1000} s`);
    },
    () => undefined,
  );
  await Promise.race([controller.rest(), late]);
  limit.abort();
}

function applyFile(recorded: RecordedCase, file: string, world: RecordedWorld): readonly Json[] {
  const text = world.placeholders.toIds(readFileSync(join(recorded.folder, file), 'utf8'));
  const objects = parseAllDocuments(text)
    .map((document) => document.toJS() as JsonObject | null)
    .filter((object) => object !== null);
  if (file.includes('-delete')) {
    world.kube.store.remove(objects);
    return [];
  }
  const existingPods = world.kube.store.list('v1', 'Pod') as unknown as readonly JsonObject[];
  const beside = objectsBeside({ manifests: objects, existingPods, nextAddress: world.nextAddress });
  return world.kube.store
    .apply([...objects, ...beside])
    .map(({ object, code, message }) => ({ object, message: `${code} ${message}` }));
}

function collect(
  { aws, kube, placeholders }: RecordedWorld,
  {
    before,
    notesBindings,
  }: { readonly before: ReadonlyMap<string, number>; readonly notesBindings: boolean },
): Readonly<Record<string, Json>> {
  const name = placeholders.namer();
  const toNames = (value: Json) => mapText(value, name);
  const written = writtenAttributes(aws.trace.writes());
  return toNames({
    aws: collectAws({ state: aws.state, written, clientSecrets: new Map() }),
    kubernetes: present({
      ingresses: collectIngresses(kube),
      targetGroupBindings: notesBindings ? collectBindings(kube) : undefined,
    }),
    events: collectEvents(kube, before),
  }) as JsonObject;
}

type Write = { readonly operation: string; readonly params: Readonly<Record<string, unknown>> };

/** Attribute keys that the controller wrote, by ARN. */
function writtenAttributes(writes: readonly Write[]): ReadonlyMap<string, ReadonlySet<string>> {
  const written = new Map<string, Set<string>>();
  for (const { operation, params } of writes) {
    const arn = String(params['LoadBalancerArn'] ?? params['TargetGroupArn'] ?? params['ListenerArn']);
    const keys = written.get(arn) ?? new Set();
    if (operation === 'ModifyListener' && params['MutualAuthentication'] !== undefined)
      written.set(arn, keys.add(mutualAuthentication));
    if (!/^Modify.*Attributes$/.test(operation)) continue;
    for (const { Key } of (params['Attributes'] ?? []) as { Key: string }[]) keys.add(Key);
    written.set(arn, keys);
  }
  return written;
}
