import { randomFillSync } from 'node:crypto';

const pool = Buffer.allocUnsafe(4_096);
let at = pool.length;

/**
 * A new trace id: 32 hex digits as in W3C Trace Context. Every digit is random, as samplers decide by them.
 */
export function newTraceId(): string {
  return randomHex(16);
}

/** A new span id: 16 hex digits. */
export function newSpanId(): string {
  return randomHex(8);
}

/** Random bytes are made many at a time, so that an id costs nanoseconds. */
function randomHex(bytes: number): string {
  if (at + bytes > pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  at += bytes;
  return pool.toString('hex', at - bytes, at);
}
