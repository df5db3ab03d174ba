// Certificates of an HTTPS listener: given ones, and those that ACM has for the members' hosts (albc-behaviour §8.1).

import type { CoreConfig } from '../domain/config.ts';
import type { DesiredCertificate } from '../domain/desired-group.ts';
import type { CertificateFact } from '../domain/facts.ts';
import type { ListenerIntent } from '../domain/group-model.ts';
import type { ObservedListener } from '../domain/observed-group.ts';
import type { Checked, ObjectRef, Problem } from '../domain/problem.ts';
import { issuedFor } from './requested-certificates.ts';

type Input = {
  readonly listener: ListenerIntent;
  readonly certificates: readonly CertificateFact[];
  readonly config: CoreConfig;
  /** Who asks for the listener. */
  readonly members: readonly ObjectRef[];
  /** Those that are made in ACM. */
  readonly requested: readonly DesiredCertificate[];
  /** The listener as it is. Its certificates stay where they may be a held member's, and while one is waited for. */
  readonly observed: ObservedListener | undefined;
  readonly isHolding: boolean;
};

/**
 * ARNs of the certificates, the default one first. Explicit ones come before discovered ones; the discovered ones of a
 * member are sorted by ARN, so that neither the order of rules nor a new host moves the default without need.
 *
 * ALBC attaches every certificate that matches, and with that also those that somebody issued for another purpose, up to
 * the quota. Without its compatibility preset each host gets the one that fits best.
 *
 * `isWaiting`: AWS has no certificate for it yet that it could be made with, but one is requested.
 *
 * Problems: `CertificateNotFound` for each host without one, on the member that wants it.
 */
export function listenerCertificates(
  input: Input,
): Checked<readonly string[]> & { readonly isWaiting: boolean } {
  const { listener } = input;
  if (listener.protocol === 'HTTP') return { value: [], problems: [], isWaiting: false };
  const own = listener.certificates.map((one) =>
    one.kind === 'given' ? one.arn : issuedFor(input.requested, one.member),
  );
  const isPending = own.includes(undefined);
  const candidates = usableCertificates(input);
  const choices = listener.discoverCertificatesFor.map(({ host, member }) => ({
    host,
    member,
    arns: chosenFor(host, candidates, input.config),
  }));
  const discovered = [
    ...Map.groupBy(choices, ({ member }) => `${member.namespace}/${member.name}`).values(),
  ].flatMap((own) => [...new Set(own.flatMap(({ arns }) => arns))].toSorted());
  const keep = input.isHolding || isPending ? input.observed : undefined;
  const kept = [keep?.defaultCertificate, ...(keep?.certificates ?? [])].filter(isPresent);
  const value = [
    // A held member may be the one that gave the default; it stays while nobody can tell.
    ...kept.slice(0, 1),
    ...own.filter(isPresent),
    ...discovered,
    ...kept.slice(1),
  ];
  const missing = choices.filter(({ arns }) => arns.length === 0);
  const problems = missing.map(({ host, member }) => notFound({ host, member, listener, candidates }));
  const isBare = value.length === 0 && missing.length === 0;
  if (isBare && !isPending && !isLeftToAws(input)) problems.push(...withoutAny(listener, input.members));
  return { value: [...new Set(value)], problems, isWaiting: isBare && isPending };
}

/** ALBC asks AWS for the listener all the same, and tells what AWS says. */
const isLeftToAws = ({ config, observed }: Input): boolean =>
  config.policy.gatedForwards === 'failLate' && observed === undefined;

const isPresent = (arn: string | undefined): arn is string => arn !== undefined;

function usableCertificates({ certificates, config }: Input): readonly CertificateFact[] {
  const allowed = config.allowedCertificateAuthorityArns;
  return certificates.filter(
    ({ status, certificateAuthorityArn: authority }) =>
      status === 'ISSUED' &&
      (allowed.length === 0 || (authority !== undefined && allowed.includes(authority))),
  );
}

function chosenFor(
  host: string,
  candidates: readonly CertificateFact[],
  config: CoreConfig,
): readonly string[] {
  const matching = candidates.filter(({ domains }) => domains.some((domain) => covers(domain, host)));
  if (config.policy.compatibility === 'albc') return matching.map(({ arn }) => arn);
  const best = matching.toSorted(
    (a, b) =>
      Number(b.domains.includes(host)) - Number(a.domains.includes(host)) ||
      // RFC 3339 in UTC sorts as text; one without a date loses.
      descending(a.notAfter ?? '', b.notAfter ?? '') ||
      descending(b.arn, a.arn),
  )[0];
  return best === undefined ? [] : [best.arn];
}

function descending(a: string, b: string): number {
  if (a === b) return 0;
  return a > b ? -1 : 1;
}

/** `*.d` covers names with exactly one label more than d (RFC 6125 §6.4.3), and the host `*.d` itself. */
function covers(domain: string, host: string): boolean {
  if (domain === host) return true;
  const dot = host.indexOf('.');
  return domain.startsWith('*.') && dot > 0 && host.slice(dot) === domain.slice(1);
}

function notFound(input: {
  readonly host: string;
  readonly member: ObjectRef;
  readonly listener: ListenerIntent;
  readonly candidates: readonly CertificateFact[];
}): Problem {
  const { host, member, listener, candidates } = input;
  const near = candidates
    .flatMap(({ domains }) => domains)
    .find((domain) => domain.startsWith('*.') && host.endsWith(domain.slice(1)));
  const hint =
    near === undefined
      ? `Request or import a certificate for ${host} in ACM in the load balancer's region, or name one with the annotation alb.ingress.kubernetes.io/certificate-arn`
      : `ACM has ${near}, which covers one label only; request or import a certificate for ${host}`;
  return {
    kind: 'problem',
    code: 'CertificateNotFound',
    severity: 'error',
    scope: 'member',
    object: member,
    path: 'spec.rules',
    message: `No issued ACM certificate covers host ${host} of Ingress ${member.namespace}/${member.name}, which HTTPS listener ${listener.port} needs`,
    hint,
    albcMessage: `ingress: ${member.namespace}/${member.name}: no certificate found for host: ${host}`,
  };
}

/** AWS refuses an HTTPS listener without a certificate, so those who ask for it are told before. */
function withoutAny(listener: ListenerIntent, members: readonly ObjectRef[]): readonly Problem[] {
  return members.map((member) => ({
    kind: 'problem',
    code: 'CertificateNotFound',
    severity: 'error',
    scope: 'member',
    object: member,
    path: 'metadata.annotations[alb.ingress.kubernetes.io/listen-ports]',
    message: `HTTPS listener ${listener.port} has no certificate: Ingress ${member.namespace}/${member.name} names none and has no host for which one could be found`,
    hint: 'Name one with the annotation alb.ingress.kubernetes.io/certificate-arn, or give the rules a host',
  }));
}
