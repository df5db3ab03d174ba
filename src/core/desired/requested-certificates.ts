// Certificates that are made in ACM (albc-behaviour §8.2): which one of the group's certificates stands for each that a
// member wants, and what is told while it is not issued.

import type { CoreConfig } from '../domain/config.ts';
import type { DesiredCertificate } from '../domain/desired-group.ts';
import type { CertificateIntent, GroupModel } from '../domain/group-model.ts';
import { resourceId } from '../domain/ids.ts';
import type { ObservedCertificate, ObservedGroup } from '../domain/observed-group.ts';
import type { Checked, ObjectRef, Problem } from '../domain/problem.ts';
import { certificateName } from './names.ts';
import { groupTags, resourceTag } from './tags.ts';

/**
 * One certificate for each member that wants one. Another set of hosts is another certificate; another private authority
 * is not (as ALBC). One that ACM failed to issue is replaced after a while.
 *
 * Problems: `CertificatePending`, a warning for each that is not issued.
 */
export function desiredCertificates(
  { key, certificates }: GroupModel,
  observed: ObservedGroup,
  config: CoreConfig,
): Checked<readonly DesiredCertificate[]> {
  const wanted = certificates.map((intent): Checked<DesiredCertificate> => {
    const { domains, authorityArn, member } = intent;
    const name = certificateName(intent);
    const candidates = observed.certificates.filter(
      (found) => found.tags[resourceTag] === name && found.domains.join() === domains.join(),
    );
    const issued = candidates.find(({ status }) => status === 'issued');
    const present = issued ?? candidates.find(({ isSpent }) => !isSpent);
    const value: DesiredCertificate = {
      id: resourceId('certificate', name),
      name,
      domains,
      authorityArn,
      tags: groupTags({ config, key, resource: name, user: intent.tags }),
      member,
      arn: present?.arn,
      isIssued: issued !== undefined,
    };
    return { value, problems: issued === undefined ? candidates.map((found) => pending(found, intent)) : [] };
  });
  return {
    value: wanted.map(({ value }) => value),
    problems: wanted.flatMap(({ problems }) => problems),
  };
}

/** The issued certificate of a member, of those that are made. */
export function issuedFor(
  certificates: readonly DesiredCertificate[],
  member: ObjectRef,
): string | undefined {
  return certificates.find(
    (one) => one.isIssued && one.member.namespace === member.namespace && one.member.name === member.name,
  )?.arn;
}

function pending(found: ObservedCertificate, { member, domains }: CertificateIntent): Problem {
  const what = `Certificate ${found.arn} for ${domains.join(', ')}, which Ingress ${member.namespace}/${member.name} asks for, is not issued`;
  const next = found.isSpent
    ? 'another one is requested in its place'
    : 'until then the load balancer goes on with the certificates that it has';
  return {
    kind: 'problem',
    code: 'CertificatePending',
    severity: 'warning',
    scope: 'member',
    object: member,
    path: 'metadata.annotations[alb.ingress.kubernetes.io/create-acm-cert]',
    message: `${what} (${found.why}); ${next}`,
    hint: found.isPrivate
      ? 'Look at the private authority: it must be active and let ACM issue certificates'
      : 'Look whether the domain is delegated to the public hosted zone that holds the validation record, and whether CAA records let Amazon issue certificates',
  };
}
