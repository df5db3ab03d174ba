// Annotations of our own that have no effect, on an Ingress, on its class and on its Services.

import { ownPrefix } from '../annotations/entry.ts';
import { ownEntryOf } from '../annotations/table.ts';
import type { Meta } from '../domain/cluster.ts';
import type { MemberContext, ProblemWords } from './context.ts';
import { quoted } from './read-annotations.ts';
import { stage } from './stage.ts';

type Kind = 'Ingress' | 'IngressClass' | 'Service';

/** Warns of those that are unknown or out of place, and of values that nobody defined. */
export function reportOwnAnnotations(context: MemberContext, kind: Kind, { name, annotations }: Meta): void {
  const holder = kind === 'Ingress' ? `Ingress ${context.id}` : `${kind} ${name}`;
  for (const annotation of Object.keys(annotations).toSorted()) {
    if (!annotation.startsWith(ownPrefix)) continue;
    const words = unused(annotation, annotations[annotation] ?? '', kind);
    if (words === undefined) continue;
    const { what, ...rest } = words;
    context.report(stage.ours, {
      ...rest,
      severity: 'warning',
      path: `${kind === 'Ingress' ? '' : `${holder} `}metadata.annotations[${annotation}]`,
      message: `${holder}: annotation ${annotation} ${what}`,
    });
  }
}

type Unused = Pick<ProblemWords, 'code' | 'hint'> & { readonly what: string };

function unused(annotation: string, value: string, kind: Kind): Unused | undefined {
  const { entry, meant } = ownEntryOf(annotation);
  if (entry === undefined) {
    const hint =
      meant === undefined
        ? 'Take it away, or look its name up in docs/reference/annotations.md'
        : `Write ${meant}`;
    return { code: 'AnnotationUnknown', what: 'is unknown and has no effect', hint };
  }
  if (!entry.on.includes(kind)) {
    const hint = `Write it on the ${entry.on.join(' or the ')}`;
    return { code: 'AnnotationUnknown', what: `has no effect on a ${kind}`, hint };
  }
  if (entry.words === undefined || entry.words.includes(value)) return undefined;
  return {
    code: 'AnnotationInvalid',
    what: `is ${quoted(value)} and has no effect; allowed: ${entry.allowed}`,
    hint: `For example ${annotation}: '${entry.example}'`,
  };
}
