/**
 * Array literals for UNNEST, for statements such as `unnest(${texts(a)}::text[], ${numbers(b)}::int4[])`. Written here and
 * not by the driver, which quotes and escapes every number too.
 */

/** Of numbers, codes, ids and other values that need no quotes. */
export function numbers(values: readonly (number | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** Of times. */
export function times(values: readonly (Date | null)[]): string {
  return `{${values.map((value) => value?.toISOString() ?? 'NULL').join(',')}}`;
}

/** Of text, which must be clean already. */
export function texts(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : quoted(value))).join(',')}}`;
}

function quoted(text: string): string {
  return `"${text.includes('"') || text.includes('\\') ? text.replace(/["\\]/g, '\\$&') : text}"`;
}
