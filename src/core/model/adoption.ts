import { adoptAnnotation, type Adoption } from '../domain/adoption.ts';
import type { MemberDraft } from './member-draft.ts';

/** What the first member in group order that says so asks to take over, held or not. */
export function adoptionOf(drafts: readonly MemberDraft[]): Adoption | undefined {
  const [first] = drafts.flatMap(({ member, context: { ingress } }) => {
    const arn = ingress.meta.annotations[adoptAnnotation];
    return arn === undefined ? [] : [{ arn: arn.trim(), member: member.ref }];
  });
  return first;
}
