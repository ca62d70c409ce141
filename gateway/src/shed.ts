import type { Log } from '@voltgate/shared/log.ts';
import type { Registry } from '@voltgate/shared/ports.ts';
import type { Connection } from './connection.ts';
import { surplusOf } from './rebalance.ts';

export type ShedOptions = {
  readonly registry: Pick<Registry, 'gateways'>;
  readonly gatewayId: string;
  readonly all: () => readonly Connection[];
  readonly closeCode: number;
  readonly rebalance: 'off' | 'on';
  readonly rebalanceAbove: number;
  readonly rebalanceRate: number;
  /** How often it is called. */
  readonly intervalMs: number;
  readonly log: Log;
};

/**
 * A round of rebalancing: with too many chargers here, some idle ones are disconnected, to be spread anew by the load
 * balancer. Rejects when the registry is away.
 */
export function createShed(options: ShedOptions): () => Promise<void> {
  const { registry, gatewayId, closeCode, log } = options;
  const perRound = Math.max(1, Math.round((options.rebalanceRate * options.intervalMs) / 1_000));

  return async () => {
    if (options.rebalance === 'off') return;
    const surplus = surplusOf(gatewayId, await registry.gateways(), options.rebalanceAbove);
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
