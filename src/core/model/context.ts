// What the stages of one member share: the Ingress, its world, and where its problems go.

import type { Ingress, IngressClassParams } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { NamespacedName } from '../domain/ids.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { ingressId, ingressRef } from './ingress-ref.ts';

/** A problem with its place in ALBC's order. */
export type Finding = { readonly stage: number; readonly problem: Problem };

export type ProblemWords = Pick<Problem, 'code' | 'path' | 'message'> &
  Partial<Pick<Problem, 'severity' | 'hint' | 'albcMessage' | 'albcEvent'>>;

export type MemberContext = {
  readonly ingress: Ingress;
  readonly id: NamespacedName;
  readonly ref: ObjectRef;
  readonly params: IngressClassParams | undefined;
  readonly snapshot: Snapshot;
  readonly config: CoreConfig;
  /** In the order they were found, without repeats. */
  readonly findings: readonly Finding[];
  readonly report: (stage: number, words: ProblemWords) => void;
};

/** An error unless `words` say otherwise; the same sentence about the same place is kept once. */
export function memberContext(input: {
  readonly ingress: Ingress;
  readonly params: IngressClassParams | undefined;
  readonly snapshot: Snapshot;
  readonly config: CoreConfig;
}): MemberContext {
  const ref = ingressRef(input.ingress);
  const findings: Finding[] = [];
  const seen = new Set<string>();
  return {
    ...input,
    id: ingressId(input.ingress),
    ref,
    findings,
    report: (stage, words) => {
      const identity = `${words.path} ${words.message}`;
      if (seen.has(identity)) return;
      seen.add(identity);
      findings.push({ stage, problem: problemOf(ref, words) });
    },
  };
}

/** An error of one member, unless the words say otherwise. */
export function problemOf(object: ObjectRef, words: ProblemWords): Problem {
  return { kind: 'problem', severity: 'error', scope: 'member', object, ...words };
}

/** Warnings hold nobody. */
export function hasError(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.problem.severity === 'error');
}
