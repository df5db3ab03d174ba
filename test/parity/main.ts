// `npm run coverage:parity`: each feature of ALBC, what proves that we have it, and what nothing proves yet.

import { parseArgs } from 'node:util';
import { checklist, type Feature, promises } from './checklist.ts';
import { type Proof, proofs } from './proofs.ts';

const usage = `usage: npm run coverage:parity [-- --all]

One line for each feature of AWS Load Balancer Controller v3.5.0: its id, its importance, and the first thing that proves it:
a recording that replays equal, or a test that names the id. Both run in "npm test". After them, alike, what a controller
must never do (Trap N) and what is done better (Ask N.M). Exit code 1 when a High or Med feature or a trap is not proven.

  --all    every proof of each of them, one a line`;

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
    for (const line of linesOf(headOf(id, feature), proven, values.all === true)) console.log(line);
  const missing = rows.filter(({ proven }) => proven.length === 0);
  console.log('');
  for (const importance of ['High', 'Med', 'Low'] as const) {
    const all = rows.filter(({ feature }) => feature.importance === importance);
    const open = missing.filter(({ feature }) => feature.importance === importance);
    console.log(
      `${importance.padEnd(4)} ${all.length - open.length} of ${all.length} proven${open.length > 0 ? `; not proven: ${open.map(({ id }) => id).join(', ')}` : ''}`,
    );
  }
  const isKept = promised(found, values.all === true);
  return isKept && missing.every(({ feature }) => feature.importance === 'Low') ? 0 : 1;
}

/** Prints what proves each promise. Returns whether each trap is proven. */
function promised(found: ReadonlyMap<string, readonly Proof[]>, all: boolean): boolean {
  const ids = Object.entries(promises());
  console.log('');
  for (const [id, text] of ids)
    for (const line of linesOf(`${id.padEnd(8)} ${text}`, found.get(id) ?? [], all)) console.log(line);
  const open = ids.map(([id]) => id).filter((id) => !found.has(id));
  const words = open.length > 0 ? `; not proven: ${open.join(', ')}` : '';
  console.log(`\nTraps and asks ${ids.length - open.length} of ${ids.length} proven${words}`);
  return !open.some((id) => id.startsWith('Trap'));
}

const headOf = (id: string, { importance, feature }: Feature): string =>
  `${id} ${importance.padEnd(4)} ${feature}`;

function linesOf(head: string, proven: readonly Proof[], all: boolean): readonly string[] {
  const [first, ...others] = proven;
  if (first === undefined) return [`MISSING ${head}`];
  if (all) return [`proven  ${head}`, ...proven.map((proof) => `          ${textOf(proof)}`)];
  return [`proven  ${head} · ${textOf(first)}${others.length > 0 ? ` and ${others.length} more` : ''}`];
}

function textOf(proof: Proof): string {
  return proof.kind === 'recording' ? `recording ${proof.name}` : `${proof.file}: ${proof.title}`;
}

process.exitCode = main();
