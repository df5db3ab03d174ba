// Web ACLs and Shield Advanced: what a member says, and what the members must agree on.

import { parseBoolean } from '../annotations/values.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { LoadBalancerIntent, WebAclIntent } from '../domain/group-model.ts';
import type { ObjectRef } from '../domain/problem.ts';
import type { MemberContext } from './context.ts';
import { type AnnotationReader, annotationReader } from './read-annotations.ts';
import { stage } from './stage.ts';

/** `undefined`: this member does not say. */
export type AddOnsDraft = {
  /** An ARN, or `none`. */
  readonly webAclArn: string | undefined;
  /** A name, or `none`. */
  readonly webAclName: string | undefined;
  /** Id of a web ACL of WAF Classic, or `none`. */
  readonly classicWebAclId: string | undefined;
  readonly shieldProtection: boolean | undefined;
};

const none = 'none';

/** A web ACL of the class goes before those of annotations, whichever way it is named (albc-behaviour §2.2). */
export function addOnsDraft(context: MemberContext): AddOnsDraft {
  const { params, config } = context;
  const reader = annotationReader(context, { stage: stage.addOns, albcPrefix: false });
  const shieldProtection = reader.value('shield-advanced-protection', parseBoolean);
  const own = { shieldProtection, classicWebAclId: classicWebAclId(reader) };
  const ofClass = { arn: params?.wafv2AclArn || undefined, name: params?.wafv2AclName || undefined };
  if (ofClass.arn !== undefined || ofClass.name !== undefined)
    return { webAclArn: ofClass.arn, webAclName: ofClass.name, ...own };
  const arn = reader.text('wafv2-acl-arn');
  // ALBC takes an empty ARN for `none`, against its own documentation (albc-behaviour §8.4).
  const whenEmpty = config.policy.compatibility === 'albc' ? none : undefined;
  return {
    webAclArn: arn === '' ? whenEmpty : arn,
    webAclName: reader.text('wafv2-acl-name') || undefined,
    ...own,
  };
}

/** The old name is only read where the new one is not there at all; an empty value says nothing. */
function classicWebAclId(reader: AnnotationReader): string | undefined {
  return (reader.text('waf-acl-id') ?? reader.text('web-acl-id')) || undefined;
}

type Named = AddOnsDraft & { readonly member: ObjectRef };

/** What the group asks for, as far as the controller's flags let it. */
export function addOnsOf(
  members: readonly Named[],
  config: CoreConfig,
): Pick<LoadBalancerIntent, 'webAcl' | 'classicWebAclId' | 'shieldProtection'> {
  const asked = members.map(({ shieldProtection }) => shieldProtection).find((word) => word !== undefined);
  const classic = members.map((member) => member.classicWebAclId).find((id) => id !== undefined);
  return {
    classicWebAclId: config.enableWaf ? (classic === none ? '' : classic) : undefined,
    webAcl: config.enableWafv2 ? webAclOf(members) : undefined,
    shieldProtection: config.enableShield ? asked : undefined,
  };
}

/** The web ACL of the group: one name makes all ARNs count for nothing. */
function webAclOf(members: readonly Named[]): WebAclIntent | undefined {
  const named = members.find(({ webAclName }) => webAclName !== undefined);
  if (named?.webAclName !== undefined)
    return named.webAclName === none
      ? { kind: none }
      : { kind: 'name', name: named.webAclName, member: named.member };
  const arn = members.map(({ webAclArn }) => webAclArn).find((found) => found !== undefined);
  if (arn === undefined) return undefined;
  return arn === none ? { kind: none } : { kind: 'arn', arn };
}
