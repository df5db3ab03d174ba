// Explanations for people and for programs.

import type { ConditionVerdict } from '../core/evaluate/conditions.ts';
import type { Traced } from '../core/evaluate/evaluate.ts';
import type { Answer, Explanation, KnownRule, Origin, Unexplained } from '../core/evaluate/explain.ts';
import type { ExplainedTarget, ExplainedTargetGroup, Source } from './explain-sources.ts';

/** By the text that names a target group in actions; undefined: nothing is known of it. */
export type TargetGroups = ReadonlyMap<string, ExplainedTargetGroup | undefined>;

type Context = {
  readonly source: Pick<Source, 'words' | 'held' | 'noTargets'>;
  readonly targetGroups: TargetGroups;
};

/** The text names of the target groups that an answer, or what answers behind its redirect, forwards to. */
export function targetGroupKeys({ answer }: Explanation): readonly string[] {
  if (answer.kind === 'forward') return answer.targetGroups.map(({ targetGroup }) => targetGroup);
  if (answer.kind !== 'redirect' || answer.next === undefined || 'unexplained' in answer.next) return [];
  return targetGroupKeys(answer.next);
}

/** An explanation as text, from the load balancer down to the targets. */
export function renderExplanation(explanation: Explanation, context: Context): string {
  const held = context.source.held.map(({ message }) => `  ${message}`);
  return [
    ...linesOf(explanation, context),
    ...section('Not served as written, and so not among these rules', [...new Set(held)]),
    '',
  ].join('\n');
}

function linesOf(explanation: Explanation, context: Context): readonly string[] {
  const { request, loadBalancer, listener, tried, matched, shadowed } = explanation;
  const dnsName = loadBalancer.dnsName === undefined ? '' : `, ${loadBalancer.dnsName}`;
  const rows = [
    ...tried.map((one) => [`${one.rule.priority}`, 'no', unmet(one), place(one.rule.origin)]),
    ...(matched === undefined
      ? [['default', 'yes', 'no rule matches', place(listener.defaultOrigin)]]
      : [[`${matched.rule.priority}`, 'yes', met(matched), place(matched.rule.origin)]]),
  ];
  return [
    `${request.method} ${urlOf(explanation)} from ${request.sourceIp}`,
    '',
    `Load balancer  ${loadBalancer.name} (group ${loadBalancer.group})${dnsName}, ${context.source.words}`,
    `Listener       ${listener.protocol} ${listener.port}`,
    ...section('Rules in the order in which they are tried', table(rows)),
    ...section(
      'Would match too, and come later',
      table(shadowed.map((one) => [`${one.rule.priority}`, met(one), place(one.rule.origin)])),
    ),
    ...section('Answer', answerLines(explanation, context)),
  ];
}

const urlOf = ({ request, listener }: Explanation): string => {
  const standard = { HTTP: 80, HTTPS: 443 }[listener.protocol] === request.port;
  const host = request.host.replace(/:\d+$/, '') + (standard ? '' : `:${request.port}`);
  const query = request.query === '' ? '' : `?${request.query}`;
  return `${request.protocol.toLowerCase()}://${host}${request.path}${query}`;
};

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}

const unmet = ({ conditions }: Traced<KnownRule>): string =>
  conditions.flatMap((one) => (one.holds ? [] : [verdictText(one)])).join(', ');

const met = ({ conditions }: Traced<KnownRule>): string => conditions.map(verdictText).join(', ');

function verdictText({ field, wanted, got, holds }: ConditionVerdict): string {
  const values = wanted.join(' or ');
  if (got === undefined) return `${field} is absent, wanted ${values}`;
  return `${field} ${got === '' ? '(empty)' : got} ${holds ? 'matches' : 'does not match'} ${values}`;
}

function place(origin: Origin | undefined): string {
  if (origin === undefined) return '';
  return `Ingress ${origin.ingress} ${origin.written ?? origin.path ?? ''}`.trimEnd();
}

function answerLines(explanation: Explanation, context: Context): readonly string[] {
  const { answer, before, request } = explanation;
  return [
    ...before.map(
      (action) =>
        `  first ${action.kind}${'session' in action ? `, without a session: ${action.session.onUnauthenticatedRequest}` : ''}`,
    ),
    ...rest(answer, request.host, context),
  ];
}

function rest(answer: Answer, host: string, context: Context): readonly string[] {
  switch (answer.kind) {
    case 'none':
      return ['  nothing: the rule has no action that answers'];
    case 'fixed-response':
      return [`  fixed response ${answer.statusCode}${answer.messageBody ? `: ${answer.messageBody}` : ''}`];
    case 'redirect':
      return [
        `  redirect ${answer.statusCode.replace('HTTP_', '')} to ${answer.location}`,
        ...(answer.next === undefined ? [] : followed(answer.next, context)),
      ];
    case 'forward':
      return [
        ...sentLines(answer, host),
        ...answer.targetGroups.flatMap((one) => groupLines(one, answer, context)),
      ];
  }
}

function followed(next: Explanation | Unexplained, context: Context): readonly string[] {
  const lines = 'unexplained' in next ? [next.unexplained] : linesOf(next, context);
  return ['', 'There', ...lines.map((line) => (line === '' ? '' : `  ${line}`))];
}

function sentLines(
  { sent, isRewritten }: Extract<Answer, { kind: 'forward' }>,
  host: string,
): readonly string[] {
  if (sent === undefined) return ['  500: what the transforms make of the request is no request'];
  if (!isRewritten) return [];
  const query = sent.query === '' ? '' : `?${sent.query}`;
  const written = sent.host === host ? '' : `, Host: ${sent.host}`;
  return [`  rewritten to ${sent.path}${query}${written}`];
}

function groupLines(
  { targetGroup, weight }: Extract<Answer, { kind: 'forward' }>['targetGroups'][number],
  { targetGroups }: Extract<Answer, { kind: 'forward' }>,
  context: Context,
): readonly string[] {
  const known = context.targetGroups.get(targetGroup);
  const total = targetGroups.reduce((sum, one) => sum + one.weight, 0);
  const share = targetGroups.length === 1 ? '' : `${share100(weight, total)} % `;
  if (known === undefined) return [`  ${share}to target group ${targetGroup}, which is not ours`];
  const service = known.service === undefined ? '' : `${known.service}, `;
  const targets = known.targets.map((target) => `    ${targetText(target)}`);
  return [
    `  ${share}to ${service}target group ${known.name} (${known.targetType})`,
    ...(targets.length === 0 ? [`    ${context.source.noTargets}`] : targets),
  ];
}

const share100 = (weight: number, total: number): number =>
  total === 0 ? 0 : Math.round((weight * 1000) / total) / 10;

function targetText({ id, port, state, reason, object }: ExplainedTarget): string {
  const health = state === undefined ? [] : [reason === '' ? state : `${state} (${reason})`];
  return [`${id}:${port}`, ...health, ...(object === undefined ? [] : [object])].join('  ');
}

/** The same for programs: what is undefined in the text is null. */
export function explanationJson(explanation: Explanation, context: Context): string {
  const held = context.source.held.map(({ code, object, message }) => ({ code, object, message }));
  const plain = { source: context.source.words, ...plainExplanation(explanation, context), held };
  return `${JSON.stringify(plain, undefined, 2)}\n`;
}

function plainExplanation(explanation: Explanation, context: Context): object {
  const { request, loadBalancer, listener, tried, matched, shadowed, before, answer } = explanation;
  const { name, group, dnsName } = loadBalancer;
  return {
    url: urlOf(explanation),
    request,
    loadBalancer: { name, group, dnsName: dnsName ?? null },
    listener: { port: listener.port, protocol: listener.protocol },
    tried: tried.map(plainRule),
    matched: matched === undefined ? null : plainRule(matched),
    defaultOrigin: matched === undefined ? (listener.defaultOrigin ?? null) : null,
    shadowed: shadowed.map(plainRule),
    before: before.map(({ kind }) => kind),
    answer: plainAnswer(answer, context),
  };
}

const plainRule = ({ rule, conditions }: Traced<KnownRule>): object => ({
  priority: rule.priority,
  origin: rule.origin ?? null,
  conditions,
});

function plainAnswer(answer: Answer, context: Context): object {
  if (answer.kind === 'forward') {
    const { kind, sent, targetGroups } = answer;
    const plainGroups = targetGroups.map(({ targetGroup, weight }) => ({
      weight,
      ...(context.targetGroups.get(targetGroup) ?? { name: targetGroup }),
    }));
    return {
      kind,
      sent: sent && { host: sent.host, path: sent.path, query: sent.query },
      targetGroups: plainGroups,
    };
  }
  if (answer.kind !== 'redirect') return answer;
  const { next, ...redirect } = answer;
  const there = next === undefined || 'unexplained' in next ? next : plainExplanation(next, context);
  return { ...redirect, next: there ?? null };
}
