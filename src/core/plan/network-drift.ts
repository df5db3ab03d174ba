// Rules on the security groups of nodes and pods that somebody else took away. Groups share them, so one is left away only
// where every group that needs it says so.

import type { NetworkNeeds, SecurityGroupRule } from '../domain/desired-group.ts';
import { type Drift, driftModes, type FieldPath, isWithheld, type Rest } from '../domain/drift.ts';
import { type GroupKey, type SecurityGroupId, resourceId } from '../domain/ids.ts';
import type { ObservedNetwork } from '../domain/network.ts';
import type { Operation } from '../domain/operation.ts';
import type { ResolvedNeeds } from './network-openings.ts';
import { contains, describe, labelOf } from './network-rules.ts';

type Rules = ReadonlyMap<SecurityGroupId, readonly SecurityGroupRule[]>;

export type NetworkDriftInput = {
  /** Wanted rules that were there after the last pass; for those who were not there, what is said to have drifted. */
  readonly settled: ReadonlySet<FieldPath> | 'everything';
  readonly restOf: (key: GroupKey, path: FieldPath) => Rest | undefined;
};

export type NetworkDrifted = { readonly drift: Drift; readonly groups: readonly GroupKey[] };

/** Identity of a rule: another range is another rule. */
const rulePath = (id: SecurityGroupId, rule: SecurityGroupRule): FieldPath =>
  `${resourceId('security-group', id)} ingress ${describe(rule)}`;

type Asking = NetworkDriftInput & {
  readonly needs: ReadonlyMap<GroupKey, NetworkNeeds>;
  readonly resolve: (need: NetworkNeeds) => ResolvedNeeds;
};

/** The wanted rules that somebody took away, each with the groups that need it. */
export function networkDrift(
  wanted: Rules,
  observed: ObservedNetwork,
  asking: Asking,
): readonly NetworkDrifted[] {
  const { settled } = asking;
  return [...wanted].flatMap(([id, rules]) => {
    const found = observed.securityGroups.get(id)?.ingress ?? [];
    return rules
      .filter(
        (rule) =>
          (settled === 'everything' || settled.has(rulePath(id, rule))) &&
          !found.some((other) => contains(other, rule)),
      )
      .map((rule) => driftedRule(id, rule, observed, asking));
  });
}

function driftedRule(
  id: SecurityGroupId,
  rule: SecurityGroupRule,
  observed: ObservedNetwork,
  { needs, resolve, restOf }: Asking,
): NetworkDrifted {
  const path = rulePath(id, rule);
  const askers = [...needs].filter(([, need]) =>
    resolve(need).grants.some(
      ({ group, protocol, source }) =>
        group === id && protocol === rule.protocol && isFrom(source, rule, observed),
    ),
  );
  const modes = new Set(askers.map(([, { drift = 'repair' }]) => drift));
  const mode = driftModes.find((one) => modes.has(one)) ?? 'repair';
  const [rests] = askers.flatMap(([key]) => restOf(key, path) ?? []);
  const drift: Drift = {
    path,
    field: 'targetSecurityGroup.ingress',
    subject: resourceId('security-group', id),
    resource: id,
    what: `ingress ${describe(rule)}`,
    wanted: describe(rule),
    found: '',
    mode,
    ...(rests === undefined ? {} : { rests }),
  };
  return { drift, groups: askers.map(([key]) => key) };
}

type GrantSource = ResolvedNeeds['grants'][number]['source'];

const isFrom = (
  source: GrantSource,
  rule: SecurityGroupRule,
  { backendSecurityGroup }: ObservedNetwork,
): boolean => {
  const label = labelOf(rule.source);
  if (typeof source === 'string') return source === label;
  return 'cidr' in source
    ? source.cidr === label
    : label === source.ref || label === backendSecurityGroup?.id;
};

/** What is wanted without what is left away. */
export function withoutWithheld(wanted: Rules, drifted: readonly NetworkDrifted[]): Rules {
  const withheld = new Set(drifted.filter(({ drift }) => isWithheld(drift)).map(({ drift }) => drift.path));
  if (withheld.size === 0) return wanted;
  return new Map(
    [...wanted].map(([id, rules]) => [id, rules.filter((rule) => !withheld.has(rulePath(id, rule)))]),
  );
}

/** The wanted rules that AWS has, by which the next reading is judged. */
export function settledRules(wanted: Rules, { securityGroups }: ObservedNetwork): ReadonlySet<FieldPath> {
  return new Set(
    [...wanted].flatMap(([id, rules]) => {
      const found = securityGroups.get(id)?.ingress ?? [];
      return rules
        .filter((rule) => found.some((other) => contains(other, rule)))
        .map((rule) => rulePath(id, rule));
    }),
  );
}

/** The operations with the reason `drift` where all that they grant is what somebody took away. */
export function withDriftOfRules(
  operations: readonly Operation[],
  drifted: readonly NetworkDrifted[],
): readonly Operation[] {
  const gone = new Set(drifted.map(({ drift }) => drift.path));
  return operations.map((operation) =>
    operation.kind === 'authorizeIngress' &&
    operation.rules.every((rule) => gone.has(rulePath(operation.securityGroup as SecurityGroupId, rule)))
      ? {
          ...operation,
          because: {
            ...operation.because,
            reason: 'drift',
            text: `${operation.because.text}: somebody took it away in AWS`,
          },
        }
      : operation,
  );
}
