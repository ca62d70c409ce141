import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Problem } from './problem.ts';

/** A value or null. One schema with two types, and not a union: shorter to read and faster to write. */
export const Nullable = <T extends TSchema>(schema: T) =>
  Type.Unsafe<Static<T> | null>({ ...schema, type: [schema.type, 'null'] });

/** One of the given words. */
export const Word = <const T extends readonly string[]>(words: T, description: string) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: words, description });

/** A moment, as 2026-01-31T12:00:00.000Z. */
export const Time = (description: string) => Type.String({ format: 'date-time', description });

/** Energy in Wh; meters send fractions. */
export const Wh = (description: string) => Type.Number({ description: `Wh. ${description}` });

/** 32 hex digits that find a message in the logs. */
export const TraceId = Nullable(Type.String({ description: 'Finds the message this came from in logs and rows.' }));

/** Name of the format of text without half a character, which a URL cannot hold: few regular expressions can say it. */
export const WELL_FORMED = 'well-formed';

/** Text that Postgres can compare and a URL can hold: no control characters. */
export const Text = (maxLength: number, description: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: '^[^\\u0000-\\u001f\\u007f]*$',
    format: WELL_FORMED,
    description,
  });

/** The identity of a charge point, as in its URL. */
export const ChargePointId = Text(48, 'Identity of the charge point, compared exactly.');

/** The path of one charge point. */
export const ChargePointPath = Type.Object({ id: ChargePointId });

/** A reference to a schema with an `$id`, so that the document names it once. */
export const Reference = <T extends TSchema>(schema: T) => Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` });

const meanings = {
  400: 'A parameter is wrong; `errors` names every wrong field.',
  401: 'The API key is missing or unknown.',
  403: 'The role of the API key does not allow it.',
  404: 'Unknown.',
  409: 'What stands here now does not allow it.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'The idempotency key belongs to another request.',
  429: 'Too much at a time; try again after `Retry-After` seconds.',
  500: 'Something unexpected; look for `traceId` in the logs.',
  502: 'The charge point answered with a CALLERROR.',
  503: 'The store is away; try again after `Retry-After` seconds.',
  504: 'No answer in time: it may still happen.',
} as const;

/** Headers of an answer, for the document. */
const RetryAfter = { 'Retry-After': Type.Integer({ description: 'Seconds.' }) };

/** The problems of a request with a body. */
export const bodyProblems = [413, 415] as const;

/** The problem documents a route may answer with, for its `response`; 500 and 503 always belong. */
export function problems(...statuses: Exclude<keyof typeof meanings, 500 | 503>[]): object {
  return Object.fromEntries(
    [...statuses, 500 as const, 503 as const].map((status) => [
      status,
      {
        description: meanings[status],
        content: { 'application/problem+json': { schema: Reference(Problem) } },
        ...((status === 429 || status === 503) && { headers: RetryAfter }),
      },
    ]),
  );
}

/** A time as the API writes it. */
export function iso(at: Date): string;
export function iso(at: Date | null): string | null;
export function iso(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}

/** A trace id as the logs write it: the column is a uuid, its dashes say nothing. */
export function traceIdOf(uuid: string | null): string | null {
  return uuid?.replaceAll('-', '') ?? null;
}
