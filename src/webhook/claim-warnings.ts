// What an Ingress would be held for because another namespace has its host and path, told before it is there. AWS is not
// asked at admission, so who was first is told by age; the controller decides by what AWS has.

import { heldByClaims } from '../core/claims/claims.ts';
import type { Ingress } from '../core/domain/cluster.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import { emptyObservedGroup } from '../core/domain/observed-group.ts';
import type { Problem } from '../core/domain/problem.ts';
import type { Snapshot } from '../core/domain/snapshot.ts';
import { groupModel } from '../core/model/group.ts';
import { keyOf } from '../core/model/identity.ts';
import { ingressId } from '../core/model/ingress-ref.ts';
import { membership } from '../core/model/membership.ts';

type Write = { readonly ingress: Ingress; readonly before: Ingress | undefined };

/** The Ingress with the age that it has among the others: none while it is only coming. */
export function withAge({ ingress, before }: Write): Ingress {
  return before === undefined ? { ...ingress, meta: { ...ingress.meta, creationTimestamp: '' } } : ingress;
}

/** Claims of others that a new or changed Ingress begins to contradict. */
export function claimProblems(
  { ingress, before }: Write,
  world: { readonly snapshot: Snapshot; readonly config: CoreConfig },
): readonly Problem[] {
  const isNew = before === undefined;
  const after = contradictions(withAge({ ingress, before }), world);
  if (isNew || after.length === 0) return after;
  const known = new Set(contradictions(before, world).map(({ message }) => message));
  return after.filter(({ message }) => !known.has(message));
}

function contradictions(
  ingress: Ingress,
  { snapshot, config }: { readonly snapshot: Snapshot; readonly config: CoreConfig },
): readonly Problem[] {
  const id = ingressId(ingress);
  const after = { ...snapshot, ingresses: new Map(snapshot.ingresses).set(id, ingress) };
  const { current } = membership(ingress, after, config);
  if (current === undefined) return [];
  const key = keyOf(current);
  const model = groupModel(after, key, config);
  const observed = emptyObservedGroup(key);
  return heldByClaims({ model, observed, snapshot: after, config }).refused.get(id) ?? [];
}
