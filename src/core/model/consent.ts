// Whether a group's users agree that its load balancer is replaced by another one, with another DNS name.

import type { LoadBalancerIntent } from '../domain/group-model.ts';
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
