import { quotaNames, quotaTable } from '../domain/quotas.ts';

/** docs/reference/limits.md. */
export function renderLimitsPage(): string {
  const rows = quotaNames.map((name) => {
    const { scope, unit, default: limit, code, service, adjustable } = quotaTable[name];
    return `| \`${name}\` | ${unit} of a ${scope === 'listener' ? 'rule' : scope} | ${limit} | \`${service}\` ${code} | ${adjustable ? 'yes' : 'no'} |`;
  });
  return `${[
    '# Limits',
    '',
    'The limits that are counted, by the names that `--limits-file`, metrics, events and `albatross limits --json` use; [Limits](../limits.md) says',
    'how. The last columns are for Service Quotas. Generated from `src/core/domain/quotas.ts`.',
    '',
    '| Name | Counted | AWS’s default | Service and code | Raised on request |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')}\n`;
}
