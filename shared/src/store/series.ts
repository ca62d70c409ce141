import type { Sample } from '../ocpp16/types.ts';
import { numbers } from './arrays.ts';
import type { Vocabulary, Word } from './vocabulary.ts';

/** The series that the samples of one statement belong to: what is measured, where, when in a transaction, in which unit. */
export type Series = {
  /** The number of a sample's series, from 1. */
  numberOf(sample: Sample): number;
  /** Array literal of the codes of one kind of word, by the numbers given so far. Throws when a word was not learnt. */
  codes(kind: Word['kind']): string;
};

/**
 * Numbers series as they come. A fleet's samples are of a few series, so a statement tells each of them once and for a
 * sample only its number: the words of a sample are looked up once, not in five lists.
 */
export function createSeries(vocabulary: Vocabulary): Series {
  const numberByWords = new Map<string, number>();
  const first: Sample[] = [];

  return {
    numberOf(sample) {
      const words = wordsOf(sample);
      const known = numberByWords.get(words);
      if (known !== undefined) return known;
      numberByWords.set(words, first.push(sample));
      return first.length;
    },
    codes: (kind) => numbers(first.map((sample) => codeOf(vocabulary, kind, sample))),
  };
}

/** The code of one word of a sample. Throws when it was not learnt. */
export function codeOf(vocabulary: Vocabulary, kind: Word['kind'], sample: Sample): number {
  const code = vocabulary.code(kind, sample[kind]);
  if (code === undefined) throw new Error(`the ${kind} of a sample was not learnt before its transaction`);
  return code;
}

// With lengths: a charger's own words may hold whatever would stand between them.
function wordsOf({ measurand, phase, location, context, unit }: Sample): string {
  return `${measurand.length} ${phase.length} ${location.length} ${context.length} ${measurand}${phase}${location}${context}${unit}`;
}
