// Everything that the engine writes to the cluster, by the writers of kube/.

import { checkpoints } from '../core/model/binding.ts';
import type { WritePort } from '../engine/ports.ts';
import type { EventRecorder } from '../kube/events.ts';
import { targetLists } from '../kube/target-lists.ts';
import type { KubeTransport } from '../kube/transport.ts';
import { kubeWriter } from '../kube/write.ts';
import type { Clock } from '../lib/clock.ts';

/** What the engine writes to the cluster. */
export function writePort(transport: KubeTransport, recorder: EventRecorder, clock: Clock): WritePort {
  const writer = kubeWriter(transport, clock);
  const lists = targetLists(transport);
  return {
    addFinalizer: writer.addFinalizer,
    removeFinalizer: writer.removeFinalizer,
    patchObservedGeneration: writer.patchObservedGeneration,
    patchFailedCleanup: writer.patchFailedCleanup,
    dropCheckpoint: (object, run) =>
      writer.annotate(object, Object.fromEntries(checkpoints.map((name) => [name, undefined])), run),
    discard: writer.discard,
    ownTargets: lists.read,
    storeOwnTargets: lists.store,
    dropOwnTargets: lists.drop,
    patchStatus: ({ object, loadBalancers }, run) => writer.patchStatus(object, loadBalancers, run),
    annotate: ({ object, key, text }, run) => writer.annotate(object, { [key]: text }, run),
    annotateNode: (annotation, run) => writer.annotateNode(annotation, run),
    patchPodCondition: (patch, run) => writer.patchPodCondition(patch, run),
    recordEvent: async (event) => recorder.record(event),
  };
}
