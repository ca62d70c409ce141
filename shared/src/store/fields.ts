/** Reading payloads nobody vouches for: what is not as it should be is undefined. */
import { cleanText, int32 } from './border.ts';

/** A field of an object, undefined of anything else. */
export function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[field] : undefined;
}

/** Text as the store keeps it. */
export function textField(value: unknown, field: string): string | undefined {
  const found = fieldOf(value, field);
  return typeof found === 'string' ? cleanText(found) : undefined;
}

/** A number within int32. */
export function int32Field(value: unknown, field: string): number | undefined {
  const found = fieldOf(value, field);
  return typeof found === 'number' || typeof found === 'bigint' ? int32(Number(found)) : undefined;
}

/** The entries of a list. */
export function listField(value: unknown, field: string): readonly unknown[] {
  const found = fieldOf(value, field);
  return Array.isArray(found) ? found : [];
}
