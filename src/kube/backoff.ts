const shortestDelayMs = 100;
const longestDelayMs = 30_000;

/**
 * How long to wait after the n-th failure in a row (n from 1): 0.1 s doubling up to 30 s, of which between a half and
 * the whole by chance, so that the clients of a server that comes back do not all return in the same moment.
 *
 * @param random a number from 0 to 1
 */
export function backoffMs(failures: number, random: number): number {
  const full = Math.min(longestDelayMs, shortestDelayMs * 2 ** Math.max(0, failures - 1));
  return Math.max(shortestDelayMs, full * (0.5 + random / 2));
}
