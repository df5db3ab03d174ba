import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const root = join(import.meta.dirname, '..', '..');
const idPattern =
  /\b(?:ANN|CLS|GRP|RUL|NAM|NET|TGB|CRT|AUT|ADD|OPS)-\d\d\b|\b(?:[Tt]rap \d+|[Aa]sk \d+\.\d+)\b/g;
// The title of a test or suite that is not skipped: `test.skip(` and `test.todo(` are no proof.
const titlePattern = /\b(?:test|it|suite|describe)\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs;

/** What shows that a feature of the checklist works; both kinds run in `npm test`. */
export type Proof =
  /** A recording of ALBC that replays equal under `--compatibility=albc`. */
  | { readonly kind: 'recording'; readonly name: string }
  /** A test whose title names the id. */
  | { readonly kind: 'test'; readonly file: string; readonly title: string };

/** The proofs of each id, recordings first; ids nothing proves are absent. */
export function proofs(): ReadonlyMap<string, readonly Proof[]> {
  const found = new Map<string, Proof[]>();
  for (const [id, proof] of [...recordingProofs(), ...testProofs()])
    found.set(id, [...(found.get(id) ?? []), proof]);
  return found;
}

function* recordingProofs(): Generator<readonly [string, Proof]> {
  for (const file of globSync('test/recordings/cases/*/expected.json', { cwd: root }).toSorted()) {
    const name = file.split(/[/\\]/).at(-2) ?? '';
    for (const id of provesOf(file)) yield [id, { kind: 'recording', name }];
  }
}

function provesOf(file: string): readonly string[] {
  const expected: unknown = JSON.parse(readFileSync(join(root, file), 'utf8'));
  return z.object({ proves: z.array(z.string()) }).parse(expected).proves;
}

function* testProofs(): Generator<readonly [string, Proof]> {
  for (const file of globSync('test/**/*.test.ts', { cwd: root }).toSorted()) {
    for (const [, , title = ''] of readFileSync(join(root, file), 'utf8').matchAll(titlePattern))
      for (const id of new Set(title.match(idPattern) ?? []))
        yield [id.replace(/^[at]/, (letter) => letter.toUpperCase()), { kind: 'test', file, title }];
  }
}
