// The form of one option of the table in options.ts.

import { boolean, type Parser } from './values.ts';

export const optionGroups = [
  'General',
  'Ingress',
  'AWS',
  'Security groups',
  'Certificates and tags',
  'Safety',
  'Operations',
  'Drift',
  'Webhooks',
] as const;
export type OptionGroup = (typeof optionGroups)[number];

export type Option<T, Fallback extends T | undefined = T | undefined> = {
  /** Without the dashes. */
  readonly name: string;
  /** What --help prints for the value. */
  readonly argument: string;
  readonly parse: Parser<T>;
  readonly fallback: Fallback;
  /** Environment variables that are asked, in order, when the flag is absent. */
  readonly env: readonly string[];
  readonly group: OptionGroup;
  readonly doc: string;
  /** A flag without a text says something; otherwise it is as if it were not given. */
  readonly takesNothing?: boolean;
};

type Given<T, Fallback extends T | undefined> = Omit<Option<T, Fallback>, 'env' | 'argument'> & {
  readonly env?: readonly string[];
  readonly argument?: string;
};

export function option<T>(given: Given<T, T> & { readonly fallback: T }): Option<T, T>;
export function option<T>(given: Given<T, undefined>): Option<T, undefined>;
export function option<T>(given: Given<T, T | undefined>): Option<T> {
  return { env: [], argument: 'value', ...given };
}

/** An option that is on or off. */
export const flag = (
  name: string,
  fallback: boolean,
  group: OptionGroup,
  doc: string,
): Option<boolean, boolean> => option({ name, argument: 'true|false', parse: boolean, fallback, group, doc });
