import type { Ingress } from '../core/domain/cluster.ts';

/** Host names of rules and TLS sections, each once, sorted: the local AWS gets a certificate for each. */
export function hostsOf(ingresses: readonly Ingress[]): readonly string[] {
  const hosts = ingresses.flatMap((ingress) => [
    ...ingress.rules.map((rule) => rule.host),
    ...ingress.tls.flatMap((tls) => tls.hosts),
  ]);
  return [...new Set(hosts.filter((host) => host !== ''))].toSorted();
}
