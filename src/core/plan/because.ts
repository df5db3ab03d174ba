import type { Because, FieldChange } from '../domain/operation.ts';
import type { ObjectRef } from '../domain/problem.ts';

/** "Ingress shop/web". */
export function nameOf(object: ObjectRef): string {
  return `${object.kind} ${object.namespace === '' ? object.name : `${object.namespace}/${object.name}`}`;
}

/** It is wanted and not there. */
export function missing(text: string, object?: ObjectRef): Because {
  return { reason: 'missing', text, ...(object && { object }) };
}

/** It is there and nobody wants it. */
export function unwanted(text: string): Because {
  return { reason: 'unwanted', text };
}

/** It is only on the way to what is wanted. */
export function transition(text: string): Because {
  return { reason: 'transition', text };
}

/**
 * Why something that exists is written again. `sameAsBefore`: the desired state is as last applied, so it was AWS that
 * moved, which is drift.
 */
export function differs(changes: readonly FieldChange[], sameAsBefore: boolean, object?: ObjectRef): Because {
  const fields = changes.map((change) => change.field).join(', ');
  return {
    reason: sameAsBefore ? 'drift' : 'changed',
    text: sameAsBefore ? `${fields} changed in AWS` : `${fields} changed`,
    changes,
    ...(object && { object }),
  };
}
