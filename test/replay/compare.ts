import type { Json, JsonObject } from './json.ts';

/** One place where what came out is not what was recorded. `undefined` stands for "not there". */
export type Difference = {
  readonly path: string;
  readonly expected: Json | undefined;
  readonly actual: Json | undefined;
};

/** Lists whose order means nothing (test/recordings/README.md, end of "expected.json"). */
const unordered = new Set([
  'subnets',
  // In order of subnet ids, which are other ones here.
  'subnetMapping',
  'securityGroups',
  'certificates',
  'targets',
  'ingress',
  'egress',
  'conditions',
  'Values',
  'RegexValues',
  'targetGroups',
  'finalizers',
  'ports',
  'events',
  'refused',
]);

/** Every difference between a recording and what came out, by path. */
export function differences(
  expected: Json | undefined,
  actual: Json | undefined,
  path = '',
): readonly Difference[] {
  if (isList(expected) && isList(actual)) return listDifferences(expected, actual, path);
  if (isObject(expected) && isObject(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].toSorted();
    return keys.flatMap((key) =>
      differences(expected[key], actual[key], path === '' ? key : `${path}.${key}`),
    );
  }
  return expected === actual ? [] : [{ path, expected, actual }];
}

function listDifferences(
  expected: readonly Json[],
  actual: readonly Json[],
  path: string,
): readonly Difference[] {
  const name =
    path
      .split(/[. ]/)
      .at(-1)
      ?.replace(/\[\d+\]$/, '') ?? '';
  const [left, right] = unordered.has(name) ? [sorted(expected), sorted(actual)] : [expected, actual];
  if (left.length !== right.length) return [{ path, expected: left, actual: right }];
  return left.flatMap((item, i) => differences(item, right[i], `${path}[${i}]`));
}

function sorted(items: readonly Json[]): readonly Json[] {
  return items.toSorted((a, b) => (stable(a) < stable(b) ? -1 : 1));
}

/** Text that is equal for values that are equal, unordered lists inside included. */
function stable(value: Json, name = ''): string {
  if (isList(value)) {
    const texts = value.map((item) => stable(item));
    return `[${(unordered.has(name) ? texts.toSorted() : texts).join()}]`;
  }
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).toSorted();
  return `{${keys.map((key) => `${key}:${stable(value[key] as Json, key)}`).join()}}`;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
