import type { Json } from '../../../src/simulator/kube/json.ts';

/** A request that both servers get, and how far their answers must agree. */
export type Case = {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
  readonly type?: string;
  /** Why code and reason are the same but our words are our own. */
  readonly ownWords?: string;
  /** Fields that the local API does not fill in. */
  readonly ignore?: readonly string[];
};

export const namespace = 'local-api-contract';

export function post(what: string, path: string, body: Json, more: Partial<Case> = {}): Case {
  return { what, method: 'POST', path, body, ...more };
}

type Patch = (what: string, path: string, body: Json, more?: Partial<Case>) => Case;

function patchOf(type: string): Patch {
  return (what, path, body, more = {}) => ({ what, method: 'PATCH', path, type, body, ...more });
}

export const mergePatch = patchOf('application/merge-patch+json');
export const strategicPatch = patchOf('application/strategic-merge-patch+json');
export const jsonPatch = patchOf('application/json-patch+json');
export const applyPatch = patchOf('application/apply-patch+yaml');
export const plainPatch = patchOf('application/json');
