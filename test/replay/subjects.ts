// Differences without the preset, sorted into the subjects of docs/compatibility.md.

import type { Difference } from './compare.ts';
import type { CaseResult } from './run-case.ts';

type Rule = {
  readonly path: RegExp;
  /** Further condition on the two values, as text. */
  readonly values?: RegExp;
  readonly subject: string;
};

const refusals = 'Refusals at admission';
const invalidMember = 'An invalid member, or members that disagree';

/** The first that fits decides. Paths are without the step's file. */
const rules: readonly Rule[] = [
  { path: /finalizers/, subject: 'Finalizers' },
  { path: /^refused/, subject: refusals },
  // Refused there, stored here.
  { path: /^kubernetes\.ingresses\.[^.]+$/, values: /^\[null,\{\}\]$/, subject: refusals },
  {
    path: /\.rules\[\d+\]\.tags\.(albatross\.dev\/ingress|ingress\.k8s\.aws\/resource)$/,
    subject: 'Resource tag of a rule',
  },
  { path: /\.rules\[\d+\]\.priority$/, subject: 'Priorities of rules' },
  { path: /HostHeaderConfig/, values: /RegexValues|\[\^|\*/, subject: 'Wildcard hosts' },
  { path: /loadBalancers\.[^.]+\.tags\./, subject: 'Tags that others add' },
  // ALBC makes it for a group that then fails.
  { path: /securityGroups(\.k8s-traffic-[^.]+)?$/, values: /Shared Backend/, subject: invalidMember },
  { path: /\.(certificates|defaultCertificate)/, subject: 'Discovered certificates' },
  { path: /\.(rules|rules\[\d+\]\.(conditions|actions)\b.*)$/, subject: 'Order of rules' },
];

const failures = /FailedBuildModel|FailedLoadGroupID/;
const words = 'Words of events';

/** The subject of each difference of a case. `isKnown`: the case differs with the preset too. */
function subjectsOf(result: CaseResult, isKnown: boolean): readonly string[] {
  const hasFailure = result.differences.some(
    ({ path, expected, actual }) =>
      path.includes(' events') && failures.test(JSON.stringify([expected, actual])),
  );
  return result.differences.map((difference) => subjectOf(difference, { isKnown, hasFailure }));
}

function subjectOf(
  { path, expected, actual }: Difference,
  { isKnown, hasFailure }: { readonly isKnown: boolean; readonly hasFailure: boolean },
): string {
  const place = path.replace(/^\S+ /, '');
  const values = JSON.stringify([expected, actual]);
  const rule = rules.find(
    (candidate) => candidate.path.test(place) && (candidate.values?.test(values) ?? true),
  );
  if (rule !== undefined) return rule.subject;
  if (isKnown) return 'differs with the preset too (test/replay/not-yet.json)';
  if (place.startsWith('events')) return words;
  return hasFailure ? invalidMember : 'not sorted';
}

/** One line a subject: how many differences in how many cases, most first; what is not sorted with its cases. */
export function subjectLines(
  results: readonly CaseResult[],
  isKnown: (name: string) => boolean,
): readonly string[] {
  const found = results.flatMap((result) =>
    subjectsOf(result, isKnown(result.name)).map((subject) => ({ subject, name: result.name })),
  );
  return [...Map.groupBy(found, ({ subject }) => subject)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([subject, all]) => {
      const names = [...new Set(all.map(({ name }) => name))];
      const shown = subject === 'not sorted' ? `: ${names.join(', ')}` : '';
      return `${String(all.length).padStart(5)} differences in ${String(names.length).padStart(3)} cases  ${subject}${shown}`;
    });
}
