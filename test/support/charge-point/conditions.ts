/** Something that was waited for did not happen in time. */
export class WaitedTooLong extends Error {
  override readonly name = 'WaitedTooLong';
}

/** Waiting for a state of the charger instead of for a time. */
export type Conditions = {
  /** Resolves as soon as `check` holds; rejects with WaitedTooLong, naming `what`, after `timeoutMs`. */
  until(check: () => boolean, what: () => string, timeoutMs: number): Promise<void>;
  /** Says that something changed: all waiting checks are looked at again. */
  changed(): void;
};

/** Creates the conditions of one charger. Costs nothing while nobody waits. */
export function createConditions(): Conditions {
  const waiting = new Set<() => void>();

  function until(check: () => boolean, what: () => string, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
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
      };
      const giveUp = () => {
        end();
        reject(new WaitedTooLong(`waited ${timeoutMs} ms for ${what()}`));
      };
      const timer = Number.isFinite(timeoutMs) ? setTimeout(giveUp, timeoutMs) : undefined;
      waiting.add(look);
    });
  }

  function changed(): void {
    for (const look of [...waiting]) look();
  }

  return { until, changed };
}
