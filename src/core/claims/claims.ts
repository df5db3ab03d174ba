// Hosts and paths of a shared load balancer belong to the namespace that had them first, or that a class names: a newcomer of
// another namespace is held, and both are told. Members of one namespace settle it by order and specificity.

import type { CoreConfig } from '../domain/config.ts';
import type { GroupModel } from '../domain/group-model.ts';
import type { NamespacedName } from '../domain/ids.ts';
import type { ObservedGroup } from '../domain/observed-group.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { covers } from '../evaluate/covers.ts';
import { bornAt } from '../model/age.ts';
import { hostClaimsAnnotation, hostPolicy, type HostPolicy, ingressClassOf } from '../model/host-policy.ts';
import { type Claim, claimsOf, shares } from './claim.ts';
import { foreignHost } from './given-hosts.ts';

type Input = {
  readonly model: GroupModel;
  readonly observed: ObservedGroup;
  readonly snapshot: Snapshot;
  readonly config: CoreConfig;
};

/** Members to hold, each with what it and its counterparts are told; and warnings about policies that cannot be read. */
export function heldByClaims({ model, observed, snapshot, config }: Input): {
  readonly refused: ReadonlyMap<NamespacedName, readonly Problem[]>;
  readonly problems: readonly Problem[];
} {
  if (config.policy.hostClaims === 'none' || model.identity.kind === 'implicit')
    return { refused: new Map(), problems: [] };
  const claims = claimsOf(model, observed);
  const { policy, problems } = policyOf(model, snapshot);
  const given = byPolicy(claims, policy, snapshot);
  const rest = claims.filter(({ member }) => !given.has(member.id));
  return { refused: new Map([...given, ...byAge(rest, snapshot)]), problems };
}

function policyOf(
  { members }: GroupModel,
  snapshot: Snapshot,
): { readonly policy: HostPolicy; readonly problems: readonly Problem[] } {
  const classes = members.map(({ id, ref }) => {
    const ingress = snapshot.ingresses.get(id);
    return { ref, found: ingress && ingressClassOf(ingress, snapshot) };
  });
  const distinct = new Set(classes.flatMap(({ found }) => found ?? []));
  const { policy, wrong } = hostPolicy([...distinct]);
  const problems = classes.flatMap(({ ref, found }) => {
    const lines = wrong.get(found?.meta.name ?? '') ?? [];
    return lines.map(
      (line): Problem => ({
        kind: 'problem',
        code: 'ClassInvalid',
        severity: 'warning',
        scope: 'member',
        object: ref,
        path: `IngressClass ${found?.meta.name} metadata.annotations[${hostClaimsAnnotation}]`,
        message: `IngressClass ${found?.meta.name}: annotation ${hostClaimsAnnotation} has the line "${line}", which has no effect; allowed: HOST: NAMESPACE…, the host being *, *.example.com or app.example.com`,
        hint: 'Write one host a line, then a colon, then the namespaces that may have it',
      }),
    );
  });
  return { policy, problems };
}

type Refusals = ReadonlyMap<NamespacedName, readonly Problem[]>;

function byPolicy(claims: readonly Claim[], policy: HostPolicy, snapshot: Snapshot): Refusals {
  if (policy.size === 0) return new Map();
  const refused = new Map<NamespacedName, readonly Problem[]>();
  for (const claim of claims) {
    const { member, path } = claim;
    const ingress = snapshot.ingresses.get(member.id);
    if (path === '' || ingress === undefined || refused.has(member.id)) continue;
    const foreign = foreignHost(claim, ingress, policy);
    if (foreign === undefined) continue;
    const { host, pattern } = foreign;
    const owners = [...(policy.get(pattern) ?? [])].toSorted().join(', ');
    const told = claims.find(
      (other) =>
        policy.get(pattern)?.has(other.member.ref.namespace) === true && shares(other.places, claim.places),
    );
    refused.set(member.id, [
      claimed(member.ref, {
        path,
        message: `Ingress ${member.id} asks for the host ${host}, and its IngressClass gives ${pattern} to ${owners} only`,
        hint: `Use another host, or let the annotation ${hostClaimsAnnotation} of the IngressClass name the namespace ${member.ref.namespace} too`,
      }),
      ...(told === undefined ? [] : [warning(told, claim)]),
    ]);
  }
  return refused;
}

function byAge(claims: readonly Claim[], snapshot: Snapshot): Refusals {
  const refused = new Map<NamespacedName, readonly Problem[]>();
  const born = ({ member }: Claim): string =>
    bornAt(snapshot.ingresses.get(member.id)?.meta ?? { creationTimestamp: '' });
  const isOlder = (a: Claim, b: Claim): boolean =>
    born(a) === born(b) ? claims.indexOf(a) < claims.indexOf(b) : born(a) < born(b);
  for (const [first, newcomer] of disputes(claims, isOlder)) {
    // Whoever is held takes nothing from others.
    if (newcomer.path === '' || refused.has(newcomer.member.id) || refused.has(first.member.id)) continue;
    const place = newcomer.places.find((one) => first.places.includes(one)) ?? first.places[0] ?? '';
    const verb = shares(first.places, newcomer.places) ? 'asks for' : 'would come before, and take all of,';
    refused.set(newcomer.member.id, [
      claimed(newcomer.member.ref, {
        path: newcomer.path,
        message: `Ingress ${newcomer.member.id} ${verb} ${place}, which Ingress ${first.member.id} of another namespace had first`,
        hint: `Use another host or path, or have Ingress ${first.member.id} give it up`,
      }),
      warning(first, newcomer),
    ]);
  }
  return refused;
}

type Dispute = readonly [first: Claim, newcomer: Claim];
type IsOlder = (a: Claim, b: Claim) => boolean;

/** Pairs of claims that cannot both hold, who had it first in front. */
function disputes(claims: readonly Claim[], isOlder: IsOlder): readonly Dispute[] {
  return claims.flatMap((a, index) =>
    claims.slice(index + 1).flatMap((b): readonly Dispute[] => {
      if (a.port !== b.port || a.member.ref.namespace === b.member.ref.namespace) return [];
      return shares(a.places, b.places) ? overSame(a, b, isOlder) : overOrder(a, b, isOlder);
    }),
  );
}

function overSame(a: Claim, b: Claim, isOlder: IsOlder): readonly Dispute[] {
  const first = firstOf(a, b, isOlder);
  if (first === undefined) return [];
  return [[first, first === a ? b : a]];
}

/** Among members of equal order the more specific rule goes first, whoever wrote it. */
function overOrder(a: Claim, b: Claim, isOlder: IsOlder): readonly Dispute[] {
  if (a.member.order === b.member.order) return [];
  const [front, behind] = a.member.order < b.member.order ? [a, b] : [b, a];
  if (!covers(front.conditions, behind.conditions)) return [];
  const first = firstOf(a, b, isOlder) ?? inAws(a, b);
  return first === behind ? [[behind, front]] : [];
}

/** Whose rule AWS has, or else the older Ingress; undefined: AWS has both, and nobody pushes out the other. */
function firstOf(a: Claim, b: Claim, isOlder: IsOlder): Claim | undefined {
  if (a.present !== undefined && b.present !== undefined) return undefined;
  if (a.present !== undefined || b.present !== undefined) return a.present === undefined ? b : a;
  return isOlder(a, b) ? a : b;
}

/** Which of two rules that AWS has comes first there. */
const inAws = (a: Claim, b: Claim): Claim => ((a.present ?? 0) < (b.present ?? 0) ? a : b);

type Words = Pick<Problem, 'path' | 'message' | 'hint'>;

const claimed = (object: ObjectRef, words: Words): Problem => ({
  kind: 'problem',
  code: 'HostClaimed',
  severity: 'error',
  scope: 'member',
  object,
  ...words,
});

function warning(owner: Claim, newcomer: Claim): Problem {
  const place = newcomer.places.find((one) => owner.places.includes(one)) ?? owner.places[0] ?? '';
  return {
    ...claimed(owner.member.ref, {
      path: owner.path,
      message: `Ingress ${newcomer.member.id} of another namespace is held, because it asks for ${place}, which Ingress ${owner.member.id} has`,
      hint: `Nothing to do; to give it up, take the rule out of Ingress ${owner.member.id}`,
    }),
    severity: 'warning',
  };
}
