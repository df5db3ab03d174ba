import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Quota } from '../core/domain/facts.ts';
import { isQuotaName, quotaNames } from '../core/domain/quotas.ts';
import { fileTrouble } from '../lib/file-trouble.ts';
import { nearest } from '../lib/nearest.ts';
import type { Parsed, Parser } from './values.ts';

const mistake = (message: string): Parsed<never> => ({ kind: 'mistake', message });

/** Reads `--limits-file`: YAML or JSON, a whole number for each quota that it names. */
export const limitsFile: Parser<readonly Quota[]> = (path) => {
  let given: unknown;
  try {
    given = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return mistake(`cannot be read: ${fileTrouble(error)}`);
  }
  if (given === null)
    return mistake('is empty; write a line such as rules-per-application-load-balancer: 200 for each quota');
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return mistake(
      'is not a map from names of quotas to numbers, such as rules-per-application-load-balancer: 200',
    );
  const quotas: Quota[] = [];
  for (const [name, limit] of Object.entries(given)) {
    if (!isQuotaName(name)) return mistake(unknown(name));
    if (!Number.isSafeInteger(limit) || limit < 0)
      return mistake(`says ${name}: ${JSON.stringify(limit)}; a quota is a whole number of at least 0`);
    quotas.push({ name, limit, source: 'override' });
  }
  return { kind: 'value', value: quotas };
};

function unknown(name: string): string {
  const meant = nearest(name, quotaNames);
  return `names “${name}”, which is no quota (${meant === undefined ? quotaNames.join(', ') : `did you mean ${meant}?`})`;
}
