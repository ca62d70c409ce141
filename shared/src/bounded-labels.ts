import type { Counter } from 'prom-client';

/** A counter whose labels come from outside. */
export type BoundedCounter<Label extends string> = { inc(labels: Readonly<Record<Label, string>>): void };

const OTHER = 'other';
const MOST_CHARACTERS = 50;

/**
 * Counts under the first `most` different combinations of the labels named; what comes later, or is too long, is counted
 * as `other`: chargers say what they like, and each combination is a time series for ever.
 */
export function boundLabels<Label extends string>(
  counter: Counter<Label>,
  bounded: readonly NoInfer<Label>[],
  most: number,
): BoundedCounter<Label> {
  const known = new Set<string>();

  function isKnown(labels: Readonly<Record<Label, string>>): boolean {
    if (bounded.some((label) => labels[label].length > MOST_CHARACTERS)) return false;
    const key = JSON.stringify(bounded.map((label) => labels[label]));
    if (known.has(key)) return true;
    if (known.size >= most) return false;
    known.add(key);
    return true;
  }

  return {
    inc(labels) {
      const others = isKnown(labels) ? {} : Object.fromEntries(bounded.map((label) => [label, OTHER]));
      counter.inc({ ...labels, ...others });
    },
  };
}
