import type { JsonObject } from '../json.ts';
import { present } from '../json.ts';
import { ApiError, badRequest, expired } from '../api-error.ts';
import type { KubeObject } from '../object.ts';
import { fieldMatcher, labelMatcher } from '../selectors.ts';
import type { Store } from '../store.ts';
import { keyOf } from '../store.ts';
import type { Route } from './route.ts';

export type Listed = { readonly items: readonly KubeObject[]; readonly metadata: JsonObject };

/**
 * One page of a list. Later pages show the state of the first one's revision, found through the `continue` token; when that
 * revision is forgotten the answer is 410, as from a compacted etcd.
 */
export function listObjects(store: Store, route: Route, query: URLSearchParams): Listed {
  const limit = numberIn(query, 'limit');
  const token = query.get('continue');
  const start = token ? readToken(token) : undefined;
  checkRequestedRevision(store, query);
  const revision = start?.revision ?? store.revision;
  const matches = matcherOf(route, query);
  const found = atRevision(store, route, revision).filter(matches);
  const rest = start ? found.filter((object) => keyOf(object) > start.after) : found;
  const items = limit > 0 ? rest.slice(0, limit) : rest;
  const last = items.at(-1);
  const more = rest.length > items.length && last !== undefined;
  // With a selector the server cannot know how many of the remaining objects match, so it does not say.
  const counted = more && !query.get('labelSelector') && !query.get('fieldSelector');
  return {
    items,
    metadata: present({
      resourceVersion: String(revision),
      continue: more ? writeToken({ revision, after: keyOf(last) }) : undefined,
      remainingItemCount: counted ? rest.length - items.length : undefined,
    }),
  };
}

/** Both selectors of a request as one predicate; an unknown field or a malformed selector throws 400. */
export function matcherOf(route: Route, query: URLSearchParams): (object: KubeObject) => boolean {
  const labels = labelMatcher(query.get('labelSelector') ?? '');
  const fields = fieldMatcher(route.resource, query.get('fieldSelector') ?? '');
  return (object) =>
    labels(object) && fields(object) && (route.name === undefined || object.metadata.name === route.name);
}

function atRevision(store: Store, route: Route, revision: number): readonly KubeObject[] {
  try {
    return store.listAt(route.resource.storage, revision, route.namespace);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
        'the continue parameter.',
    );
  }
}

/** Refuses a revision that is not a number (400) or lies in the future (504), e.g. one kept over a restart of the simulator. */
export function checkRequestedRevision(store: Store, query: URLSearchParams): void {
  const given = query.get('resourceVersion') ?? '';
  if (!/^\d*$/.test(given)) {
    const why = `Invalid value: "${given}": strconv.ParseUint: parsing "${given}": invalid syntax`;
    throw badRequest(`invalid resource version: resourceVersion: ${why}`);
  }
  if (Number(given) <= store.revision) return;
  throw new ApiError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${given}, current: ${store.revision}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}

function numberIn(query: URLSearchParams, name: string): number {
  const given = query.get(name) ?? '';
  if (!/^\d*$/.test(given)) throw badRequest(`strconv.ParseInt: parsing "${given}": invalid syntax`);
  return Number(given);
}

type Token = { readonly revision: number; readonly after: string };

function writeToken(token: Token): string {
  return Buffer.from(
    JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start: token.after }),
  ).toString('base64url');
}

function readToken(text: string): Token {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (typeof value === 'object' && value && 'rv' in value && 'start' in value) {
      return { revision: Number(value.rv), after: String(value.start) };
    }
  } catch {
    // Not ours: answered like any other unusable token.
  }
  throw badRequest('invalid continue token: continue key is not valid');
}
