// What a member says about listeners: its ports and, for them, certificates, policy, sources and client certificates.

import { isCidr } from '../annotations/cidr.ts';
import { type ListenPort, parseListenPorts } from '../annotations/listen-ports.ts';
import { parseMutualAuthentication } from '../annotations/mutual-authentication.ts';
import { fullKey } from '../annotations/table.ts';
import { parseList, parseText } from '../annotations/values.ts';
import type { MutualAuthenticationIntent } from '../domain/group-model.ts';
import type { Claim } from './claim.ts';
import type { MemberContext } from './context.ts';
import { type AnnotationReader, annotationReader } from './read-annotations.ts';
import { type CertificateRequest, certificateRequest } from './requested-certificate.ts';
import { afterOwn, stage } from './stage.ts';

export type ListenDraft = {
  /** Ascending. */
  readonly ports: readonly ListenPort[];
  readonly certificateArns: readonly string[];
  /** A certificate to be made in ACM. */
  readonly request: CertificateRequest | undefined;
  readonly sslPolicy: string | undefined;
  readonly inboundCidrs: readonly string[];
  readonly prefixLists: readonly string[];
  readonly mutualAuthentication: ReadonlyMap<number, MutualAuthenticationIntent>;
  /** Hosts of rules and of `tls`, sorted, without repeats. */
  readonly hosts: readonly string[];
};

/** Reads a member's listener settings; IngressClassParams go before annotations (albc-behaviour §1.4, §2.2). */
export function listenDraft(context: MemberContext): ListenDraft {
  const { params, ingress } = context;
  const named = [...ingress.rules.map((rule) => rule.host), ...ingress.tls.flatMap((tls) => tls.hosts)];
  const hosts = [...new Set(named.filter((host) => host !== ''))].toSorted();
  const request = certificateRequest(context, hosts);
  const reader = annotationReader(context, { stage: stage.ports, albcPrefix: true });
  const certificateArns = params?.certificateArns ?? reader.value('certificate-arn', parseList) ?? [];
  const inboundCidrs = cidrs(context, reader);
  const prefixLists = params?.prefixListIds ?? reader.value('security-group-prefix-lists', parseList) ?? [];
  const ports = listenPorts(context, reader, certificateArns.length > 0 || request !== undefined);
  return {
    ports: ports.toSorted((a, b) => a.port - b.port),
    certificateArns,
    request,
    sslPolicy: params?.sslPolicy ?? reader.value('ssl-policy', parseText),
    inboundCidrs,
    prefixLists,
    mutualAuthentication: reader.value('mutual-authentication', parseMutualAuthentication) ?? new Map(),
    hosts,
  };
}

function cidrs(context: MemberContext, reader: AnnotationReader): readonly string[] {
  const fromClass = context.params?.inboundCidrs;
  const all = fromClass ?? reader.value('inbound-cidrs', parseList) ?? [];
  const wrong = all.find((cidr) => !isCidr(cidr));
  if (wrong === undefined) return all;
  const albc = `invalid inbound-cidrs settings on Ingress: ${context.id}: invalid CIDR address: ${wrong}`;
  if (fromClass === undefined) reader.refuse('inbound-cidrs', `where "${wrong}" is not a CIDR block`, albc);
  else {
    context.report(stage.ports, {
      code: 'ClassInvalid',
      path: 'spec.ingressClassName',
      message: `Ingress ${context.id} has IngressClassParams ${context.params?.meta.name ?? ''} whose inboundCIDRs entry "${wrong}" is not a CIDR block`,
      hint: 'Write an address and a prefix length, such as 10.0.0.0/8',
      albcMessage: `ingress: ${context.id}: ${albc}`,
    });
  }
  return [];
}

function listenPorts(
  { config }: MemberContext,
  reader: AnnotationReader,
  hasCertificate: boolean,
): readonly ListenPort[] {
  if (reader.text('listen-ports') !== undefined) {
    const ports = reader.value('listen-ports', parseListenPorts);
    // ALBC makes a load balancer that nobody can reach.
    if (ports?.length === 0 && config.policy.compatibility === 'none')
      reader.refuse('listen-ports', 'which names no port');
    return ports ?? [];
  }
  return hasCertificate ? [{ port: 443, protocol: 'HTTPS' }] : [{ port: 80, protocol: 'HTTP' }];
}

/** What members that share a port must agree on. */
export function listenClaims(draft: ListenDraft): readonly Claim[] {
  return draft.ports.flatMap((entry) => [
    ...claimOf(entry.port, 'listen-ports', {
      subject: 'protocol',
      value: entry.protocol,
      shown: entry.protocol,
      albc: `conflicting protocol`,
    }),
    ...sourceClaims(entry.port, draft),
    ...(entry.protocol === 'HTTPS' ? tlsClaims(entry.port, draft) : []),
  ]);
}

function sourceClaims(port: number, draft: ListenDraft): readonly Claim[] {
  const isIpv6 = (cidr: string): boolean => cidr.includes(':');
  const v4 = sortedSet(draft.inboundCidrs.filter((cidr) => !isIpv6(cidr)));
  const v6 = sortedSet(draft.inboundCidrs.filter(isIpv6));
  const lists = sortedSet(draft.prefixLists);
  return [
    ...(draft.inboundCidrs.length === 0
      ? []
      : claimOf(port, 'inbound-cidrs', {
          subject: 'inbound-cidrs',
          value: [...v4, ...v6].join(),
          shown: [...v4, ...v6].join(', '),
          albcShown: `[${v4.join(' ')}], [${v6.join(' ')}]`,
          albc: 'conflicting inbound-cidrs',
        })),
    ...(lists.length === 0
      ? []
      : claimOf(port, 'security-group-prefix-lists', {
          subject: 'security-group-prefix-lists',
          value: lists.join(),
          shown: lists.join(', '),
          albcShown: `[${lists.join(' ')}]`,
          albc: 'conflicting prefix lists',
        })),
  ];
}

function tlsClaims(port: number, draft: ListenDraft): readonly Claim[] {
  const { sslPolicy } = draft;
  const mutual = draft.mutualAuthentication.get(port);
  return [
    ...(sslPolicy === undefined
      ? []
      : claimOf(port, 'ssl-policy', {
          subject: 'ssl-policy',
          value: sslPolicy,
          shown: sslPolicy,
          albc: 'conflicting sslPolicy',
        })),
    ...(mutual === undefined
      ? []
      : claimOf(port, 'mutual-authentication', {
          subject: 'mutual-authentication',
          value: JSON.stringify(mutual),
          shown: mutual.mode,
          albcShown: goMutual(mutual),
          albc: 'conflicting mTLS Attributes',
        })),
  ];
}

/** ALBC prints pointers here, so these words never are the same twice. */
function goMutual(mutual: MutualAuthenticationIntent): string {
  const pointer = (value: unknown): string => (value === undefined ? '<nil>' : '0xc000000000');
  return `&{${mutual.mode} 0xc000000000 ${pointer(mutual.ignoreClientCertificateExpiry)} <nil>}`;
}

function sortedSet(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted();
}

function claimOf(
  port: number,
  key: string,
  words: { subject: string; value: string; shown: string; albcShown?: string; albc: string },
): readonly Claim[] {
  const print = words.albcShown ?? words.shown;
  const claim: Claim = {
    slot: `port ${port} ${key}`,
    value: words.value,
    shown: words.shown,
    print,
    subject: `${words.subject} of port ${port}`,
    path: `metadata.annotations[${fullKey(key)}]`,
    stage: stage.mergePorts + afterOwn,
    albc: (other, ids) =>
      `failed to merge listenPort config for port: ${port}: ${words.albc}, ${ids.first}: ${print} | ${ids.second}: ${other.print}`,
  };
  return [claim];
}
