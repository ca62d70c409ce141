import type { Log } from '@voltgate/shared/log.ts';
import type { Registry } from '@voltgate/shared/ports.ts';
import type { Connection } from './connection.ts';
import { surplusOf } from './rebalance.ts';

export type ShedOptions = {
  readonly registry: Pick<Registry, 'gateways'>;
  readonly gatewayId: string;
  readonly all: () => readonly Pick<Connection, 'isIdle' | 'close'>[];
  readonly closeCode: number;
  readonly rebalance: 'off' | 'on';
  readonly rebalanceAbove: number;
  readonly rebalanceRate: number;
  /** How often it is called. */
  readonly intervalMs: number;
  readonly log: Log;
};

/** As long as a charger that was sent away may take to come back. */
const AWAY_MS = 60_000;

/**
 * A round of rebalancing: with too many chargers here, some idle ones are disconnected, to be spread anew by the load
 * balancer. Rejects when the registry is away.
 */
export function createShed(options: ShedOptions): () => Promise<void> {
  const { registry, gatewayId, closeCode, log } = options;
  const perRound = Math.max(1, Math.round((options.rebalanceRate * options.intervalMs) / 1_000));

  let most = { total: 0, atMs: 0 };

  /** The most chargers there were lately: those missing are on their way from one gateway to another. */
  function lately(total: number): number {
    const nowMs = Date.now();
    if (total >= most.total || nowMs - most.atMs > AWAY_MS) most = { total, atMs: nowMs };
    return most.total;
  }

  return async () => {
    if (options.rebalance === 'off') return;
    const serving = (await registry.gateways()).filter(({ state }) => state === 'serving');
    const total = lately(serving.reduce((sum, { connections }) => sum + connections, 0));
    const surplus = surplusOf(gatewayId, serving, total, options.rebalanceAbove);
    if (surplus === 0) return;
    const idle = options.all().filter((connection) => connection.isIdle);
    const count = Math.min(surplus, perRound, idle.length);
    // From a random place on, so that a charger that comes straight back is not sent away each time.
    const from = Math.floor(Math.random() * Math.max(1, idle.length - count + 1));
    for (const connection of idle.slice(from, from + count))
      connection.close(closeCode, 'spread over the gateways', 'rebalanced');
    log.info({ surplus, closed: count }, 'rebalanced');
  };
}
