import { type Command, Option as CommandOption } from 'commander';
import { parseEndpoints } from '../aws/endpoints.ts';
import { throttleMistakes } from '../aws/throttles.ts';
import { acceptedOptions } from '../config/accepted-options.ts';
import { type Config, type GivenOptions, loadConfig, renderMistakes } from '../config/load.ts';
import type { Option } from '../config/option.ts';
import { options } from '../config/options.ts';
import { UserError } from './user-error.ts';

const table: readonly Option<unknown>[] = Object.values(options);

/**
 * Gives a command every option of the controller. Commander collects them as plain text, unknown ones too: what is wrong
 * with them is told all at once by config/load.ts.
 */
export function withControllerOptions(command: Command): Command {
  for (const { name, argument, env, doc, group } of table) {
    const variables = env.length === 0 ? '' : ` (env: ${env.join(', ')})`;
    command.addOption(
      new CommandOption(`--${name} [${argument}]`, `${doc}${variables}`)
        .helpGroup(`${group}:`)
        .argParser((text: string, before: unknown) => given(argument, text, before)),
    );
  }
  for (const name of Object.keys(acceptedOptions))
    command.addOption(new CommandOption(`--${name} [value]`).hideHelp());
  return command.allowUnknownOption().allowExcessArguments();
}

/** Lists grow when their option is repeated, as in Go's flag packages; of anything else the last one counts. */
const given = (argument: string, text: string, before: unknown): string =>
  argument.endsWith('…') && typeof before === 'string' ? `${before},${text}` : text;

/** The texts given for options of the controller, `also` where a command has a value of its own for an absent one. */
export function givenOptions(
  command: Command,
  also: Readonly<Record<string, string>> = {},
  env: GivenOptions['env'] = process.env,
): GivenOptions {
  const flags = new Map([...Object.entries(also), ...knownOptions(command)]);
  for (const [name, value] of unknownFlags(command.args)) flags.set(name, value);
  return { flags, env };
}

/** The texts given for options of the controller that commander recognised, by name without dashes. */
export function knownOptions(command: Command): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  const names = [...table.map(({ name }) => name), ...Object.keys(acceptedOptions)];
  for (const option of command.options) {
    const name = option.long?.replace(/^--/, '') ?? '';
    const value: unknown = command.getOptionValue(option.attributeName());
    if (!names.includes(name) || value === undefined) continue;
    // `--flag` alone means true, as in Go's flag packages.
    flags.set(name, typeof value === 'string' ? value : 'true');
  }
  return flags;
}

/** What commander did not recognise. A word that is no option at all is a mistake of its own. */
function unknownFlags(words: readonly string[]): readonly (readonly [string, string])[] {
  const [stray] = words.filter(
    (word, index) => !word.startsWith('-') && !/^--[^=]+$/.test(words[index - 1] ?? ''),
  );
  if (stray !== undefined) throw new UserError(`“${stray}” is not an option; options start with --`, 2);
  return words
    .filter((word) => word.startsWith('-'))
    .map((word) => {
      const [name = '', ...value] = word.replace(/^--?/, '').split('=');
      return [name, value.join('=')];
    });
}

/** The configuration, or one UserError with every mistake on a line of its own. */
export function configFrom(given: GivenOptions): Config {
  const loaded = loadConfig(given);
  if (loaded.kind === 'config') {
    const pairs = Object.entries(loaded.config.aws.endpoints).map((pair) => pair.join('='));
    const [mistake] = [
      ...parseEndpoints(pairs.join(',')).mistakes,
      ...throttleMistakes(loaded.config.aws.throttles),
    ];
    if (mistake !== undefined) throw new UserError(mistake, 2);
    return loaded.config;
  }
  throw new UserError(
    `the options cannot be used:\n${renderMistakes(loaded.mistakes).replace(/^/gm, '  ')}`,
    2,
  );
}
