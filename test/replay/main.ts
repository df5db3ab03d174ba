// `npm run replay [-- FOLDER…] [--json] [--spec]`: replays recordings of ALBC and says, one line a case, where we differ.

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { casesIn } from './cases.ts';
import { replay } from './replay.ts';
import { differenceLine } from './report.ts';
import type { CaseResult } from './run-case.ts';

const usage = `usage: npm run replay [-- [--json] [--verbose] FOLDER…]

Replays recorded cases (a case, a folder of cases, or a folder with a cases folder in it; without one test/recordings)
with --compatibility=albc against the simulated AWS. One line a case; exit code 1 when one differs.

  --json      print every difference as JSON
  --verbose   print every difference below its case`;

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        verbose: { type: 'boolean' },
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
  const results: CaseResult[] = [];
  for (const running of replay(casesIn(folders))) {
    const result = await running;
    results.push(result);
    if (args.values.json) continue;
    const isEqual = result.differences.length === 0;
    console.log(
      `${isEqual ? 'equal  ' : 'differs'} ${result.name}${isEqual ? '' : `: ${firstOf(result)}${more(result)}`}`,
    );
    if (args.values.verbose)
      for (const difference of result.differences) console.log(`          ${differenceLine(difference)}`);
  }
  const differing = results.filter((result) => result.differences.length > 0);
  if (args.values.json) console.log(JSON.stringify(results, null, 1));
  else console.log(`${results.length - differing.length} of ${results.length} cases are equal`);
  return differing.length === 0 ? 0 : 1;
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
