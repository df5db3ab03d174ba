/** Time as a thing that is passed in, so that tests can turn it. All times are epoch milliseconds. */
export type Clock = {
  /** The present moment, in epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, options?: { readonly signal?: AbortSignal }): Promise<void>;
};

/** The machine's clock. A pending sleep keeps the process alive, as any timer does. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, options = {}) => {
    const { signal } = options;
    return new Promise<void>((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const abort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', abort, { once: true });
    });
  },
};

/** A moment in RFC 3339 as epoch milliseconds; undefined: it is none. */
export function epochMs(text: string | undefined): number | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
