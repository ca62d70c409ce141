import { texts } from './arrays.ts';
import { cleanText } from './border.ts';
import type { Pool, Sql } from './client.ts';
import type { WordKind } from './read-vocabulary.ts';
import { specifiedWords } from './words.ts';

/** One word with its kind. */
export type Word = { readonly kind: WordKind; readonly word: string };

/** Words of samples to small codes and back. */
export type Vocabulary = {
  /** The code of a word, undefined while it is not learnt. */
  code(kind: WordKind, word: string): number | undefined;
  /** Gives codes to words that have none. Call it before a transaction: a code must outlive a rollback. */
  learn(words: readonly Word[]): Promise<void>;
  /** The word of a code, undefined while it is not read. */
  word(kind: WordKind, code: number): string | undefined;
  /** Reads what other processes have learnt, on the connection given. */
  refresh(sql: Sql): Promise<void>;
  /** The word of a code; one that nobody knows is written as its number. */
  decode(kind: WordKind, code: number): string | Promise<string>;
  /** The code of a word, or undefined when no sample has ever used it. Never gives out a new one. */
  codeOf(kind: WordKind, word: string): number | undefined | Promise<number | undefined>;
};

/** First code outside the specification. */
const FIRST_LEARNT = 1000;
/** Last code given out; smallint ends at 32767. */
const LAST_LEARNT = 32_000;
/** What every further word shares: a charger that sends random words must not stop the others. */
const UNLISTED = { code: 999, word: 'unlisted' };
const MAX_WORD_LENGTH = 200;

const kinds = Object.keys(specifiedWords) as WordKind[];

/** A vocabulary over the table of learnt words, kept in memory as it is read. */
export function createVocabulary(sql: Pool): Vocabulary {
  const codes = new Map(kinds.map((kind) => [kind, new Map<string, number>()]));
  const wordsOf = new Map(kinds.map((kind) => [kind, new Map<number, string>([[UNLISTED.code, UNLISTED.word]])]));
  /** Kinds with no codes left. */
  const full = new Set<WordKind>();
  for (const kind of kinds) for (const [code, word] of specifiedWords[kind].entries()) remember(kind, word, code);

  function remember(kind: string, word: string, code: number): void {
    codes.get(kind as WordKind)?.set(word, code);
    wordsOf.get(kind as WordKind)?.set(code, word);
  }

  async function refresh(on: Sql): Promise<void> {
    for (const row of await on`select kind, word, code from vocabulary`) remember(row.kind, row.word, row.code);
  }

  const known = (kind: WordKind, word: string) =>
    codes.get(kind)?.get(keptWord(word)) ?? (full.has(kind) ? UNLISTED.code : undefined);

  const wordOf = (kind: WordKind, code: number) => wordsOf.get(kind)?.get(code);

  return {
    code: known,
    word: wordOf,
    refresh,
    async learn(words) {
      const unknown = words.filter(({ kind, word }) => known(kind, word) === undefined);
      if (unknown.length === 0) return;
      await insertWords(sql, unknown);
      await refresh(sql);
      for (const { kind, word } of unknown) if (known(kind, word) === undefined) full.add(kind);
    },
    decode(kind, code) {
      return wordOf(kind, code) ?? refresh(sql).then(() => wordOf(kind, code) ?? String(code));
    },
    codeOf(kind, word) {
      return known(kind, word) ?? refresh(sql).then(() => known(kind, word));
    },
  };
}

function keptWord(word: string): string {
  return cleanText(word).slice(0, MAX_WORD_LENGTH);
}

async function insertWords(sql: Pool, words: readonly Word[]): Promise<void> {
  await sql.begin(async (tx) => {
    // One at a time: two would give out the same codes.
    await tx`select pg_advisory_xact_lock(3, 0)`;
    await tx`
      insert into vocabulary (kind, word, code)
      select kind, word, code
      from (
        select n.kind, n.word, row_number() over (partition by n.kind order by n.word) + greatest(
          ${FIRST_LEARNT - 1}::int, (select max(code) from vocabulary v where v.kind = n.kind)) as code
        from (
          select distinct kind, word
          from unnest(${texts(words.map((w) => w.kind))}::text[], ${texts(words.map((w) => keptWord(w.word)))}::text[])
            as sent (kind, word)
        ) n
        where not exists (select from vocabulary v where v.kind = n.kind and v.word = n.word)
      ) numbered
      where code <= ${LAST_LEARNT}::int`;
  });
}
