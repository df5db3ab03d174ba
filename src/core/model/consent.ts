// Whether a group's users agree that its load balancer is replaced by another one, with another DNS name, or that it goes
// among many.

import type { GroupModel, LeavingMember, LoadBalancerIntent } from '../domain/group-model.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { deletionHeldAnnotation } from '../domain/group-model.ts';
import { ingressClassOf } from './host-policy.ts';
import type { MemberDraft } from './member-draft.ts';

/** On an Ingress, or on an IngressClass for all of its Ingresses. */
export const replacementAnnotation = 'albatross.dev/allow-replacement';

/**
 * Consent is due from those who ask for the scheme of `which` load balancer: the members that name one, or all of them where
 * none does. The class of a member speaks for it. Anything but `true` is no consent.
 */
export function replacementConsent(
  drafts: readonly MemberDraft[],
  which: 'loadBalancer' | 'frontendNlb',
): Pick<LoadBalancerIntent, 'allowsReplacement'> {
  const asking = drafts.filter((draft) => draft[which].scheme !== undefined);
  const due = asking.length > 0 ? asking : drafts;
  return due.length > 0 && due.every(consents) ? { allowsReplacement: true } : {};
}

function consents({ context: { ingress, snapshot } }: MemberDraft): boolean {
  const metas = [ingress.meta, ingressClassOf(ingress, snapshot)?.meta];
  return metas.some((meta) => meta?.annotations[replacementAnnotation] === 'true');
}

/** On an Ingress, or on an IngressClass for all of its Ingresses: their load balancers may go, however many at once. */
export const deletionAnnotation = 'albatross.dev/allow-deletion';

/**
 * Whether the group's resources may go among many. Consent is due from each Ingress that leaves; its class speaks for it. One
 * that had to wait once waits for consent, also when the others are gone.
 */
export function deletionConsent(
  leaving: readonly LeavingMember[],
  snapshot: Snapshot,
): Pick<GroupModel, 'massDeletion'> {
  const metas = leaving.map(({ id }) => {
    const ingress = snapshot.ingresses.get(id);
    return ingress === undefined ? [] : [ingress.meta, ingressClassOf(ingress, snapshot)?.meta];
  });
  const says = (key: string) => (all: (typeof metas)[number]) =>
    all.some((meta) => meta?.annotations[key] === 'true');
  if (metas.length > 0 && metas.every(says(deletionAnnotation))) return { massDeletion: 'allowed' };
  return metas.some(says(deletionHeldAnnotation)) ? { massDeletion: 'wasHeld' } : {};
}
