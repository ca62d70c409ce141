/** What Postgres refuses although a charger may send it is brought into range here, before any statement. */
import { createHash } from 'node:crypto';
import { parseJson, writeJson } from '../ocpp16/json.ts';
import { readMessage } from '../ocpp16/message.ts';

const LARGEST_INT32 = 2_147_483_647;
const EARLIEST = new Date('0001-01-01T00:00:00.000Z');
const LATEST = new Date('9999-12-31T23:59:59.999Z');
const TRACE_ID = /^[0-9a-f]{32}$/i;

/** The text without NUL and half surrogates, which no text column holds: each becomes U+FFFD. */
export function cleanText(text: string): string {
  return (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text).toWellFormed();
}

/** `cleanText`, null stays null. */
export function cleanTextOrNull(text: string | null): string | null {
  return text === null ? null : cleanText(text);
}

/** The value as JSON text that jsonb holds. */
export function cleanJson(value: unknown): string {
  const text = writeJson(value) ?? 'null';
  // NUL and half surrogates are always escaped in JSON text, so other text cannot hold them.
  return /\\u(?:0000|d[89a-f])/i.test(text) ? writeJson(cleanValue(parseJson(text))) : text;
}

/** What idTags are compared by. [OCPP 1.6, 7.28] */
export function idTagKey(idTag: string): string {
  return cleanText(idTag).toLowerCase();
}

/** The number within int32, the nearest one else. */
export function int32(value: number): number {
  return Math.max(-LARGEST_INT32, Math.min(LARGEST_INT32, Math.trunc(value)));
}

/** The time within what timestamptz reads as ISO text: the years 1 to 9999. */
export function moment(at: Date): Date {
  if (at < EARLIEST) return EARLIEST;
  return at > LATEST ? LATEST : at;
}

/** The trace id, or null when it is none. */
export function traceUuid(traceId: string): string | null {
  return TRACE_ID.test(traceId) ? traceId : null;
}

/** A transaction id that one of ours could be, or null. */
export function ownTransactionId(sent: number | bigint | undefined): number | null {
  return typeof sent === 'number' && Number.isInteger(sent) && sent > 0 && sent <= LARGEST_INT32 ? sent : null;
}

/** SHA-256 in hex. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The payload of a frame as JSON text: a retry carries a new message id, its payload is the same. */
export function payloadText(frame: string): string {
  const message = readMessage(frame);
  return cleanText(message.type === 'call' ? writeJson(message.payload) : frame);
}

function cleanValue(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [cleanText(key), cleanValue(entry)]));
}
