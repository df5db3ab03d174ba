import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const reasons = z.record(z.string(), z.string());

/** Recorded cases that do not replay equal yet, each with what is missing. The list may only shrink. */
export function knownDifferences(): {
  readonly notYet: Readonly<Record<string, string>>;
} {
  const text = readFileSync(join(import.meta.dirname, 'not-yet.json'), 'utf8');
  return z.strictObject({ notYet: reasons }).parse(JSON.parse(text));
}
