import type { RedirectAction } from '../domain/rule.ts';
import { type AlbRequest, hostName } from './request.ts';

/** The Location header of a redirect from a listener (`protocol` in any case); ALB always writes the port. */
export function redirectLocation(
  action: RedirectAction,
  request: Pick<AlbRequest, 'host' | 'path' | 'query'> & { readonly protocol: string; readonly port: number },
): string {
  const values: Readonly<Record<string, string>> = {
    protocol: request.protocol.toLowerCase(),
    host: hostName(request),
    port: String(request.port),
    path: request.path.replace(/^\//, ''),
    query: request.query,
  };
  const expanded = (text: string): string =>
    text.replace(/#\{(protocol|host|port|path|query)\}/g, (_, name: string) => values[name] ?? '');
  const query = expanded(action.query);
  const base = `${expanded(action.protocol).toLowerCase()}://${expanded(action.host)}:${expanded(action.port)}${expanded(action.path)}`;
  return query === '' ? base : `${base}?${query}`;
}
