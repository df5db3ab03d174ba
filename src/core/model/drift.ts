// What is done about drift in one group, as its Ingresses, their class or the options say it.

import type { CoreConfig } from '../domain/config.ts';
import type { DriftModes } from '../domain/drift.ts';
import { driftAnnotation, parseDriftModes } from '../domain/drift-modes.ts';
import { ingressClassOf } from './host-policy.ts';
import type { MemberDraft } from './member-draft.ts';
import { stage } from './stage.ts';

/** Nobody who writes the annotation wants everything put back: what cannot be read changes nothing in AWS. */
const unreadable: DriftModes = { otherwise: 'report', fields: {} };

/**
 * The first member in group order that says it decides, held or not; else the first class that does; else `--drift`. What
 * cannot be read counts as `report` and is told, as is a member that says otherwise.
 */
export function groupDrift(drafts: readonly MemberDraft[], { drift }: CoreConfig): DriftModes {
  const said = drafts.flatMap((draft) => {
    const text = draft.context.ingress.meta.annotations[driftAnnotation];
    return text === undefined ? [] : [{ draft, text, modes: read(draft, text, undefined) }];
  });
  const [first] = said;
  if (first !== undefined) {
    for (const { draft, text } of said.slice(1)) {
      if (text !== first.text) {
        draft.context.report(stage.ours, {
          code: 'AnnotationConflict',
          severity: 'warning',
          path: `metadata.annotations[${driftAnnotation}]`,
          message: `Ingress ${draft.member.id}: annotation ${driftAnnotation} is "${text}", and "${first.text}" in Ingress ${first.draft.member.id} of the same group; the first in group order decides`,
          hint: 'Write the same value in both, or in one of them only',
        });
      }
    }
    return first.modes;
  }
  for (const draft of drafts) {
    const meta = ingressClassOf(draft.context.ingress, draft.context.snapshot)?.meta;
    const text = meta?.annotations[driftAnnotation];
    if (text !== undefined) return read(draft, text, meta?.name);
  }
  return drift;
}

function read(draft: MemberDraft, text: string, className: string | undefined): DriftModes {
  const parsed = parseDriftModes(text);
  if (parsed.ok) return parsed.value;
  const holder = className === undefined ? '' : ` of IngressClass ${className}`;
  draft.context.report(stage.ours, {
    code: className === undefined ? 'AnnotationInvalid' : 'ClassInvalid',
    severity: 'warning',
    path: className === undefined ? `metadata.annotations[${driftAnnotation}]` : 'spec.ingressClassName',
    message: `Ingress ${draft.member.id}: annotation ${driftAnnotation}${holder} is "${text}", which ${parsed.why}; until then it counts as report`,
    hint: 'Write for example "report", or "repair; tags=ignore, listener.sslPolicy=report"',
  });
  return unreadable;
}
