import type { CoreConfig } from '../domain/config.ts';
import type { GroupKey } from '../domain/ids.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { keyOf } from './identity.ts';
import { membership } from './membership.ts';

/** Groups whose last Ingress leaves, with proof: their load balancers are about to be deleted. */
export function goingGroups(snapshot: Snapshot, config: CoreConfig): ReadonlySet<GroupKey> {
  const going = new Set<GroupKey>();
  const staying = new Set<GroupKey>();
  for (const ingress of snapshot.ingresses.values()) {
    const { current, guestOf, finalizerKeys, proof } = membership(ingress, snapshot, config);
    const own: ReadonlySet<GroupKey> = new Set([...(current ? [keyOf(current)] : []), ...guestOf]);
    for (const key of own) staying.add(key);
    for (const key of finalizerKeys)
      if (!own.has(key)) (proof === undefined || proof === 'released' ? staying : going).add(key);
  }
  return new Set([...going].filter((key) => !staying.has(key)));
}
