// Which Secrets the model reads: those of OIDC providers, and no others. The controller watches these one by one.

import { parseOidc } from '../annotations/identity-providers.ts';
import { fullKey } from '../annotations/table.ts';
import type { Ingress, Service } from '../domain/cluster.ts';
import type { CoreConfig } from '../domain/config.ts';
import { type NamespacedName, namespacedName } from '../domain/ids.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { keysOf, membership } from './membership.ts';
import { namesService } from './service-names.ts';

type Annotations = Readonly<Record<string, string>>;

/** Every Secret that an Ingress of ours may need, sorted. */
export function secretReferences(snapshot: Snapshot, config: CoreConfig): readonly NamespacedName[] {
  const found = new Set<NamespacedName>();
  const services = servicesWithProvider(snapshot);
  for (const ingress of snapshot.ingresses.values()) {
    const secrets = secretsOf(ingress, services);
    if (secrets.length === 0 || keysOf(membership(ingress, snapshot, config)).length === 0) continue;
    for (const secret of secrets) found.add(secret);
  }
  return [...found].toSorted();
}

/** Services that may name a Secret. They are few, and only they are compared with every Ingress. */
export function servicesWithProvider({ services }: Snapshot): readonly Service[] {
  const keys = [fullKey('auth-type'), fullKey('auth-idp-oidc')];
  return [...services.values()].filter(({ meta }) => keys.some((key) => key in meta.annotations));
}

/**
 * The Secrets of one Ingress, whether it is ours or not: by its own annotations, and by those of its Services over them.
 * `services` come from `servicesWithProvider`.
 */
export function secretsOf(ingress: Ingress, services: readonly Service[]): readonly NamespacedName[] {
  const { namespace, annotations } = ingress.meta;
  const secrets = new Set<NamespacedName>();
  const take = (merged: Annotations): void => {
    const name = secretName(merged);
    if (name !== undefined) secrets.add(namespacedName(namespace, name));
  };
  take(annotations);
  for (const service of services) {
    if (namesService(ingress, service)) take({ ...annotations, ...service.meta.annotations });
  }
  return [...secrets];
}

function secretName(annotations: Annotations): string | undefined {
  const provider = annotations[fullKey('auth-idp-oidc')];
  if (annotations[fullKey('auth-type')] !== 'oidc' || provider === undefined) return undefined;
  const parsed = parseOidc(provider);
  return parsed.ok && parsed.value.secretName !== '' ? parsed.value.secretName : undefined;
}
