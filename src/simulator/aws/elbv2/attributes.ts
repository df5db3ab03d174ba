import { validationError } from '../errors.ts';

/** What an attribute may hold: a default, and a pattern or range. */
export type AttributeRule = { readonly initial: string; readonly allowed: (value: string) => boolean };

export const oneOf = (initial: string, ...others: readonly string[]): AttributeRule => ({
  initial,
  allowed: (value) => value === initial || others.includes(value),
});

export const flag = (initial: boolean): AttributeRule => oneOf(String(initial), String(!initial));

export const text = (initial = '', pattern = /^[^]{0,1024}$/): AttributeRule => ({
  initial,
  allowed: (value) => pattern.test(value),
});

/** A whole number in a range; `others` are further words that are allowed. */
export const whole = (
  initial: string,
  min: number,
  max: number,
  ...others: readonly string[]
): AttributeRule => ({
  initial,
  allowed: (value) =>
    others.includes(value) || (/^\d+$/.test(value) && Number(value) >= min && Number(value) <= max),
});

type SdkAttribute = { readonly Key?: string | undefined; readonly Value?: string | undefined };

export const initialAttributes = (rules: Readonly<Record<string, AttributeRule>>): Map<string, string> =>
  new Map(Object.entries(rules).map(([key, rule]) => [key, rule.initial]));

export const renderAttributes = (attributes: ReadonlyMap<string, string>): { Key: string; Value: string }[] =>
  [...attributes].map(([Key, Value]) => ({ Key, Value }));

/** Checks all attributes, then sets all: when one cannot be set none is. At most 20 in a call. */
export function setAttributes(
  attributes: Map<string, string>,
  changes: readonly SdkAttribute[],
  rules: Readonly<Record<string, AttributeRule>>,
): void {
  if (changes.length > 20)
    throw validationError(`At most 20 attributes can be set in one call; got ${changes.length}`);
  for (const { Key: key = '', Value: value = '' } of changes) {
    const rule = rules[key];
    if (rule === undefined) throw validationError(`Attribute key '${key}' is not recognized`);
    if (!rule.allowed(value)) throw validationError(`'${value}' is not a valid value for attribute '${key}'`);
  }
  for (const { Key = '', Value = '' } of changes) attributes.set(Key, Value);
}
