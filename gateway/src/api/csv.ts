/** A line of CSV. Everything is quoted, and text that a spreadsheet would run as a formula is made text. [RFC 4180] */
export function csvLine(values: readonly (string | number | null)[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const shown = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return `"${shown.replaceAll('"', '""')}"`;
}
