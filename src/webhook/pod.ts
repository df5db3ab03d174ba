// New pods in labelled namespaces get the readiness gates of their target groups (albc-behaviour §7.8).

import { z } from 'zod';
import { allowed, type Verdict } from './admission.ts';
import type { NewPod } from './wanted-gates.ts';

const shape = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).nullish() }).nullish(),
  spec: z.object({ readinessGates: z.array(z.looseObject({ conditionType: z.string() })).nullish() }),
});

/** Of ALBC's first version, which no controller of today opens. */
const legacyPrefix = 'target-health.alb.ingress.k8s.aws';

/** Adds the gates that `wanted` says for the pod; what is no pod is left to the API server. */
export function gatedPod(
  object: unknown,
  namespace: string,
  wanted: (pod: NewPod) => readonly string[],
): Verdict {
  const parsed = shape.safeParse(object);
  if (!parsed.success) return allowed;
  const { metadata, spec } = parsed.data;
  const types = wanted({ namespace, labels: metadata?.labels ?? {} });
  if (types.length === 0) return allowed;
  const before = spec.readinessGates ?? [];
  const kept = before.filter(({ conditionType }) => !conditionType.startsWith(legacyPrefix));
  const known = new Set(kept.map(({ conditionType }) => conditionType));
  const added = types.filter((type) => !known.has(type)).map((conditionType) => ({ conditionType }));
  if (added.length === 0 && kept.length === before.length) return allowed;
  const op = spec.readinessGates === undefined ? 'add' : 'replace';
  return { allowed: true, patch: [{ op, path: '/spec/readinessGates', value: [...kept, ...added] }] };
}
