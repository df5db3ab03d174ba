// What a member can only be judged by together with the others: a redirect needs its HTTPS port, an IPv6 target group a
// dualstack load balancer, an HTTPS listener a certificate.

import { fullKey } from '../annotations/table.ts';
import type { CoreConfig } from '../domain/config.ts';
import type { Member } from '../domain/group-model.ts';
import { type Finding, type ProblemWords, problemOf } from './context.ts';
import { mergedFrontendNlb, wantsFrontendNlb } from './frontend-nlb-group.ts';
import { http2OnHttp } from './http2-listeners.ts';
import type { MemberDraft } from './member-draft.ts';
import { mergedLoadBalancer } from './merge.ts';
import { stage } from './stage.ts';

export type Broken = { readonly member: Member; readonly finding: Finding };

/** Errors of members that do not fit the accepted group. */
export function crossChecks(accepted: readonly MemberDraft[], config: CoreConfig): readonly Broken[] {
  const redirects = accepted.flatMap((draft) => redirectWithoutPort(draft, accepted));
  // Without its redirect the group looks different: the rest is judged in the next round.
  if (redirects.length > 0) return redirects;
  return [
    ...frontendNlb(accepted, config),
    ...backendRules(accepted, config),
    ...addressFamilies(accepted, config),
    ...(config.policy.compatibility === 'albc' ? [] : unmakeable(accepted, config)),
  ];
}

/** What ALBC leaves to AWS to refuse. */
const unmakeable = (accepted: readonly MemberDraft[], config: CoreConfig): readonly Broken[] => [
  ...certificates(accepted),
  ...http2OnHttp(accepted, config).map(({ draft, words }) => broken(draft, stage.ours, words)),
];

function broken(draft: MemberDraft, place: number, words: ProblemWords): Broken {
  return { member: draft.member, finding: { stage: place, problem: problemOf(draft.member.ref, words) } };
}

/** What members say about the network load balancer counts when one of them switches it on. */
function frontendNlb(accepted: readonly MemberDraft[], config: CoreConfig): readonly Broken[] {
  if (!wantsFrontendNlb(accepted)) return [];
  const own = accepted.flatMap((draft) =>
    draft.frontendNlb.findings.map((finding) => ({ member: draft.member, finding })),
  );
  const merged = mergedFrontendNlb(accepted, {}, config);
  if (own.length > 0 || merged?.scheme !== 'internal') return own;
  const key = fullKey('frontend-nlb-eip-allocations');
  return accepted
    .filter((draft) => draft.frontendNlb.allocationIds !== undefined)
    .map((draft) =>
      broken(draft, stage.frontendNlb, {
        code: 'AnnotationInvalid',
        path: `metadata.annotations[${key}]`,
        message: `Ingress ${draft.member.id}: annotation ${key} is "${(draft.frontendNlb.allocationIds ?? []).join()}", and the network load balancer is internal, so it has no public addresses; allowed: nothing, or frontend-nlb-scheme internet-facing`,
        hint: `Set ${fullKey('frontend-nlb-scheme')}: internet-facing, or remove the annotation`,
        albcMessage: 'EIP allocations can only be set for internet facing load balancers',
      }),
    );
}

function redirectWithoutPort(draft: MemberDraft, accepted: readonly MemberDraft[]): readonly Broken[] {
  const port = draft.loadBalancer.sslRedirectPort;
  if (port === undefined) return [];
  const entries = accepted.flatMap(({ listen }) => listen.ports);
  const found = entries.find((entry) => entry.port === port);
  if (found?.protocol === 'HTTPS') return [];
  const secure = entries.filter(({ protocol }) => protocol === 'HTTPS').map((entry) => entry.port);
  const https = [...new Set(secure)].join(', ') || 'none';
  return [
    broken(draft, stage.sslRedirect, {
      code: 'AnnotationInvalid',
      path: `metadata.annotations[${fullKey('ssl-redirect')}]`,
      message: `Ingress ${draft.member.id}: annotation ${fullKey('ssl-redirect')} names port ${port}, which ${found === undefined ? 'no Ingress of the group listens on' : 'listens on HTTP'}; HTTPS ports of the group: ${https}`,
      hint: `Add {"HTTPS": ${port}} to ${fullKey('listen-ports')}, or name an HTTPS port`,
      albcMessage:
        found === undefined
          ? `listener does not exist for SSLRedirect port: ${port}`
          : `listener protocol non-SSL for SSLRedirect port: ${port}`,
    }),
  ];
}

/** Rules towards nodes need the shared backend group when the load balancer's own groups are given. */
function backendRules(accepted: readonly MemberDraft[], config: CoreConfig): readonly Broken[] {
  const { securityGroups } = mergedLoadBalancer(accepted, config);
  const asks = securityGroups.kind === 'given' && securityGroups.manageBackendRules;
  if (!asks || config.enableBackendSecurityGroup) return [];
  const givers = accepted.filter((draft) => draft.loadBalancer.securityGroups !== undefined);
  return givers.map((draft) =>
    broken(draft, stage.securityGroups, {
      code: 'AnnotationInvalid',
      path: `metadata.annotations[${fullKey('manage-backend-security-group-rules')}]`,
      message: `Ingress ${draft.member.id} gives security groups and wants rules towards nodes and pods, which need the shared backend security group; the controller runs with --enable-backend-security-group=false`,
      hint: `Set ${fullKey('manage-backend-security-group-rules')} to false, or switch the shared group on`,
      albcMessage:
        'backendSG feature is required to manage worker node SG rules when frontendSG manually specified',
    }),
  );
}

function addressFamilies(accepted: readonly MemberDraft[], config: CoreConfig): readonly Broken[] {
  if (mergedLoadBalancer(accepted, config).ipAddressType !== 'ipv4') return [];
  return accepted.flatMap((draft) => {
    const group = draft.targetGroups.find(({ ipAddressType }) => ipAddressType === 'ipv6');
    if (group === undefined) return [];
    const { namespace, name } = group.service;
    return [
      broken(draft, stage.rules, {
        code: 'ServiceNotRoutable',
        path: `metadata.annotations[${fullKey('ip-address-type')}]`,
        message: `Ingress ${draft.member.id} sends to Service ${namespace}/${name}, which has IPv6 addresses, and its load balancer has the address type ipv4`,
        hint: `Set ${fullKey('ip-address-type')}: dualstack, or make the Service IPv4 only`,
        albcMessage: `ingress: ${draft.member.id}: unsupported IPv6 configuration, lb not dual-stack`,
      }),
    ];
  });
}

/** AWS makes no HTTPS listener without a certificate. */
function certificates(accepted: readonly MemberDraft[]): readonly Broken[] {
  return accepted.flatMap((draft) => {
    const bare = draft.listen.ports.find(({ port, protocol }) => {
      const onPort = accepted.filter(({ listen }) => listen.ports.some((entry) => entry.port === port));
      const hasSome = onPort.some(({ listen }) => listen.certificateArns.length + listen.hosts.length > 0);
      return protocol === 'HTTPS' && !hasSome;
    });
    if (bare === undefined) return [];
    return [
      broken(draft, stage.ours, {
        code: 'CertificateNotFound',
        path: `metadata.annotations[${fullKey('certificate-arn')}]`,
        message: `Ingress ${draft.member.id} listens on HTTPS ${bare.port} without a certificate, and names no host for which one could be found`,
        hint: `Set ${fullKey('certificate-arn')}, or name a host in a rule or in spec.tls`,
      }),
    ];
  });
}
