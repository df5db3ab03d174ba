// Who may be served together: members are taken in group order, and one that contradicts those already taken is held.

import { annotationPrefix } from '../annotations/entry.ts';
import type { ListenPort } from '../annotations/listen-ports.ts';
import { fullKey } from '../annotations/table.ts';
import type { Claim } from './claim.ts';
import { type Finding, problemOf } from './context.ts';
import { frontendNlbClaims, wantsFrontendNlb } from './frontend-nlb-group.ts';
import { listenClaims } from './listen.ts';
import { mapOf } from './load-balancer.ts';
import { loadBalancerClaims, tagClaims } from './load-balancer-claims.ts';
import type { MemberDraft } from './member-draft.ts';
import { afterOwn, stage } from './stage.ts';

export type Accepted = {
  readonly accepted: readonly MemberDraft[];
  /** Errors of members that were turned away, and warnings for those they disagree with. */
  readonly findings: readonly Finding[];
};

type Taken = { readonly claim: Claim; readonly by: MemberDraft };

/** The first member in group order decides; a later one that says otherwise is not accepted, and both are told. */
export function accept(drafts: readonly MemberDraft[]): Accepted {
  const taken = new Map<string, Taken>();
  const accepted: MemberDraft[] = [];
  const findings: Finding[] = [];
  for (const draft of drafts) {
    const claims = claimsOf(draft, drafts);
    const conflicts = claims.flatMap((claim) => {
      const earlier = taken.get(claim.slot);
      return earlier === undefined || earlier.claim.value === claim.value ? [] : [{ claim, earlier }];
    });
    for (const { claim, earlier } of conflicts) findings.push(...told(draft, claim, earlier));
    if (conflicts.length > 0) continue;
    accepted.push(draft);
    for (const claim of claims) {
      if (!taken.has(claim.slot)) taken.set(claim.slot, { claim, by: draft });
    }
  }
  return { accepted, findings };
}

function claimsOf(draft: MemberDraft, group: readonly MemberDraft[]): readonly Claim[] {
  const firstParams = group[0]?.params;
  return [
    ...listenClaims(draft.listen),
    ...loadBalancerClaims(draft.loadBalancer, {
      attributes: new Set(Object.keys(mapOf(firstParams?.loadBalancerAttributes ?? []))),
      ipamPool: firstParams?.ipamPoolId !== undefined,
      capacity: firstParams?.capacityUnits !== undefined,
      webAclArns: group.some(({ loadBalancer }) => loadBalancer.webAclName !== undefined),
    }),
    ...frontendNlbClaims(draft.frontendNlb, {
      isWanted: wantsFrontendNlb(group),
      repeatsAttributes:
        draft.context.config.policy.compatibility === 'albc' &&
        group.slice(0, group.indexOf(draft)).some(({ frontendNlb }) => frontendNlb.attributes !== undefined),
    }),
    ...tagClaims(draft.tags),
    ...listenerAttributeClaims(draft, group),
    ...defaultBackendClaims(draft, group),
  ];
}

function listenerAttributeClaims(draft: MemberDraft, group: readonly MemberDraft[]): readonly Claim[] {
  return draft.listen.ports.flatMap(({ port, protocol }) =>
    Object.entries(draft.listenerAttributes.get(port) ?? {})
      .filter(([key]) => !(key in classListenerAttributes(group, port)))
      .map(([key, value]) => ({
        slot: `port ${port} attribute ${key}`,
        value,
        shown: value,
        print: value,
        subject: `listener attribute ${key} of port ${port}`,
        path: `metadata.annotations[${fullKey(`listener-attributes.${protocol}-${port}`)}]`,
        stage: stage.listeners + afterOwn,
        albc: (other, ids) =>
          `conflicting listener attributes ${key}: ${value} | ${other.value} for ingress ${ids.second}`,
      })),
  );
}

/** Attributes that the class of the first member on a port sets on that listener. */
export function classListenerAttributes(
  group: readonly MemberDraft[],
  port: number,
): Readonly<Record<string, string>> {
  const onPort = (draft: MemberDraft): ListenPort | undefined =>
    draft.listen.ports.find((entry) => entry.port === port);
  const first = group.find((draft) => onPort(draft) !== undefined);
  if (first === undefined) return {};
  const protocol = onPort(first)?.protocol;
  const found = first.params?.listeners.find((entry) => entry.port === port && entry.protocol === protocol);
  return mapOf(found?.attributes ?? []);
}

/** A port has one default action: a claim that agrees with no other. HTTP ports that only redirect have none. */
function defaultBackendClaims(draft: MemberDraft, group: readonly MemberDraft[]): readonly Claim[] {
  if (draft.context.ingress.defaultBackend === undefined) return [];
  const redirects = group.some(({ loadBalancer }) => loadBalancer.sslRedirectPort !== undefined);
  const ports = draft.listen.ports.filter(({ protocol }) => protocol === 'HTTPS' || !redirects);
  return ports.map(({ port }) => ({
    slot: `port ${port} default backend`,
    value: draft.member.id,
    shown: `that of ${draft.member.id}`,
    print: draft.member.id,
    subject: `default backend of port ${port}`,
    path: 'spec.defaultBackend',
    stage: stage.listeners + afterOwn,
    code: 'DefaultBackendConflict',
    albc: (_other, ids) => `multiple ingress defined default backend: [${ids.first} ${ids.second}]`,
  }));
}

function told(draft: MemberDraft, claim: Claim, earlier: Taken): readonly Finding[] {
  const ids = { first: earlier.by.member.id, second: draft.member.id };
  const code = claim.code ?? 'AnnotationConflict';
  const albcMessage = earlier.claim.albc(claim, ids);
  const values = `${claim.shown} here, ${earlier.claim.shown} in Ingress ${ids.first}`;
  return [
    {
      stage: claim.stage,
      problem: problemOf(draft.member.ref, {
        code,
        path: claim.path,
        message: `Ingress ${ids.second} disagrees with Ingress ${ids.first} on the ${claim.subject}: ${values}; the first in group order decides`,
        hint: `Write the same value in both, or give one of them another ${annotationPrefix}group.name`,
        albcMessage,
      }),
    },
    {
      stage: stage.ours,
      problem: problemOf(earlier.by.member.ref, {
        code,
        severity: 'warning',
        path: earlier.claim.path,
        message: `Ingress ${ids.second} is held, because it disagrees with Ingress ${ids.first} on the ${claim.subject}: ${claim.shown} there, ${earlier.claim.shown} here`,
        hint: `Write the same value in both, or give one of them another ${annotationPrefix}group.name`,
      }),
    },
  ];
}
