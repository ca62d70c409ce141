import { randomBytes } from 'node:crypto';

const PREFIX = randomBytes(8).toString('hex');
let count = randomBytes(4).readUInt32BE();

/**
 * A new trace id: 32 hex digits as in W3C Trace Context. Half of it names this process, half counts, so that one costs
 * nanoseconds and none comes twice.
 */
export function newTraceId(): string {
  count += 1;
  return PREFIX + count.toString(16).padStart(16, '0');
}
