// The URLs and curl lines that the sandbox prints: one for each host and path of an Ingress, at the loopback port that
// stands for the listener.

import type { Ingress } from '../core/domain/cluster.ts';
import type { OpenListener } from '../simulator/dataplane/data-plane.ts';

export type TryRequest = { readonly url: string; readonly curl: string };

/** Requests that the rules of this Ingress answer, at the open listeners of the load balancers that its status names. */
export function requestsFor(ingress: Ingress, listeners: readonly OpenListener[]): readonly TryRequest[] {
  const names = ingress.status.map(({ hostname }) => hostname.toLowerCase());
  const own = listeners.filter(({ dnsName }) => names.includes(dnsName.toLowerCase()));
  const targets = ingress.rules.flatMap((rule) =>
    (rule.paths ?? []).map((path) => ({
      host: rule.host.replace(/^\*/, 'any'),
      path: examplePath(path.path),
    })),
  );
  const withDefault =
    targets.length === 0 && ingress.defaultBackend !== undefined ? [{ host: '', path: '/' }] : targets;
  return own.flatMap((listener) => withDefault.map((target) => request(listener, target.host, target.path)));
}

/** A path that an ImplementationSpecific pattern with wildcards matches. */
function examplePath(path: string): string {
  return (path === '' ? '/' : path).replace(/[*?]/g, 'x');
}

function request({ protocol, port, localPort }: OpenListener, host: string, path: string): TryRequest {
  const url = `${protocol.toLowerCase()}://${host === '' ? '<load balancer>' : host}${isUsual(protocol, port) ? '' : `:${port}`}${path}`;
  const name = host === '' ? '127.0.0.1' : host;
  const curl =
    protocol === 'HTTPS'
      ? `curl -k --resolve ${name}:${localPort}:127.0.0.1 https://${name}:${localPort}${path}`
      : host === ''
        ? `curl http://127.0.0.1:${localPort}${path}`
        : `curl -H 'Host: ${host}' http://127.0.0.1:${localPort}${path}`;
  return { url, curl };
}

function isUsual(protocol: string, port: number): boolean {
  return port === (protocol === 'HTTPS' ? 443 : 80);
}
