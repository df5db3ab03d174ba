import { noSuchResource } from '../api-error.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Resource } from '../resource.ts';

/** A request path below /api or /apis, resolved to a resource. */
export type Route = {
  readonly resource: Resource;
  /** Undefined: all namespaces (or a cluster-scoped resource). */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string;
};

/** Resolves `/api/v1/namespaces/web/services/front/status` and its like; throws 404 for what is not served. */
export function routeOf(path: string, catalogue: Catalogue): Route {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  const core = parts[0] === 'api';
  const [group, version] = core ? ['', parts[1]] : [parts[1], parts[2]];
  let rest = parts.slice(core ? 2 : 3);
  let namespace: string | undefined;
  // /namespaces/web is the Namespace itself, /namespaces/web/services is a resource in it, /namespaces/web/status a subresource.
  const isScope =
    rest[0] === 'namespaces' && rest.length > 2 && !namespaceSubresources.includes(rest[2] ?? '');
  if (isScope) {
    namespace = rest[1];
    rest = rest.slice(2);
  }
  const [plural = '', name, subresource = '', ...tooMuch] = rest;
  const resource = catalogue.find(group ?? '', version ?? '', plural);
  const misplaced = resource && namespace !== undefined && !resource.namespaced;
  if (!resource || misplaced || tooMuch.length > 0) throw noSuchResource();
  if (subresource && !(subresource === 'status' && resource.status)) throw noSuchResource();
  return { resource, namespace, name, subresource };
}

const namespaceSubresources = ['status', 'finalize'];
