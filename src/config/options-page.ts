import { acceptedOptions } from './accepted-options.ts';
import { featureGates } from './feature-gates.ts';
import { type Option, optionGroups, options } from './options.ts';

const table: readonly Option<unknown>[] = Object.values(options);

/** docs/reference/options.md. */
export function renderOptionsPage(): string {
  const sections = optionGroups.flatMap((group) => [
    `## ${group}`,
    '',
    '| Option | Default | Environment | Meaning |',
    '| --- | --- | --- | --- |',
    ...table.filter((option) => option.group === group).map(row),
    '',
  ]);
  return [
    '# Options of `albatross run`',
    '',
    'Names and defaults are those of the AWS Load Balancer Controller where it has the option. A flag wins over the',
    'environment. All mistakes are reported at once. Generated from `src/config/options.ts`.',
    '',
    ...sections,
    '## Feature gates',
    '',
    '| Gate | Default | Meaning |',
    '| --- | --- | --- |',
    ...Object.entries(featureGates).map(
      ([name, { fallback, doc }]) => `| \`${name}\` | ${fallback} | ${doc} |`,
    ),
    '',
    '## Accepted and without effect',
    '',
    'Options of the AWS Load Balancer Controller that may be given, so that its arguments carry over:',
    '',
    ...Object.entries(acceptedOptions).map(([name, why]) => `- \`--${name}\`: ${why}`),
    '',
  ].join('\n');
}

function row({ name, fallback, env, doc }: Option<unknown>): string {
  const variables = env.map((variable) => `\`${variable}\``).join(', ');
  return `| \`--${name}\` | ${shown(name, fallback)} | ${variables} | ${doc} |`;
}

function shown(name: string, fallback: unknown): string {
  if (fallback === undefined) return '';
  if (name === 'feature-gates') return 'see below';
  if (name === 'audit-interval') return '`5m`';
  if (typeof fallback === 'string') return `\`${fallback}\``;
  if (typeof fallback !== 'object' || fallback === null) return `\`${JSON.stringify(fallback)}\``;
  if ('port' in fallback) return `\`:${String(fallback.port)}\``;
  return 'none';
}
