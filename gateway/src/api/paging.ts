import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { badRequest, type FieldError } from './problem.ts';
import { Nullable, Reference } from './schemas.ts';

const DEFAULT_LIMIT = 50;
/** The years 1 to 9999: what both the ISO form and Postgres can write. */
const EARLIEST_MS = Date.parse('0001-01-01T00:00:00Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Query parameters of every list. */
export const paging = {
  cursor: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_-]+$',
      maxLength: 512,
      description: '`nextCursor` of the page before; opaque.',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 500, default: DEFAULT_LIMIT, description: 'Most items of the page.' }),
  ),
};

/** Query parameters of lists in time. */
export const period = {
  from: Type.Optional(Type.String({ format: 'date-time', description: 'Not before this time.' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Before this time.' })),
};

/** Parts of the places that cursors hold. */
export const Moment = Type.Integer({ minimum: EARLIEST_MS, maximum: LATEST_MS });
export const Int32 = Type.Integer({ minimum: -(2 ** 31), maximum: 2 ** 31 - 1 });

/** One page of a list of `item`. */
export const PageOf = <T extends TSchema>(item: T) =>
  Type.Object(
    {
      items: Type.Array(Reference(item)),
      nextCursor: Nullable(Type.String({ description: 'Where the next page begins; null at the end.' })),
    },
    { description: 'A page' },
  );

type Paged = { readonly cursor?: string; readonly limit?: number; readonly from?: string; readonly to?: string };

/** Where a page begins and how much of a list it takes. `limit` is one more than asked, to know whether there is more. */
export type Slice<Place> = {
  readonly place: Place | null;
  readonly limit: number;
  readonly from: Date | undefined;
  readonly to: Date | undefined;
};

/** Pages of one list. The place of an item is its unique sort key, so rows that come in between move nothing. */
export type Pages<Place> = {
  /** Reads the paging and time parameters; throws the problem that names each wrong one. */
  read(query: Paged): Slice<Place>;
  /** Makes a page of the rows a slice gave. */
  write<Row, Item>(
    slice: Slice<Place>,
    rows: readonly Row[],
    itemOf: (row: Row) => Item,
    placeOf: (row: Row) => Place,
  ): { items: Item[]; nextCursor: string | null };
};

/** Pages of the list `name`, whose items stand at a `place`. A cursor of another list is refused. */
export function pagesOf<T extends TSchema>(name: string, place: T): Pages<Static<T>> {
  const Cursor = Type.Tuple([Type.Literal(name), place]);

  function readCursor(text: string): { readonly place: Static<T> } | undefined {
    try {
      const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
      return Value.Check(Cursor, value) ? { place: value[1] } : undefined;
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  return {
    read({ cursor, limit = DEFAULT_LIMIT, from, to }) {
      const start = cursor === undefined ? { place: null } : readCursor(cursor);
      const after = from === undefined ? undefined : new Date(from);
      const before = to === undefined ? undefined : new Date(to);
      const errors: FieldError[] = [];
      if (!start) errors.push({ field: 'cursor', message: 'is not a cursor of this list' });
      if (after && before && after > before) errors.push({ field: 'from', message: 'must not be after to' });
      if (errors.length > 0 || !start) throw badRequest(errors);
      return { place: start.place, limit: limit + 1, from: after, to: before };
    },
    write(slice, rows, itemOf, placeOf) {
      const shown = rows.slice(0, slice.limit - 1);
      const last = shown.at(-1);
      const more = rows.length > shown.length && last !== undefined;
      const cursor = more ? Buffer.from(JSON.stringify([name, placeOf(last)])).toString('base64url') : null;
      return { items: shown.map(itemOf), nextCursor: cursor };
    },
  };
}

/** True for a time that the API reads: with its zone, a day that exists, in the years 1 to 9999. */
export function isReadableTime(text: string): boolean {
  const parts = /^(\d{4}-\d{2}-\d{2})[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:\d{2})$/.exec(text);
  const day = parts?.[1];
  if (day === undefined) return false;
  const at = Date.parse(text);
  if (!(at >= EARLIEST_MS && at <= LATEST_MS)) return false;
  // Date reads February 30 as March 2.
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}
