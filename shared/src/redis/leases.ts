import type { GatewayState } from '../ports.ts';
import type { Client } from './client.ts';
import { defineScript } from './script.ts';

/** Gateways are few: all of this is in one slot, so that a script may touch it together. */
const KNOWN = 'voltgate:{gateways}:known';
/** Gateways that came back while they were reaped: what they claimed anew may be gone again. */
const AGAIN = 'voltgate:{gateways}:again';
const leaseKey = (gatewayId: string) => `voltgate:{gateways}:lease:${gatewayId}`;

/** KEYS: lease, known, again; ARGV: id, state, ttl. Returns 1 when the lease lived without a break. */
const RENEW = `
local lived = redis.call('EXISTS', KEYS[1])
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('SADD', KEYS[2], ARGV[1])
if redis.call('SREM', KEYS[3], ARGV[1]) == 1 then return 0 end
return lived`;

/** The same keys; ARGV: id. */
const FORGET = `
if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('SADD', KEYS[3], ARGV[1]) end
return redis.call('SREM', KEYS[2], ARGV[1])`;

/** Longest time a lease is believed without asking. */
const BELIEVED_MS = 1_000;

/** Signs of life of gateways. */
export type Leases = {
  /** `Registry.renew` */
  renew(state: GatewayState, ttlMs: number): Promise<boolean>;
  /** `Registry.resign` */
  resign(gatewayId: string): Promise<void>;
  /** `Registry.gateways` */
  gateways(): Promise<readonly GatewayState[]>;
  /** True while its lease lives; asked once a second at most. */
  isAlive(gatewayId: string): Promise<boolean>;
  /** Known gateways without a lease. */
  dead(): Promise<readonly string[]>;
  /** Ends knowing them; one that came back meanwhile is made to claim everything anew. */
  forget(gatewayIds: readonly string[]): Promise<void>;
};

/** Leases as keys that expire, and a set of the gateways that ever had one. */
export function createLeases(client: Client): Leases {
  const renew = defineScript(client, 'voltgateRenew', 3, RENEW);
  const forget = defineScript(client, 'voltgateForget', 3, FORGET);
  const aliveUntilMs = new Map<string, number>();

  async function known(): Promise<{ readonly gatewayId: string; readonly state: string | null }[]> {
    const gatewayIds = await client.smembers(KNOWN);
    if (gatewayIds.length === 0) return [];
    const states = await client.mget(gatewayIds.map(leaseKey));
    return gatewayIds.map((gatewayId, index) => ({ gatewayId, state: states[index] ?? null }));
  }

  return {
    renew: async (state, ttlMs) =>
      (await renew(leaseKey(state.gatewayId), KNOWN, AGAIN, state.gatewayId, JSON.stringify(state), ttlMs)) === 1,
    async resign(gatewayId) {
      aliveUntilMs.delete(gatewayId);
      await client.del(leaseKey(gatewayId));
    },
    gateways: async () =>
      (await known()).flatMap(({ state }) => (state === null ? [] : [JSON.parse(state) as GatewayState])),
    async isAlive(gatewayId) {
      const now = Date.now();
      if ((aliveUntilMs.get(gatewayId) ?? 0) > now) return true;
      const livesForMs = await client.pttl(leaseKey(gatewayId));
      if (livesForMs > 0) aliveUntilMs.set(gatewayId, now + Math.min(livesForMs, BELIEVED_MS));
      else aliveUntilMs.delete(gatewayId);
      return livesForMs > 0;
    },
    dead: async () => (await known()).filter(({ state }) => state === null).map(({ gatewayId }) => gatewayId),
    async forget(gatewayIds) {
      for (const gatewayId of gatewayIds) await forget(leaseKey(gatewayId), KNOWN, AGAIN, gatewayId);
    },
  };
}
