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
  const [root, ...parts] = path.split('/').filter(Boolean).map(decodeURIComponent);
  const [group = '', version = '', ...rest] = root === 'api' ? ['', ...parts] : parts;
  const { namespace, rest: inScope } = scopeOf(rest);
  const [plural = '', name, subresource = '', ...tooMuch] = inScope;
  const resource = catalogue.find(group, version, plural);
  if (!resource || tooMuch.length > 0) throw noSuchResource();
  const route = { resource, namespace, name, subresource };
  if (!exists(route)) throw noSuchResource();
  return route;
}

function exists({ resource, namespace, subresource }: Route): boolean {
  if (namespace !== undefined && !resource.namespaced) return false;
  if (subresource === 'scale') return resource.scale;
  return subresource === '' || (subresource === 'status' && resource.status);
}

const namespaceSubresources = ['status', 'finalize'];

/** `/namespaces/web` is the Namespace itself, `/namespaces/web/status` its subresource, `/namespaces/web/services` a resource in it. */
function scopeOf(parts: readonly string[]): {
  readonly namespace: string | undefined;
  readonly rest: readonly string[];
} {
  const [first, namespace, next] = parts;
  const scoped = first === 'namespaces' && next !== undefined && !namespaceSubresources.includes(next);
  return scoped ? { namespace, rest: parts.slice(2) } : { namespace: undefined, rest: parts };
}
