import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const reasons = z.record(z.string(), z.string());

/**
 * Recorded cases that do not replay equal, each with why. `notYet`: a later issue makes it equal. `onPurpose`: a decision
 * of docs/compatibility.md, or something of the recordings' account. Both lists may only shrink.
 */
export function knownDifferences(): {
  readonly notYet: Readonly<Record<string, string>>;
  readonly onPurpose: Readonly<Record<string, string>>;
} {
  const text = readFileSync(join(import.meta.dirname, 'not-yet.json'), 'utf8');
  return z.strictObject({ notYet: reasons, onPurpose: reasons }).parse(JSON.parse(text));
}
