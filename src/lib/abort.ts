/** Resolves once the signal is aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** The result of `work`, or a rejection with the signal's reason when that is aborted first. The work itself goes on. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const done = new AbortController();
  const stopped = aborted(AbortSignal.any([signal, done.signal])).then(() => {
    if (signal.aborted) throw signal.reason;
    return work;
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    done.abort();
  }
}
