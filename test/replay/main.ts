// `npm run replay [-- FOLDER…]`: replays recordings of ALBC and says, one line a case, where we differ.

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { casesIn } from './cases.ts';
import { replay } from './replay.ts';
import { differenceLine } from './report.ts';
import type { CaseResult } from './run-case.ts';
import { subjectLines } from './subjects.ts';

const usage = `usage: npm run replay [-- [--json] [--verbose] FOLDER…]

Replays recorded cases (each FOLDER a case, or a folder with cases in it, however deep; without one test/recordings)
with --compatibility=albc against the simulated AWS. One line a case; exit code 1 when one differs.

  --json      print every difference as JSON
  --without-preset   compare with what we do without --compatibility=albc, and sum up which subjects of
              docs/compatibility.md differ; exit code 0
  --verbose   print every difference below its case`;

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        verbose: { type: 'boolean' },
        'without-preset': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    console.error(`replay: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return undefined;
  }
}

async function main(): Promise<number> {
  const args = parsed();
  if (args === undefined) return 2;
  if (args.values.help) {
    console.log(usage);
    return 0;
  }
  const folders =
    args.positionals.length > 0 ? args.positionals : [join(import.meta.dirname, '..', 'recordings')];
  const { json, verbose, 'without-preset': withoutPreset } = args.values;
  const results: CaseResult[] = [];
  for (const running of replay(casesIn(folders), { preset: withoutPreset ? 'none' : 'albc' })) {
    const result = await running;
    results.push(result);
    if (!json && (verbose || !withoutPreset)) print(result, verbose === true);
  }
  if (json) console.log(JSON.stringify(results, null, 1));
  else for (const text of withoutPreset ? subjectLines(results) : [countLine(results)]) console.log(text);
  return withoutPreset || results.every(isEqual) ? 0 : 1;
}

const isEqual = ({ differences }: CaseResult): boolean => differences.length === 0;

function print(result: CaseResult, verbose: boolean): void {
  console.log(
    isEqual(result)
      ? `equal   ${result.name}`
      : `differs ${result.name}: ${firstOf(result)}${verbose ? '' : more(result)}`,
  );
  if (verbose)
    for (const difference of result.differences) console.log(`          ${differenceLine(difference)}`);
}

function countLine(results: readonly CaseResult[]): string {
  return `${results.filter(isEqual).length} of ${results.length} cases are equal`;
}

function firstOf({ differences: [first] }: CaseResult): string {
  return first === undefined ? '' : differenceLine(first);
}

function more({ differences }: CaseResult): string {
  return differences.length > 1 ? ` (and ${differences.length - 1} more)` : '';
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`replay: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
