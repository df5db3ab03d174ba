import { acceptedOptions } from './accepted-options.ts';
import { featureGates } from './feature-gates.ts';
import { type Option, optionGroups } from './option.ts';
import { options } from './options.ts';

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

function row(option: Option<unknown>): string {
  const { name, env, doc } = option;
  const variables = env.map((variable) => `\`${variable}\``).join(', ');
  return `| \`--${name}\` | ${shown(option)} | ${variables} | ${doc} |`;
}

function shown({ name, argument, fallback }: Option<unknown>): string {
  if (fallback === undefined) return '';
  if (name === 'feature-gates') return 'see below';
  if (argument === 'duration') return `\`${durationText(Number(fallback))}\``;
  if (typeof fallback === 'string') return `\`${fallback}\``;
  if (typeof fallback !== 'object' || fallback === null) return `\`${JSON.stringify(fallback)}\``;
  if ('port' in fallback) return `\`:${String(fallback.port)}\``;
  return 'none';
}

function durationText(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1000}s`;
}
