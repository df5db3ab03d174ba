// What AWS refuses in the conditions of a rule, known before it is sent (elbv2-facts §1.4).

import type { RuleCondition, Transform } from '../domain/rule.ts';
import { dialectFault } from '../evaluate/patterns.ts';
import type { ProblemWords } from './context.ts';

/** Values that one ALB rule may hold, all conditions together; not adjustable (ELB quota "condition values per rule"). */
const maxValues = 5;
const maxLength = 128;

type Fault = Pick<ProblemWords, 'code' | 'message' | 'hint'>;

/** Faults of a rule's conditions; `rule` says which rule, as the beginning of a sentence. */
export function conditionFaults(rule: string, conditions: readonly RuleCondition[]): readonly Fault[] {
  // More values than that become several rules (core/desired/rule-split.ts); each needs one of every condition.
  const tooMany: readonly Fault[] =
    conditions.length <= maxValues
      ? []
      : [
          {
            code: 'ConditionLimit',
            message: `${rule} has ${conditions.length} conditions (host, path, headers, query…); an ALB rule holds ${maxValues} values, one of each condition at least`,
            hint: 'Ask for fewer headers or query parameters',
          },
        ];
  return [...tooMany, ...conditions.flatMap((condition) => valueFaults(rule, condition))];
}

/** Warnings about regular expressions that AWS will not take; `rule` as above. */
export function expressionFaults(
  rule: string,
  {
    conditions,
    transforms,
  }: { readonly conditions: readonly RuleCondition[]; readonly transforms: readonly Transform[] },
): readonly Fault[] {
  const written = [
    ...conditions.flatMap((condition) =>
      'regexValues' in condition
        ? condition.regexValues.map((regex) => ({ regex, place: 'condition', code: codes[condition.kind] }))
        : [],
    ),
    ...transforms.flatMap(({ rewrites }) =>
      rewrites.map(({ regex }) => ({ regex, place: 'transform', code: 'AnnotationInvalid' as const })),
    ),
  ];
  return written.flatMap(({ regex, place, code }) => {
    const fault = regex === '' ? undefined : dialectFault(regex);
    if (fault === undefined) return [];
    return [
      {
        code,
        message: `${rule} has a ${place} with the regular expression "${regex}", which ${fault}; AWS takes none with look-around, back-references, atomic groups, inline conditions, recursion, possessive quantifiers or Unicode classes`,
        hint: 'Write the expression without it; several conditions, or rules in order, often do the same',
      },
    ];
  });
}

const codes = {
  'host-header': 'HostInvalid',
  'path-pattern': 'PathInvalid',
  'http-header': 'AnnotationInvalid',
} as const;

function valuesOf(condition: RuleCondition): readonly string[] {
  switch (condition.kind) {
    case 'host-header':
    case 'path-pattern':
    case 'http-header':
      return [...condition.values, ...condition.regexValues];
    case 'query-string':
      return condition.values.map(({ key, value }) => `${key ?? ''}=${value}`);
    case 'http-request-method':
    case 'source-ip':
      return condition.values;
  }
}

function valueFaults(rule: string, condition: RuleCondition): readonly Fault[] {
  if (condition.kind !== 'host-header' && condition.kind !== 'path-pattern') return [];
  const isHost = condition.kind === 'host-header';
  const code = isHost ? 'HostInvalid' : 'PathInvalid';
  const word = isHost ? 'host' : 'path';
  const faults: Fault[] = [];
  if (condition.regexValues.includes('')) {
    const message = `${rule} has an empty regular expression as its ${word}, which AWS does not take`;
    faults.push({
      code,
      message,
      hint: 'With use-regex-path-match, write the expression behind the first slash: /^/api/.*',
    });
  }
  for (const value of valuesOf(condition)) {
    if (value.length <= maxLength) continue;
    const message = `${rule} has the ${word} condition "${value.slice(0, 40)}…" of ${value.length} characters; AWS takes at most ${maxLength}`;
    faults.push({ code, message, hint: `Shorten the ${word}` });
  }
  for (const value of condition.values) {
    if (isWritable(condition.kind, value)) continue;
    const message = `${rule} has the ${word} "${value}", which AWS does not take; allowed: ${allowed[condition.kind]}`;
    faults.push({ code, message, hint: `Write a ${word} of these characters` });
  }
  return faults;
}

const allowed = {
  'host-header':
    'letters, digits, "-", ".", "*" and "?" with at least one ".", and only letters behind the last one',
  'path-pattern': 'letters, digits, wildcards and _ - . $ / ~ " \' @ : + &',
} as const;

function isWritable(kind: 'host-header' | 'path-pattern', value: string): boolean {
  if (kind === 'path-pattern') return /^[A-Za-z0-9_\-.$/~"'@:+&*?]+$/.test(value);
  // Top-level domains in another script are written xn--….
  return /^[A-Za-z0-9\-.*?]*\.([A-Za-z*?]+|xn--[A-Za-z0-9-]+)$/.test(value);
}
