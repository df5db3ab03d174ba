// New pods in labelled namespaces get the readiness gates of their target groups (albc-behaviour §7.8).

import { z } from 'zod';
import { allowed, type PatchOperation, type Verdict } from './admission.ts';
import type { NewPod, WantedGates } from './wanted-gates.ts';

const shape = z.object({
  metadata: z
    .object({
      labels: z.record(z.string(), z.string()).nullish(),
      annotations: z.record(z.string(), z.string()).nullish(),
    })
    .nullish(),
  spec: z.object({ readinessGates: z.array(z.looseObject({ conditionType: z.string() })).nullish() }),
});

/** Of ALBC's first version, which no controller of today opens. */
const legacyPrefix = 'target-health.alb.ingress.k8s.aws';

/** On a pod that got no gate although Ingresses send to it: why. */
const ungatedAnnotation = 'albatross.dev/no-readiness-gate';

/** Adds the gates that `wanted` says for the pod, or why there are none; what is no pod is left to the API server. */
export function gatedPod(object: unknown, namespace: string, wanted: (pod: NewPod) => WantedGates): Verdict {
  const parsed = shape.safeParse(object);
  if (!parsed.success) return allowed;
  const { metadata, spec } = parsed.data;
  const { types, without } = wanted({ namespace, labels: metadata?.labels ?? {} });
  if (types.length === 0)
    return without.length === 0
      ? allowed
      : { allowed: true, patch: [explanation(metadata?.annotations ?? undefined, without.join('; '))] };
  const before = spec.readinessGates ?? [];
  const kept = before.filter(({ conditionType }) => !conditionType.startsWith(legacyPrefix));
  const known = new Set(kept.map(({ conditionType }) => conditionType));
  const added = types.filter((type) => !known.has(type)).map((conditionType) => ({ conditionType }));
  if (added.length === 0 && kept.length === before.length) return allowed;
  const op = spec.readinessGates === undefined ? 'add' : 'replace';
  return { allowed: true, patch: [{ op, path: '/spec/readinessGates', value: [...kept, ...added] }] };
}

function explanation(annotations: Readonly<Record<string, string>> | undefined, why: string): PatchOperation {
  if (annotations === undefined)
    return { op: 'add', path: '/metadata/annotations', value: { [ungatedAnnotation]: why } };
  return { op: 'add', path: `/metadata/annotations/${ungatedAnnotation.replace('/', '~1')}`, value: why };
}
