import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import type { InProcessController } from '../../src/sandbox/in-process-controller.ts';
import { objectsBeside } from '../../src/simulator/kube/workload-objects.ts';
import type { OutsideCall, RecordedCase } from './cases.ts';
import { localWebhooks } from '../support/shipped-webhooks.ts';
import { collectAws } from './collect-aws.ts';
import {
  collectBindings,
  collectEvents,
  collectIngresses,
  collectReadinessGates,
  collectTargetLists,
  eventCounts,
} from './collect-kubernetes.ts';
import { type Difference, differences } from './compare.ts';
import { startController } from './controller.ts';
import { type Json, type JsonObject, mapText, present } from './json.ts';
import { comparable, type Step } from './left-out.ts';
import { type TakeOver, takeOver } from './take-over.ts';
import { explained } from './traits.ts';
import { recordedRequests, sentSecrets, writtenAttributes } from './requests.ts';
import { makeCall, type Preset, type RecordedWorld, startWorld } from './world.ts';

export type CaseResult = {
  readonly name: string;
  readonly ids: readonly string[];
  readonly differences: readonly Difference[];
  /** Where it was asked for and the last step succeeded. */
  readonly takenOver?: TakeOver;
  /** By the path of a difference that has no mark of its own: the subject of docs/compatibility.md behind it, by what the case does. */
  readonly explained?: (path: string) => string | undefined;
};

/** A step takes a second or two, on a busy machine much longer; one that never rests works against itself. */
const restLimitMs = 120_000;

/** What of a step is compared. `calls` are for orientation, `given` is input (test/recordings/README.md). */
const compared = ['refused', 'aws', 'kubernetes', 'events', 'requests'] as const;

/** Replays one case from its first step to its last in a world of its own, and says where the results differ. */
export async function runCase(
  recorded: RecordedCase,
  { preset, takesOver = false }: { readonly preset: Preset; readonly takesOver?: boolean },
): Promise<CaseResult> {
  const world = await startWorld(recorded, preset);
  const found: Difference[] = [];
  const earlier: Step[] = [];
  const webhooks = recorded.world.webhooks === true ? await localWebhooks() : undefined;
  let controller: InProcessController | undefined;
  let wasTouched = false;
  let takenOver: TakeOver | undefined;
  try {
    for (const file of recorded.files) {
      if (file.endsWith('.json')) {
        await makeOutsideCalls(recorded, file, world);
        wasTouched = true;
        continue;
      }
      const isFaulty = injectFaults(recorded, earlier.length + 1, world);
      const since = { events: eventCounts(world.kube), calls: world.aws.trace.mark };
      if (webhooks !== undefined && controller === undefined) {
        controller = await startController(world, [
          ...recorded.world.flags,
          ...Object.entries(webhooks.flags).map((pair) => `--${pair.join('=')}`),
        ]);
        await atRest(controller, file);
        world.kube.store.apply(webhooks.configurations('Fail'));
      }
      // ALBC reads AWS at every pass; we do at every audit, which time would bring and a replay asks for.
      if (wasTouched) await controller?.audit('groups');
      const refused = await applyFile(recorded, file, world);
      controller ??= await startController(world, recorded.world.flags);
      await atRest(controller, file);
      // What AWS calls invalid ALBC tries again with back-off, and we at the next audit.
      if (isFaulty) {
        await controller.audit();
        await atRest(controller, file);
      }
      const expected = recorded.expected.get(file) ?? {};
      const actual = { ...collect(recorded, world, since), ...present({ refused }) };
      const [left, right] = [comparable(expected, earlier), comparable(actual, earlier)];
      for (const part of compared) found.push(...differences(left[part], right[part], `${file} ${part}`));
      earlier.push(expected);
    }
    await controller?.stop();
    controller = undefined;
    if (takesOver && succeeded(earlier.at(-1))) takenOver = await takeOver(world, recorded.world.flags);
  } finally {
    await controller?.stop();
    await world.close();
    webhooks?.close();
  }
  return {
    name: recorded.name,
    ids: recorded.ids,
    differences: found,
    explained: explained(recorded),
    ...(takenOver === undefined ? {} : { takenOver }),
  };
}

/** Nobody was told of a failure in the last step, and ALBC's webhooks turned nothing down. */
function succeeded(step: Step | undefined): boolean {
  const events = (step?.['events'] ?? []) as readonly { readonly type: string }[];
  return step?.['refused'] === undefined && events.every(({ type }) => type === 'Normal');
}

async function makeOutsideCalls(recorded: RecordedCase, file: string, world: RecordedWorld): Promise<void> {
  const calls = JSON.parse(readFileSync(join(recorded.folder, file), 'utf8')) as readonly OutsideCall[];
  for (const call of calls) await makeCall(world, call);
}

/** Whether there are any in this step. */
function injectFaults(recorded: RecordedCase, step: number, { aws }: RecordedWorld): boolean {
  const faults = recorded.world.faults.filter(({ step: at }) => Number(at ?? 1) === step);
  for (const { operation, times, status, code, message } of faults) {
    aws.faults.add({ operation, times, action: { kind: 'fail', status, code, message } });
  }
  return faults.length > 0;
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

/** With webhooks the written objects are submitted one by one; the pods that the recorder made meet none. */
async function applyFile(
  recorded: RecordedCase,
  file: string,
  world: RecordedWorld,
): Promise<readonly Json[]> {
  const text = world.answering(world.placeholders.toIds(readFileSync(join(recorded.folder, file), 'utf8')));
  const objects = parseAllDocuments(text)
    .map((document) => document.toJS() as JsonObject | null)
    .filter((object) => object !== null);
  if (file.includes('-delete')) {
    world.kube.store.remove(objects);
    return [];
  }
  const existingPods = world.kube.store.list('v1', 'Pod') as unknown as readonly JsonObject[];
  const beside = objectsBeside({ manifests: objects, existingPods, nextAddress: world.nextAddress });
  const { store } = world.kube;
  const hasWebhooks = recorded.world.webhooks === true;
  if (hasWebhooks) store.apply(beside);
  const refused = hasWebhooks ? await store.submit(objects) : store.apply([...objects, ...beside]);
  const name = world.placeholders.namer();
  return refused.map(({ object, code, message }) => ({ object, message: name(`${code} ${message}`) }));
}

type Since = { readonly events: ReadonlyMap<string, number>; readonly calls: number };

function collect(
  recorded: RecordedCase,
  { aws, kube, placeholders, seeded }: RecordedWorld,
  since: Since,
): Step {
  const written = writtenAttributes(aws.trace.writes());
  const collected = {
    aws: collectAws({ state: aws.state, written, clientSecrets: sentSecrets(aws.trace.writes()), seeded }),
    kubernetes: present({
      ingresses: collectIngresses(kube),
      readinessGates: collectReadinessGates(kube),
      ...(recorded.world.tgb === true && {
        targetGroupBindings: collectBindings(kube),
        configMaps: collectTargetLists(kube),
      }),
    }),
    events: collectEvents(kube, since.events),
    ...present({ requests: recordedRequests(aws.trace.writes(since.calls), recorded.world.record ?? []) }),
  };
  const named = mapText(collected, placeholders.namer()) as Step;
  // A refusal that is met again has another request id, and the same text without it.
  return { ...named, events: distinct(named['events'] as readonly Json[]) };
}

const distinct = (events: readonly Json[]): readonly Json[] => [
  ...new Map(events.map((event) => [JSON.stringify(event), event])).values(),
];
