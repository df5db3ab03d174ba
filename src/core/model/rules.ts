// The rules of one member, in written order, before they are merged with those of its group (albc-behaviour §4.2, §4.3).

import { parseBoolean } from '../annotations/values.ts';
import type { IngressBackend, IngressPath, IngressRule } from '../domain/cluster.ts';
import type { TargetGroupRef } from '../domain/group-model.ts';
import type { Action, RuleCondition, Transform } from '../domain/rule.ts';
import { type AuthenticationAction, authenticationActions } from './authentication.ts';
import { type BackendDraft, backendDraft, type Routing, routingAction } from './backend.ts';
import type { MemberContext } from './context.ts';
import { addedPatterns, hostPatterns, type Patterns, wildcardRegex } from './host-pattern.ts';
import { pathPatterns } from './path-pattern.ts';
import { annotationReader } from './read-annotations.ts';
import { conditionFaults, expressionFaults } from './rule-limits.ts';
import { type Specificity, specificity } from './rule-order.ts';
import { stage } from './stage.ts';

export type RuleDraft = {
  readonly conditions: readonly RuleCondition[];
  /** Only on HTTPS listeners, before `actions`. */
  readonly authentication: readonly AuthenticationAction[];
  readonly actions: readonly Action<TargetGroupRef>[];
  readonly transforms: readonly Transform[];
  /** `spec.rules[0].http.paths[1]` */
  readonly path: string;
  readonly specificity: Specificity;
};

export type DefaultDraft = Pick<RuleDraft, 'authentication' | 'actions'>;

export type Listens = { readonly https: boolean; readonly http: boolean };

/** The rules of a member: one for each path, paths of one rule in ALBC's order. Faulty ones are reported and left out. */
export function ruleDrafts(routing: Routing, listens: Listens): readonly RuleDraft[] {
  const { context } = routing;
  const reader = annotationReader(context, { stage: stage.rules, albcPrefix: true });
  const useRegex = reader.value('use-regex-path-match', parseBoolean) ?? false;
  return context.ingress.rules.flatMap((rule, index) =>
    sortedPaths(rule).flatMap(({ path, place }) => {
      const at = { rule, path, useRegex, where: `spec.rules[${index}].http.paths[${place}]` };
      const draft = ruleDraft(routing, listens, at);
      return draft === undefined ? [] : [draft];
    }),
  );
}

/** Exact paths as written, Prefix paths from the longest, then ImplementationSpecific ones as written (albc-behaviour §4.2). */
function sortedPaths(rule: IngressRule): readonly { readonly path: IngressPath; readonly place: number }[] {
  const rank = { Exact: 0, Prefix: 1, ImplementationSpecific: 2 } as const;
  const placed = (rule.paths ?? []).map((path, place) => ({ path, place }));
  return placed.toSorted(({ path: a }, { path: b }) => {
    const byType = rank[a.pathType] - rank[b.pathType];
    return byType !== 0 || a.pathType !== 'Prefix' ? byType : b.path.length - a.path.length;
  });
}

type At = {
  readonly rule: IngressRule;
  readonly path: IngressPath;
  readonly useRegex: boolean;
  readonly where: string;
};

function ruleDraft(routing: Routing, listens: Listens, at: At): RuleDraft | undefined {
  const { context } = routing;
  const backend = backendDraft(routing, at.path.backend, `${at.where}.backend`);
  if (backend === undefined) return undefined;
  const matched = matchOf(context, backend, at);
  if (matched === undefined) return undefined;
  reportLimits(context, { conditions: matched.conditions, transforms: backend.transforms }, at);
  const actions = actionsOf(routing, backend, { listens, where: `${at.where}.backend` });
  return actions === undefined
    ? undefined
    : { ...matched, ...actions, transforms: backend.transforms, path: at.where };
}

function actionsOf(
  routing: Routing,
  backend: BackendDraft,
  of: { readonly listens: Listens; readonly where: string },
): DefaultDraft | undefined {
  const authentication = authenticationActions(routing.context, backend.service, of.listens);
  const action = routingAction(routing, backend.action, of.where);
  return action === undefined ? undefined : { authentication, actions: [action] };
}

/** What a default backend answers; its conditions and transforms are read, and mean nothing (albc-behaviour §4.1). */
export function defaultDraft(
  routing: Routing,
  backend: IngressBackend,
  listens: Listens,
): DefaultDraft | undefined {
  const where = 'spec.defaultBackend';
  const quiet: Routing = { ...routing, context: withoutAlbcPrefix(routing.context) };
  const draft = backendDraft(quiet, backend, where);
  return draft === undefined ? undefined : actionsOf(quiet, draft, { listens, where });
}

/** ALBC does not name the Ingress in errors about a default backend, and meets them before those of the rules. */
function withoutAlbcPrefix(context: MemberContext): MemberContext {
  const start = `ingress: ${context.id}: `;
  return {
    ...context,
    report: (at, words) => {
      const { albcMessage, ...rest } = words;
      const stripped =
        albcMessage?.startsWith(start) === true ? albcMessage.slice(start.length) : albcMessage;
      const place = at === stage.rules ? stage.listeners : at;
      context.report(place, stripped === undefined ? rest : { ...rest, albcMessage: stripped });
    },
  };
}

function matchOf(
  context: MemberContext,
  backend: BackendDraft,
  at: At,
): Pick<RuleDraft, 'conditions' | 'specificity'> | undefined {
  const written = pathPatterns(at.path, at.useRegex);
  if ('why' in written) {
    context.report(stage.rules, {
      code: 'PathInvalid',
      path: `${at.where}.path`,
      message: `Ingress ${context.id}: the path "${at.path.path}" ${written.why}`,
      hint: 'Use the path type ImplementationSpecific for wildcards, and begin paths with "/"',
      albcMessage: `ingress: ${context.id}: ${written.albc}`,
    });
    return undefined;
  }
  const { wildcardHosts } = context.config.policy;
  const added = addedPatterns(backend.conditions, 'host-header');
  const host = at.rule.host === '' ? undefined : at.rule.host;
  const hosts = hostPatterns(host, added, wildcardHosts);
  const paths = oneSort(
    union(written.patterns, addedPatterns(backend.conditions, 'path-pattern')),
    wildcardHosts,
  );
  const isMixed = [
    mixed(context, { word: 'host', where: at.where }, hosts),
    mixed(context, { word: 'path', where: at.where }, paths),
  ];
  if (isMixed.includes(true)) return undefined;
  const conditions: RuleCondition[] = backend.conditions.filter(
    (condition) => condition.kind !== 'host-header' && condition.kind !== 'path-pattern',
  );
  if (!isEmpty(hosts)) conditions.push({ kind: 'host-header', ...hosts });
  if (!isEmpty(paths)) conditions.push({ kind: 'path-pattern', ...paths });
  if (conditions.length === 0) conditions.push({ kind: 'path-pattern', values: ['/*'], regexValues: [] });
  return { conditions, specificity: specificity({ host, addedHosts: added, path: at.path, paths }) };
}

function union(a: Patterns, b: Patterns): Patterns {
  return { values: [...a.values, ...b.values], regexValues: [...a.regexValues, ...b.regexValues] };
}

/** A condition holds plain values or regular expressions; where we may, plain ones are turned into the other sort. */
function oneSort(patterns: Patterns, wildcards: 'specification' | 'plain'): Patterns {
  const isMixedUp = patterns.values.length > 0 && patterns.regexValues.length > 0;
  if (!isMixedUp || wildcards === 'plain') return patterns;
  return { values: [], regexValues: [...patterns.values.map(wildcardRegex), ...patterns.regexValues] };
}

function isEmpty(patterns: Patterns): boolean {
  return patterns.values.length + patterns.regexValues.length === 0;
}

function mixed(
  context: MemberContext,
  of: { readonly word: 'host' | 'path'; readonly where: string },
  patterns: Patterns,
): boolean {
  if (patterns.values.length === 0 || patterns.regexValues.length === 0) return false;
  const values = patterns.values.join(' ');
  const regexes = patterns.regexValues.join(' ');
  context.report(stage.rules, {
    code: of.word === 'host' ? 'HostInvalid' : 'PathInvalid',
    path: of.where,
    message: `Ingress ${context.id}: the ${of.word}s of ${of.where} mix plain values (${values}) and regular expressions (${regexes}); a rule holds one sort`,
    hint: 'Write all of them as regular expressions, or none',
    albcMessage: `ingress: ${context.id}: ${of.word} condition must specify exactly one of Values and RegexValues, got both Values [${values}] and RegexValues [${regexes}]`,
  });
  return true;
}

/** ALBC leaves AWS's limits to AWS; there one refused rule stops the group. */
function reportLimits(
  context: MemberContext,
  match: Pick<RuleDraft, 'conditions' | 'transforms'>,
  at: At,
): void {
  if (context.config.policy.compatibility === 'albc') return;
  const rule = `Ingress ${context.id}: the rule ${at.where} (${at.rule.host}${at.path.path})`;
  for (const fault of conditionFaults(rule, match.conditions)) {
    context.report(stage.ours, { ...fault, path: at.where });
  }
  for (const fault of expressionFaults(rule, match)) {
    context.report(stage.ours, { ...fault, path: at.where, severity: 'warning' });
  }
}
