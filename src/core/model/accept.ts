// Who may be served together: a member that contradicts those who come before it is held.

import { annotationPrefix } from '../annotations/entry.ts';
import type { ListenPort } from '../annotations/listen-ports.ts';
import { fullKey } from '../annotations/table.ts';
import { bornAt } from './age.ts';
import type { Claim } from './claim.ts';
import { type Finding, problemOf } from './context.ts';
import { frontendNlbClaims, wantsFrontendNlb } from './frontend-nlb-group.ts';
import { listenClaims } from './listen.ts';
import { mapOf } from './load-balancer.ts';
import { loadBalancerClaims, tagClaims } from './load-balancer-claims.ts';
import type { MemberDraft } from './member-draft.ts';
import { afterOwn, stage } from './stage.ts';
import type { Standing } from './standing.ts';

export type Accepted = {
  /** In group order. */
  readonly accepted: readonly MemberDraft[];
  /** Errors of members that were turned away, and warnings for those they disagree with. */
  readonly findings: readonly Finding[];
};

type Taken = { readonly claim: Claim; readonly by: MemberDraft };

/** Who was there first, and everybody of the group, also those that cannot be accepted. */
export type Before = { readonly standing: Standing; readonly everybody: readonly MemberDraft[] };

/**
 * The members of `drafts` that agree; of one that does not, it and its counterpart are told. What the load balancer has for a
 * member that it serves stays that member's, held or not. About the rest those who are served decide before newcomers, and
 * the older before the younger. Without `before` the first in group order does, as in ALBC.
 */
export function accept(drafts: readonly MemberDraft[], before: Before | undefined): Accepted {
  const taken = new Map<string, Taken>(before === undefined ? [] : present(drafts, before));
  const accepted = new Set<MemberDraft>();
  const findings: Finding[] = [];
  for (const draft of before === undefined ? drafts : byAge(drafts, before)) {
    const claims = claimsOf(draft, drafts);
    const conflicts = claims.flatMap((claim) => {
      const earlier = taken.get(claim.slot);
      return earlier === undefined || earlier.claim.value === claim.value ? [] : [{ claim, earlier }];
    });
    for (const { claim, earlier } of conflicts)
      findings.push(...told(draft, claim, { ...earlier, why: before === undefined ? byOrder : byTime }));
    if (conflicts.length > 0) continue;
    accepted.add(draft);
    for (const claim of claims) {
      if (!taken.has(claim.slot)) taken.set(claim.slot, { claim, by: draft });
    }
  }
  return { accepted: drafts.filter((draft) => accepted.has(draft)), findings };
}

const byOrder = 'the first in group order decides';
const byTime = 'the one that was there first decides';

/** Those that are served, then the older ones, then group order. */
function byAge(drafts: readonly MemberDraft[], { standing }: Before): readonly MemberDraft[] {
  const turn = ({ member, context }: MemberDraft): string =>
    `${standing.isServed(member.id) ? 0 : 1} ${bornAt(context.ingress.meta)}`;
  return drafts.toSorted((a, b) => (turn(a) === turn(b) ? 0 : turn(a) < turn(b) ? -1 : 1));
}

/** What served members say and the load balancer has; not where it cannot be told whether it has what another one says. */
function present(
  drafts: readonly MemberDraft[],
  { standing, everybody }: Before,
): readonly (readonly [slot: string, Taken])[] {
  const served = everybody.filter(({ member }) => standing.isServed(member.id));
  const all = served.flatMap((by) => claimsOf(by, drafts).map((claim) => ({ claim, by })));
  const unclear = new Set(
    all.flatMap(({ claim }) => (standing.has(claim) === undefined ? [claim.slot] : [])),
  );
  return all
    .filter(({ claim }) => !unclear.has(claim.slot) && standing.has(claim) === true)
    .map((one) => [one.claim.slot, one]);
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

function told(
  draft: MemberDraft,
  claim: Claim,
  earlier: Taken & { readonly why: string },
): readonly Finding[] {
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
        message: `Ingress ${ids.second} disagrees with Ingress ${ids.first} on the ${claim.subject}: ${values}; ${earlier.why}`,
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
