import type { Difference } from './compare.ts';

/** A difference in one line, long values cut. */
export function differenceLine({ path, expected, actual }: Difference): string {
  return `${path}: recorded ${shown(expected)}, is ${shown(actual)}`;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 160);
}
