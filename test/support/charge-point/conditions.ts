/** Something that was waited for did not happen in time. */
export class WaitedTooLong extends Error {
  override readonly name = 'WaitedTooLong';
}

/** Waiting for a state of the charger instead of for a time. */
export type Conditions = {
  /**
   * Resolves as soon as `check` holds; rejects with WaitedTooLong, naming `what`, after `timeoutMs`, and with its reason when
   * the signal aborts.
   */
  until(check: () => boolean, what: () => string, timeoutMs: number, signal?: AbortSignal): Promise<void>;
  /** Says that something changed: all waiting checks are looked at again. */
  changed(): void;
};

/** Creates the conditions of one charger. Costs nothing while nobody waits. */
export function createConditions(): Conditions {
  const waiting = new Set<() => void>();

  function until(check: () => boolean, what: () => string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (check()) {
        resolve();
        return;
      }
      const look = () => {
        if (!check()) return;
        end();
        resolve();
      };
      const end = () => {
        clearTimeout(timer);
        waiting.delete(look);
        signal?.removeEventListener('abort', abort);
      };
      const abort = () => {
        end();
        reject(signal?.reason);
      };
      const giveUp = () => {
        end();
        reject(new WaitedTooLong(`waited ${timeoutMs} ms for ${what()}`));
      };
      const timer = Number.isFinite(timeoutMs) ? setTimeout(giveUp, timeoutMs) : undefined;
      waiting.add(look);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  function changed(): void {
    for (const look of [...waiting]) look();
  }

  return { until, changed };
}
