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
const invalidMember = 'An invalid member';

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
  {
    path: /[aA]ctions\[\d+\]\.stickiness$/,
    subject: 'Stickiness of target groups that an action says nothing of any more',
  },
  { path: /HostHeaderConfig/, values: /RegexValues|\[\^|\*/, subject: 'Wildcard hosts' },
  { path: /\.tags\.albatross\.dev\/cluster-uid$/, subject: 'Clusters of the same name' },
  { path: /\.params\.Tags$/, values: /albatross\.dev\/cluster-uid/, subject: 'Clusters of the same name' },
  { path: /loadBalancers\.[^.]+\.tags\./, subject: 'Tags that others add' },
  { path: /\.tags\.albatross\.dev\/oidc-secret$/, subject: 'OIDC sign-in' },
  // ALBC makes it for a group that then fails.
  {
    path: /^aws(\.securityGroups(\.k8s-traffic-[^.]+)?)?$/,
    values: /^\[\{("securityGroups":\{)?("k8s-traffic-[^"]+":\{)?"description":"\[k8s\] Shared Backend/,
    subject: invalidMember,
  },
  {
    path: /[sS]ecurityGroup.*ingress/,
    values: /Clients of the load balancer \(Albatross\)/,
    subject: "Rules in a group's own security group",
  },
  { path: /\.(certificates|defaultCertificate)/, subject: 'Discovered certificates' },
  { path: /\.(rules|rules\[\d+\]\.(conditions|actions)\b.*)$/, subject: 'Order of rules' },
];

/** What no rule tells, and nothing in the case. */
export const notSorted = 'not sorted';

const failures = /FailedBuildModel|FailedLoadGroupID/;
const words = 'Words of events';

/** The subject of each difference of a case. */
export function subjectsOf(result: CaseResult): readonly string[] {
  const hasFailure = result.differences.some(
    ({ path, expected, actual }) =>
      path.includes(' events') && failures.test(JSON.stringify([expected, actual])),
  );
  return result.differences.map((difference) => {
    const subject = subjectOf(difference, hasFailure);
    return subject === notSorted ? (result.explained?.(withoutFile(difference.path)) ?? notSorted) : subject;
  });
}

const withoutFile = (path: string): string => path.replace(/^\S+ /, '');

function subjectOf({ path, expected, actual }: Difference, hasFailure: boolean): string {
  const place = withoutFile(path);
  const values = JSON.stringify([expected, actual]);
  const rule = rules.find(
    (candidate) => candidate.path.test(place) && (candidate.values?.test(values) ?? true),
  );
  if (rule !== undefined) return rule.subject;
  if (place.startsWith('events')) return words;
  return hasFailure ? invalidMember : notSorted;
}

/** One line a subject: how many differences in how many cases, most first; what is not sorted with its cases. */
export function subjectLines(results: readonly CaseResult[]): readonly string[] {
  const found = results.flatMap((result) =>
    subjectsOf(result).map((subject) => ({ subject, name: result.name })),
  );
  return [...Map.groupBy(found, ({ subject }) => subject)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([subject, all]) => {
      const names = [...new Set(all.map(({ name }) => name))];
      const shown = subject === notSorted ? `: ${names.join(', ')}` : '';
      return `${String(all.length).padStart(5)} differences in ${String(names.length).padStart(3)} cases  ${subject}${shown}`;
    });
}
