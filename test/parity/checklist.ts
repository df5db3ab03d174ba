import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const feature = z.strictObject({ importance: z.enum(['High', 'Med', 'Low']), feature: z.string() });

export type Feature = z.infer<typeof feature>;

/** What ALBC v3.5.0 does for Ingress, by the id that recordings and test titles name; importance = how many users meet it. */
export function checklist(): Readonly<Record<string, Feature>> {
  const text = readFileSync(join(import.meta.dirname, 'checklist.json'), 'utf8');
  return z.record(z.string(), feature).parse(JSON.parse(text));
}

/** What the controller promises beyond ALBC, by the number that test titles name: `Trap N`, `Ask N.M`. */
export function promises(): Readonly<Record<string, string>> {
  const text = readFileSync(join(import.meta.dirname, 'promises.json'), 'utf8');
  return z.record(z.string(), z.string()).parse(JSON.parse(text));
}
