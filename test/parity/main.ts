// `npm run coverage:parity`: each feature of ALBC, what proves that we have it, and what nothing proves yet.

import { parseArgs } from 'node:util';
import { checklist, type Feature } from './checklist.ts';
import { type Proof, proofs } from './proofs.ts';

const usage = `usage: npm run coverage:parity [-- --all]

One line for each feature of AWS Load Balancer Controller v3.5.0: its id, its importance, and the first thing that proves it:
a recording that replays equal, or a test that names the id. Both run in "npm test". Exit code 1 when a High or Med
feature is not proven.

  --all    every proof of each feature, one a line`;

function main(): number {
  const { values } = parseArgs({
    options: { all: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const found = proofs();
  const rows = Object.entries(checklist()).map(([id, feature]) => ({
    id,
    feature,
    proven: found.get(id) ?? [],
  }));
  for (const { id, feature, proven } of rows)
    for (const line of linesOf(id, feature, proven, values.all === true)) console.log(line);
  const missing = rows.filter(({ proven }) => proven.length === 0);
  console.log('');
  for (const importance of ['High', 'Med', 'Low'] as const) {
    const all = rows.filter(({ feature }) => feature.importance === importance);
    const open = missing.filter(({ feature }) => feature.importance === importance);
    console.log(
      `${importance.padEnd(4)} ${all.length - open.length} of ${all.length} proven${open.length > 0 ? `; not proven: ${open.map(({ id }) => id).join(', ')}` : ''}`,
    );
  }
  return missing.some(({ feature }) => feature.importance !== 'Low') ? 1 : 0;
}

function linesOf(
  id: string,
  { importance, feature }: Feature,
  proven: readonly Proof[],
  all: boolean,
): readonly string[] {
  const [first, ...others] = proven;
  const head = `${id} ${importance.padEnd(4)} ${feature}`;
  if (first === undefined) return [`MISSING ${head}`];
  if (all) return [`proven  ${head}`, ...proven.map((proof) => `          ${textOf(proof)}`)];
  return [`proven  ${head} · ${textOf(first)}${others.length > 0 ? ` and ${others.length} more` : ''}`];
}

function textOf(proof: Proof): string {
  return proof.kind === 'recording' ? `recording ${proof.name}` : `${proof.file}: ${proof.title}`;
}

process.exitCode = main();
