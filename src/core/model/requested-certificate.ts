// Certificates that a member wants made in ACM: `create-acm-cert` and `acm-pca-arn` (albc-behaviour §8.2).

import { fullKey } from '../annotations/table.ts';
import { parseBoolean, parseList } from '../annotations/values.ts';
import type { CertificateIntent } from '../domain/group-model.ts';
import type { MemberContext } from './context.ts';
import type { MemberDraft } from './member-draft.ts';
import { type AnnotationReader, annotationReader } from './read-annotations.ts';
import { stage } from './stage.ts';

/** What is requested: a certificate for these hosts; undefined when this member wants none, or cannot have one. */
export type CertificateRequest = Pick<CertificateIntent, 'domains' | 'authorityArn'>;

const create = 'create-acm-cert';
const authority = 'acm-pca-arn';

/** What `create-acm-cert` asks for; undefined: nothing, or it cannot be had, which is a finding. */
export function certificateRequest(
  context: MemberContext,
  hosts: readonly string[],
): CertificateRequest | undefined {
  const { id } = context;
  const reader = annotationReader(context, { stage: stage.ports, albcPrefix: false });
  if (!isAsked(context, reader)) return undefined;
  if (hosts.length > 0) return { domains: hosts, authorityArn: authorityOf(context, reader) };
  const words = `ingress ${id} has create-acm-cert enabled but no hostnames defined in spec.rules[].host or spec.tls[].hosts — cannot create a certificate without at least one hostname`;
  context.report(stage.ports, {
    code: 'AnnotationInvalid',
    path: `metadata.annotations[${fullKey(create)}]`,
    message: `Ingress ${id}: annotation ${fullKey(create)} asks for a certificate, and neither spec.rules[].host nor spec.tls[].hosts names a host for it`,
    hint: `Name a host, or take the annotation away and name a certificate with ${fullKey('certificate-arn')}`,
    albcMessage: words,
  });
  return undefined;
}

/** Given certificates go before. ALBC overlooks those of the class here and makes one that nobody uses. */
function isAsked(context: MemberContext, reader: AnnotationReader): boolean {
  const { config, params } = context;
  const text = reader.text(create);
  if (text === undefined) return false;
  const isAlbc = config.policy.compatibility === 'albc';
  // ALBC takes what it cannot read for false.
  const word = isAlbc ? isTrue(text) : reader.value(create, parseBoolean);
  if (word !== true) return false;
  if (!config.featureGates.EnableCertificateManagement) {
    if (!isAlbc) reportGate(context);
    return false;
  }
  const ofClass = isAlbc ? [] : (params?.certificateArns ?? []);
  return [...(reader.value('certificate-arn', parseList) ?? []), ...ofClass].length === 0;
}

function isTrue(text: string): boolean {
  const word = parseBoolean(text);
  return word.ok && word.value;
}

function reportGate(context: MemberContext): void {
  context.report(stage.ours, {
    code: 'AnnotationNotSupported',
    severity: 'warning',
    path: `metadata.annotations[${fullKey(create)}]`,
    message: `Ingress ${context.id}: annotation ${fullKey(create)} has no effect, for the controller runs without the feature gate EnableCertificateManagement`,
    hint: 'Run the controller with --feature-gates=EnableCertificateManagement=true',
  });
}

function authorityOf({ config }: MemberContext, reader: AnnotationReader): string | undefined {
  const text = reader.text(authority) || undefined;
  const isArn = text === undefined || /^arn:[\w-]+:acm-pca:[\w-]*:\d*:certificate-authority\/.+$/.test(text);
  if (!isArn && config.policy.compatibility !== 'albc')
    reader.refuse(authority, 'which is not the ARN of a private certificate authority');
  return text ?? config.defaultPcaArn;
}

/** The certificates of accepted members. Default tags go before a member's, whatever the gate for them says (albc-behaviour §5.5). */
export function certificateIntents(
  drafts: readonly MemberDraft[],
  defaultTags: CertificateIntent['tags'],
): readonly CertificateIntent[] {
  return drafts.flatMap(({ listen, member, tags }) =>
    listen.request === undefined
      ? []
      : [{ ...listen.request, member: member.ref, tags: { ...tags, ...defaultTags } }],
  );
}
