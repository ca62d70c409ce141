/** What a question that the store did not answer comes back with. */
export const AWAY = Symbol('the store is away');

/**
 * Asks the store something that a request can do without. Resolves to AWAY when the store is away or does not answer in
 * time, and at once while several answers are overdue: the question is not asked then, so that nothing piles up. What comes
 * later still comes to its end. Rejects with what no retry can help.
 */
export type AskStore = <T>(question: () => Promise<T>) => Promise<T | typeof AWAY>;

/** Look-ups by key take some ms; a new connection to a far database some hundred. */
const WITHIN_MS = 500;
const MOST_OVERDUE = 3;

/** One for all questions of an API: what one of them learns of the store spares the others the wait. */
export function createAskStore(isTransient: (error: unknown) => boolean, withinMs = WITHIN_MS): AskStore {
  let overdue = 0;
  return async <T>(question: () => Promise<T>) => {
    if (overdue >= MOST_OVERDUE) return AWAY;
    let isOverdue = false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<typeof AWAY>((resolve) => {
      timer = setTimeout(() => {
        isOverdue = true;
        overdue += 1;
        resolve(AWAY);
      }, withinMs);
    });
    const answer = question()
      .catch((error: unknown): typeof AWAY => {
        // Nobody waits for what is overdue; whoever asks next meets the error again.
        if (isOverdue || isTransient(error)) return AWAY;
        throw error;
      })
      .finally(() => {
        clearTimeout(timer);
        if (isOverdue) overdue -= 1;
      });
    return await Promise.race([answer, late]);
  };
}
