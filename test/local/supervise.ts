import { setTimeout as sleep } from 'node:timers/promises';

/** Something that should run until it is told otherwise. */
export type Supervised = {
  readonly id: string;
  /** Resolves when it is gone. */
  readonly ended: Promise<unknown>;
  restart(): Promise<void>;
};

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;
/** Having run for so long, it counts as healthy again. */
const HEALTHY_MS = 60_000;

/**
 * Starts again whatever ends, later each time it fails soon. The function returned ends the watch: when it has
 * resolved, nothing is being started any more.
 */
export function supervise(all: readonly Supervised[], report: (text: string) => void): () => Promise<void> {
  const over = new AbortController();
  const isOver = new Promise<void>((resolve) => over.signal.addEventListener('abort', () => resolve(), { once: true }));

  async function watch(one: Supervised): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      const startedAt = Date.now();
      await Promise.race([one.ended, isOver]);
      if (over.signal.aborted) return;
      if (Date.now() - startedAt > HEALTHY_MS) failures = 0;
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** failures, LONGEST_DELAY_MS);
      report(`${one.id} ended unexpectedly; starting it again in ${delayMs / 1000} s`);
      await Promise.race([sleep(delayMs, undefined, { ref: false }), isOver]);
      if (over.signal.aborted) return;
      await one.restart().then(
        () => report(`${one.id} runs again`),
        (error: unknown) =>
          report(`${one.id} did not start: ${error instanceof Error ? error.message : String(error)}`),
      );
    }
  }

  const watches = Promise.all(all.map(watch));
  return async () => {
    over.abort();
    await watches;
  };
}
