import { createHash } from 'node:crypto';
import { type AskStore, AWAY } from './ask-store.ts';
import type { ApiKey, FindApiKey } from './authentication.ts';

/** How long what was found of a key counts. */
export type KeyTimes = {
  /** ms without asking the store again: a withdrawn key works at most that long. */
  readonly freshMs: number;
  /** ms for which a key, or its absence, is believed while the store cannot be asked; 0 = never. */
  readonly staleMs: number;
};

export const defaultKeyTimes: KeyTimes = { freshMs: 5_000, staleMs: 600_000 };

type Verdict = { readonly apiKey: ApiKey | null; readonly atMs: number };

const MOST_REMEMBERED = 1_000;

/**
 * `find` that remembers what it found.
 *
 *   never asked, or longer ago than staleMs -- ask, and wait for the answer
 *   found within freshMs ------------------- believe it
 *   anything in between -------------------- ask; while the store is away believe what it said last
 *
 * So a new key works at once, and an outage locks nobody out who was let in before.
 */
export function rememberKeys(
  find: FindApiKey,
  {
    askStore,
    freshMs,
    staleMs,
    now = Date.now,
  }: KeyTimes & { readonly askStore: AskStore; readonly now?: () => number },
): FindApiKey {
  // Apart, so that guesses push out no key that is one. By digest: a heap dump shows none.
  const found = new Map<string, Verdict>();
  const missed = new Map<string, Verdict>();

  async function look(key: string, digest: string): Promise<ApiKey | null> {
    const apiKey = await find(key);
    found.delete(digest);
    missed.delete(digest);
    keep(apiKey ? found : missed, digest, { apiKey, atMs: now() });
    return apiKey;
  }

  return async (key) => {
    const digest = createHash('sha256').update(key).digest('base64');
    const known = found.get(digest) ?? missed.get(digest);
    const ageMs = known ? now() - known.atMs : Infinity;
    if (known?.apiKey && ageMs < freshMs) return known.apiKey;
    if (!known || ageMs >= staleMs) return await look(key, digest);
    const answer = await askStore(() => look(key, digest));
    return answer === AWAY ? known.apiKey : answer;
  };
}

function keep(verdicts: Map<string, Verdict>, digest: string, verdict: Verdict): void {
  verdicts.set(digest, verdict);
  const oldest = verdicts.keys().next().value;
  if (verdicts.size > MOST_REMEMBERED && oldest !== undefined) verdicts.delete(oldest);
}
