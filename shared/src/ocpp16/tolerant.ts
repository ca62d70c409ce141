/**
 * What a tolerant charge point may do that the specification forbids. It is accepted, kept as sent and counted by these
 * words; everything else is refused as it is for the others.
 */
import { isTimestamp, isZoneless } from './timestamp.ts';
import type { Violation } from './validate.ts';

/** Kinds of deviations: few, since they label a metric. */
export type Deviation = 'over-long' | 'unknown-word' | 'extra-field' | 'zoneless-timestamp';

/** Where words nobody defined do no harm: they are kept, not acted on. */
const WORDS = /^\/reason$|\/sampledValue\/\d+\/(?:measurand|unit|context|location|phase)$/;

/** True when a tolerant charge point may send what violates only this. */
export function tolerable(violations: readonly Violation[], payload?: unknown): boolean {
  return deviationKinds(violations, payload) !== undefined;
}

/**
 * The kinds of deviations, each once; undefined when one of the violations is not tolerable. Zone-less timestamps are no
 * violation: they are looked for in the payload, when it is given.
 */
export function deviationKinds(
  violations: readonly Violation[] = [],
  payload?: unknown,
): readonly Deviation[] | undefined {
  const kinds = new Set<Deviation>();
  for (const violation of violations) {
    const kind = kindOf(violation);
    if (kind === undefined) return undefined;
    kinds.add(kind);
  }
  if (hasZonelessTimestamp(payload)) kinds.add('zoneless-timestamp');
  return [...kinds];
}

/** The first violation not even a tolerant charge point may commit: the one to name in its CALLERROR. */
export function firstIntolerable(violations: readonly Violation[]): Violation | undefined {
  return violations.find((violation) => kindOf(violation) === undefined);
}

function kindOf({ path, fault }: Violation): Deviation | undefined {
  if (fault === 'too-long') return 'over-long';
  if (fault === 'extra') return 'extra-field';
  return fault === 'value' && WORDS.test(path) ? 'unknown-word' : undefined;
}

function hasZonelessTimestamp(payload: unknown): boolean {
  if (typeof payload !== 'object' || payload === null) return false;
  return Object.entries(payload).some(([key, value]) => {
    if (key === 'timestamp') return typeof value === 'string' && isTimestamp(value) && isZoneless(value);
    return (
      (key === 'meterValue' || key === 'transactionData') && Array.isArray(value) && value.some(hasZonelessTimestamp)
    );
  });
}
