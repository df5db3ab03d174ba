// Which namespaces may have which hosts on shared load balancers, as an IngressClass says it. IngressClassParams has ALBC's
// fields only, so it is an annotation of the class.

import type { Ingress, IngressClass } from '../domain/cluster.ts';
import { namespacedName } from '../domain/ids.ts';
import type { Snapshot } from '../domain/snapshot.ts';

/** On an IngressClass: lines `HOST: NAMESPACE…`, the host being `*`, `*.example.com` or whole. */
export const hostClaimsAnnotation = 'albatross.dev/host-claims';

/** Namespaces by host pattern. */
export type HostPolicy = ReadonlyMap<string, ReadonlySet<string>>;

/** The class that an Ingress names, or the default one; undefined where it is not there. */
export function ingressClassOf(ingress: Ingress, snapshot: Snapshot): IngressClass | undefined {
  if (ingress.className !== undefined)
    return snapshot.ingressClasses.get(namespacedName('', ingress.className));
  return [...snapshot.ingressClasses.values()].find(({ isDefault }) => isDefault);
}

/** What the classes give away, all together; `wrong`: lines that cannot be read and mean nothing, by class. */
export function hostPolicy(classes: readonly IngressClass[]): {
  readonly policy: HostPolicy;
  readonly wrong: ReadonlyMap<string, readonly string[]>;
} {
  const policy = new Map<string, Set<string>>();
  const wrong = new Map<string, readonly string[]>();
  for (const { meta } of classes) {
    const lines = (meta.annotations[hostClaimsAnnotation] ?? '').split('\n').map((line) => line.trim());
    const written = lines.filter((line) => line !== '' && !line.startsWith('#'));
    const read = written.map((line) => ({ line, entry: entryOf(line) }));
    const unread = read.flatMap(({ line, entry }) => (entry === undefined ? [line] : []));
    if (unread.length > 0) wrong.set(meta.name, unread);
    for (const { entry } of read) {
      if (entry === undefined) continue;
      policy.set(entry.host, new Set([...(policy.get(entry.host) ?? []), ...entry.namespaces]));
    }
  }
  return { policy, wrong };
}

const host = /^(\*|(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?)$/;
const namespace = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

function entryOf(
  line: string,
): { readonly host: string; readonly namespaces: readonly string[] } | undefined {
  const [, pattern = '', rest = ''] = /^([^\s:]+)\s*:(.*)$/.exec(line) ?? [];
  const namespaces = rest.split(/[\s,]+/).filter((word) => word !== '');
  const isGood =
    host.test(pattern) && namespaces.length > 0 && namespaces.every((word) => namespace.test(word));
  return isGood ? { host: pattern, namespaces } : undefined;
}
