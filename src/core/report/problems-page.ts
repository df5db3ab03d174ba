import { problemCatalogue } from '../domain/problem.ts';

/** docs/reference/problems.md. */
export function renderProblemsPage(): string {
  const rows = Object.entries(problemCatalogue).map(([code, line]) => `| \`${code}\` | ${line} |`);
  return `${[
    '# Problems',
    '',
    'What can be wrong with what users ask for. An error is an event `FailedBuildModel` on the object that caused it, a',
    'warning an event with the code as its reason; `albatross plan` prints both. Generated from `src/core/domain/problem.ts`.',
    '',
    '| Code | Meaning |',
    '| --- | --- |',
    ...rows,
  ].join('\n')}\n`;
}
