/** Kinds of words that samples hold as codes. */
export type WordKind = 'measurand' | 'phase' | 'location' | 'context' | 'unit';

/** The vocabulary as reads need it. */
export type Words = {
  /** The word of a code; '' for none. */
  decode(kind: WordKind, code: number): string | Promise<string>;
  /** The code of a word, or undefined when no sample has ever used it. Never gives out a new one. */
  codeOf(kind: WordKind, word: string): number | undefined | Promise<number | undefined>;
};
