const TIMESTAMP =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60))?(?:[.,]\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?$/;
const ZONE = /(?:[Zz]|[+-]\d{2}:?\d{2})$/;

/** True for a timestamp a charger may send: with offset or without, with or without seconds and fractions. */
export function isTimestamp(text: string): boolean {
  return TIMESTAMP.test(text);
}

/** True when the timestamp says no zone; it is read as UTC and counted as a deviation. */
export function isZoneless(text: string): boolean {
  return !ZONE.test(text);
}

/** Reads what `isTimestamp` accepts. Without a zone it is UTC. Throws RangeError on anything else. */
export function readTimestamp(text: string): Date {
  if (!TIMESTAMP.test(text)) throw new RangeError(`not a timestamp: ${text}`);
  const normal = text.trim().replace(/[t ]/, 'T').replace(',', '.').replace(/:60(?=\D|$)/, ':59');
  const at = new Date(isZoneless(normal) ? `${normal}Z` : normal.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (Number.isNaN(at.getTime())) throw new RangeError(`not a timestamp: ${text}`);
  return at;
}
