const TIMESTAMP =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ](?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:[.,]\d+)?)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?$/;
const ZONE = /(?:[Zz]|[+-]\d{2}:?\d{2})$/;

// Postgres writes years of four digits from 1 on; an offset can carry a timestamp over either end.
const EARLIEST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** True for a timestamp a charger may send: with offset or without, with or without seconds and fractions. */
export function isTimestamp(text: string): boolean {
  const found = TIMESTAMP.exec(text);
  return found !== null && Number(found[3]) <= daysOf(Number(found[1]), Number(found[2]));
}

/** True when the timestamp says no zone; it is read as UTC and counted as a deviation. */
export function isZoneless(text: string): boolean {
  return !ZONE.test(text);
}

/**
 * Reads what `isTimestamp` accepts, cut to milliseconds. Without a zone it is UTC; a leap second is the second before;
 * what an offset carries out of the years 1 to 9999 is their first or last moment. Throws RangeError on anything else.
 */
export function readTimestamp(text: string): Date {
  if (!isTimestamp(text)) throw new RangeError(`not a timestamp: ${text}`);
  const normal = text
    .replace(/[t ]/, 'T')
    .replace(',', '.')
    .replace(/:60(?=\D|$)/, ':59');
  const atMs = Date.parse(isZoneless(normal) ? `${normal}Z` : normal.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return new Date(Math.min(Math.max(atMs, EARLIEST_MS), LATEST_MS));
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
