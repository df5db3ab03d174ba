/** Everything that is left to chance in one run, from one seed. */
export type Random = {
  /** 0 ≤ x < 1. */
  readonly next: () => number;
  /** 0 ≤ x < `below`, whole. */
  readonly below: (below: number) => number;
  readonly pick: <T>(items: readonly [T, ...T[]]) => T;
  readonly chance: (probability: number) => boolean;
};

/** mulberry32: small, quick, and good enough to choose schedules. */
export function randomFrom(seed: number): Random {
  let state = (seed * 0x9e3779b1 + 0x85ebca6b) | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: (items) => items[below(items.length)] ?? items[0],
    chance: (probability) => next() < probability,
  };
}
