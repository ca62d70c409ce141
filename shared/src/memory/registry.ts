import type { GatewayState, Owner, Registry } from '../ports.ts';

type Lease = { readonly state: GatewayState; readonly endsAtMs: number };

/** A Registry inside one process; `now` in ms. */
export function createMemoryRegistry({ now = Date.now } = {}): Registry {
  const owners = new Map<string, Owner>();
  const leases = new Map<string, Lease>();
  const known = new Set<string>();
  const isAlive = (gatewayId: string) => (leases.get(gatewayId)?.endsAtMs ?? 0) > now();

  return {
    async claim(chargePointId, gatewayId, connectionId) {
      const previous = owners.get(chargePointId) ?? null;
      const epoch = Math.max((previous?.epoch ?? 0) + 1, now());
      owners.set(chargePointId, { gatewayId, connectionId, epoch });
      return { epoch, previous };
    },
    async reclaim(owned) {
      const lost: string[] = [];
      for (const { chargePointId, owner } of owned) {
        const kept = owners.get(chargePointId);
        if (kept && kept.connectionId !== owner.connectionId && kept.epoch >= owner.epoch) lost.push(chargePointId);
        else if (!kept || kept.epoch < owner.epoch) owners.set(chargePointId, owner);
      }
      return lost;
    },
    async release(chargePointId, connectionId) {
      return owners.get(chargePointId)?.connectionId === connectionId && owners.delete(chargePointId);
    },
    async owner(chargePointId) {
      const kept = owners.get(chargePointId);
      return kept && isAlive(kept.gatewayId) ? kept : null;
    },
    async renew(state, ttlMs) {
      const lived = isAlive(state.gatewayId);
      known.add(state.gatewayId);
      leases.set(state.gatewayId, { state, endsAtMs: now() + ttlMs });
      return lived;
    },
    async resign(gatewayId) {
      leases.delete(gatewayId);
    },
    gateways: async () =>
      [...leases.values()].filter(({ state }) => isAlive(state.gatewayId)).map(({ state }) => state),
    async reap() {
      const dead = new Set([...known].filter((gatewayId) => !isAlive(gatewayId)));
      const released = [...owners]
        .filter(([, { gatewayId }]) => dead.has(gatewayId))
        .map(([chargePointId, owner]) => ({ chargePointId, owner }));
      for (const { chargePointId } of released) owners.delete(chargePointId);
      for (const gatewayId of dead) {
        known.delete(gatewayId);
        leases.delete(gatewayId);
      }
      return released;
    },
    async close() {
      owners.clear();
      leases.clear();
    },
  };
}
