import type { Quota } from '../domain/facts.ts';
import type { ObjectRef, Problem } from '../domain/problem.ts';
import { increaseCommand, quotaTable } from '../domain/quotas.ts';
import { type LimitRow, share, warnAt } from './rows.ts';

/** The second warning, when there is hardly room for one more change. */
const urgentAt = 0.95;

/**
 * A warning for everything that is nearly full, on `object`. Its words stay the same while it grows, so that users are told
 * once at each of the two marks.
 *
 * What a rule holds is either allowed or refused, and who attaches security groups has counted them: neither is told.
 */
export function nearLimits(
  rows: readonly LimitRow[],
  { object, region }: { readonly object: ObjectRef; readonly region: string },
): readonly Problem[] {
  return rows
    .filter(({ scope, quota }) => scope !== 'listener' && quota !== 'security-groups-per-interface')
    .filter((row) => share(row) >= warnAt)
    .map((row) => {
      const { quota, scope, name, limit } = row;
      const { code, unit } = quotaTable[quota];
      const mark = Math.round(100 * (share(row) >= urgentAt ? urgentAt : warnAt));
      const command = increaseCommand(quota, 2 * limit, region);
      return {
        kind: 'problem',
        code: 'QuotaNear',
        severity: 'warning',
        scope: 'member',
        object,
        path: '',
        message: `The ${scope} ${name} has ${mark} % or more of the ${limit} ${unit} that it may have (quota ${quota}, ${code}, ${sources[row.source]})`,
        hint:
          command === undefined
            ? 'AWS does not raise it: give new Ingresses another group'
            : `Give new Ingresses another group, or ask AWS for more: ${command}`,
      };
    });
}

const sources: Readonly<Record<Quota['source'], string>> = {
  override: 'from --limits-file',
  api: 'as AWS says',
  serviceQuotas: 'as Service Quotas says',
  default: 'AWS’s default',
};
