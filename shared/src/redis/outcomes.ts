import type { Outcomes } from '../ports.ts';
import type { Client } from './client.ts';
import { defineScript } from './script.ts';

/** ARGV: fingerprint, ttl. Returns nothing to the first, else the fingerprint kept and the outcome, if there is one. */
const BEGIN = `
if redis.call('HSETNX', KEYS[1], 'fingerprint', ARGV[1]) == 1 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return false
end
return redis.call('HMGET', KEYS[1], 'fingerprint', 'outcome')`;

/** ARGV: outcome, ttl. What was begun too long ago is gone, and a later request may have begun anew. */
const SETTLE = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('HSETNX', KEYS[1], 'outcome', ARGV[1]) == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1`;

/** Outcomes over Redis, on one client that gives quick verdicts (see client.ts); closes it. */
export function createRedisOutcomes(client: Client): Outcomes {
  const begin = defineScript(client, 'voltgateBegin', 1, BEGIN);
  const settle = defineScript(client, 'voltgateSettle', 1, SETTLE);
  const keyOf = (key: string) => `voltgate:outcome:${key}`;

  return {
    async begin(key, fingerprint, ttlMs) {
      const kept = (await begin(keyOf(key), fingerprint, ttlMs)) as [string, string | null] | null;
      if (!kept) return { state: 'begun' };
      const [first, outcome] = kept;
      if (first !== fingerprint) return { state: 'other-request' };
      return outcome === null ? { state: 'under-way' } : { state: 'settled', outcome };
    },
    async settle(key, outcome, ttlMs) {
      await settle(keyOf(key), outcome, ttlMs);
    },
    async close() {
      client.disconnect();
    },
  };
}
