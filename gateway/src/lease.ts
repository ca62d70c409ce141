import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { GatewayState, Registry } from '@voltgate/shared/ports.ts';
import { withinMs } from '@voltgate/shared/within.ts';
import type { Ownership } from './ownership.ts';

/** The sign of life of this gateway. */
export type Lease = {
  /** Renews now, to say something new of this gateway; never rejects. */
  renewNow(): Promise<void>;
  /** Ends the lease and the rounds; never rejects. */
  resign(): Promise<void>;
};

export type LeaseOptions = {
  readonly registry: Registry;
  readonly ownership: Ownership;
  readonly gatewayId: string;
  readonly leaseTtlMs: number;
  readonly leaseRenewMs: number;
  readonly state: () => GatewayState;
  /** Called after every round that reached the registry. */
  readonly onRound: () => Promise<void>;
  readonly log: Log;
  readonly metrics: Metrics;
};

/** With the registry away the next try comes sooner: what was connected meanwhile waits to be claimed. */
const RETRY_MS = 500;
/** A round may not keep the next renewal waiting. */
const ROUND_WITHIN_MS = 5_000;

/** Renews the lease in rounds until `resign`; the first one is tried before this resolves. */
export async function startLease(options: LeaseOptions): Promise<Lease> {
  const { registry, ownership, gatewayId, leaseTtlMs, leaseRenewMs, log, metrics } = options;
  let reclaimDue = false;
  let reachable = true;
  let resigned = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  async function renew(): Promise<void> {
    try {
      const lived = await registry.renew(options.state(), leaseTtlMs);
      metrics.leaseRenewals.inc({ outcome: lived ? 'renewed' : 'new' });
      if (!lived) reclaimDue = true;
    } catch (error) {
      metrics.leaseRenewals.inc({ outcome: 'failed' });
      throw error;
    }
  }

  async function look(): Promise<void> {
    await ownership.catchUp();
    await (reclaimDue ? reclaim() : ownership.audit());
    await options.onRound();
  }

  async function reclaim(): Promise<void> {
    // Before it begins: a lease that ends while it lasts makes it due once more.
    reclaimDue = false;
    try {
      await ownership.reclaimAll();
    } catch (error) {
      reclaimDue = true;
      throw error;
    }
  }

  async function round(): Promise<void> {
    try {
      await renew();
      if (!reachable) log.info({}, 'registry is back');
      reachable = true;
      const looking = look().catch((error: unknown) => log.warn({ err: error }, 'ownership not brought up to date'));
      await withinMs(Math.min(ROUND_WITHIN_MS, leaseTtlMs / 2), looking);
    } catch (error) {
      if (reachable) log.warn({ err: error }, 'registry is away; sockets stay up');
      reachable = false;
    }
    metrics.registryReachable.set(reachable ? 1 : 0);
  }

  function next(): void {
    if (resigned) return;
    const delayMs = reachable ? leaseRenewMs : Math.min(RETRY_MS, leaseRenewMs);
    timer = setTimeout(
      () => {
        running = round().finally(next);
      },
      delayMs * (0.9 + Math.random() / 5),
    );
  }

  await round();
  next();

  return {
    renewNow: () => renew().catch((error: unknown) => log.warn({ err: error }, 'lease not renewed')),
    async resign() {
      resigned = true;
      clearTimeout(timer);
      await running;
      await registry
        .resign(gatewayId)
        .catch((error: unknown) => log.warn({ err: error }, 'lease not ended, it will end by itself'));
    },
  };
}
