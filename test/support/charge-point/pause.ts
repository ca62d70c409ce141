const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits `ms`, or shorter when the signal aborts. Resolves to true when the time has passed. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(false);
      return;
    }
    const end = (elapsed: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      resolve(elapsed);
    };
    const abort = () => end(false);
    const timer = setTimeout(() => end(true), Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    signal.addEventListener('abort', abort, { once: true });
  });
}
