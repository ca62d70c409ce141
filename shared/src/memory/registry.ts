import { type GatewayState, type Owner, type Registry, TAKEOVER_WINDOW_MS, type Takeovers } from '../ports.ts';

type Lease = { readonly state: GatewayState; readonly endsAtMs: number };

/** A Registry inside one process; `now` in ms. Every epoch is greater than `epochsAfter`, whatever the clock says. */
export function createMemoryRegistry({ now = Date.now, epochsAfter = 0 } = {}): Registry {
  const owners = new Map<string, Owner>();
  const takenOver = new Map<string, Takeovers>();
  const leases = new Map<string, Lease>();
  const known = new Set<string>();
  let newest = epochsAfter;
  const isAlive = (gatewayId: string) => (leases.get(gatewayId)?.endsAtMs ?? 0) > now();

  function countTakeover(chargePointId: string, windowMs: number): Takeovers {
    const kept = takenOver.get(chargePointId);
    const counts = kept !== undefined && now() - kept.sinceMs < windowMs;
    const takeovers = counts ? { ...kept, count: kept.count + 1 } : { count: 1, sinceMs: now() };
    takenOver.set(chargePointId, takeovers);
    return takeovers;
  }

  function forget(chargePointId: string): boolean {
    takenOver.delete(chargePointId);
    return owners.delete(chargePointId);
  }

  return {
    async claim(chargePointId, gatewayId, connectionId, windowMs = TAKEOVER_WINDOW_MS) {
      const previous = owners.get(chargePointId) ?? null;
      const epoch = Math.max(newest + 1, now());
      newest = epoch;
      const isTaken = previous !== null && previous.connectionId !== connectionId;
      const takeovers = isTaken ? countTakeover(chargePointId, windowMs) : null;
      owners.set(chargePointId, { gatewayId, connectionId, epoch });
      return { epoch, previous, takeovers };
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
      return owners.get(chargePointId)?.connectionId === connectionId && forget(chargePointId);
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
      for (const { chargePointId } of released) forget(chargePointId);
      for (const gatewayId of dead) {
        known.delete(gatewayId);
        leases.delete(gatewayId);
      }
      return released;
    },
    async close() {
      owners.clear();
      takenOver.clear();
      leases.clear();
    },
  };
}
