import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { Orphaned, PresenceChange, Registry, Store } from '@voltgate/shared/ports.ts';

export type ReaperOptions = {
  readonly registry: Pick<Registry, 'reap' | 'gateways'>;
  readonly store: Pick<Store, 'presence'> & PresenceOfGateways;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly intervalMs: number;
  /** Rows of a gateway are looked at when it has been unheard of for so long; default 30 s. */
  readonly unheardMs?: number;
};

/** What the reaper reads of presence as the store has it. */
export type PresenceOfGateways = {
  /** Gateways that rows name as the holder of a connection. */
  gatewaysOnline(): Promise<readonly string[]>;
  /** What these gateways hold by those rows. */
  onlineAt(gatewayIds: readonly string[]): Promise<readonly Orphaned[]>;
};

const UNHEARD_MS = 30_000;

/**
 * Frees what gateways without a sign of life owned, and tells presence. Safe to run in several workers at one time. What a
 * worker freed but died before telling, and what a gateway of an earlier start left behind when the registry has no memory
 * (standalone), is found in the rows themselves: online at a gateway nobody has heard of. The function returned stops it.
 */
export function startReaper(options: ReaperOptions): () => Promise<void> {
  const { registry, store, log, metrics } = options;
  const unheardMs = options.unheardMs ?? UNHEARD_MS;
  const missingSinceMs = new Map<string, number>();
  /** Released, not yet told: the store was away. */
  let untold: PresenceChange[] = [];
  let running: Promise<void> | undefined;
  let lookedAtMs = 0;
  metrics.scheduleLastSuccess.set({ schedule: 'reap' }, Date.now() / 1_000);

  async function reap(): Promise<void> {
    const released = await registry.reap();
    metrics.reaped.inc(released.length);
    if (released.length > 0) log.warn({ released: released.length }, 'charge points of dead gateways released');
    untold.push(...released.map(goneAt(Date.now())));
  }

  async function tell(): Promise<void> {
    if (untold.length === 0) return;
    await store.presence(untold);
    untold = [];
  }

  /** Two looks at least `unheardMs` apart must agree: a registry that restarted empty knows nobody for a moment. */
  async function lookAtRows(): Promise<void> {
    if (Date.now() - lookedAtMs < unheardMs / 2) return;
    lookedAtMs = Date.now();
    const alive = new Set((await registry.gateways()).map(({ gatewayId }) => gatewayId));
    const missing = (await store.gatewaysOnline()).filter((gatewayId) => !alive.has(gatewayId));
    for (const gatewayId of missingSinceMs.keys()) if (!missing.includes(gatewayId)) missingSinceMs.delete(gatewayId);
    for (const gatewayId of missing) if (!missingSinceMs.has(gatewayId)) missingSinceMs.set(gatewayId, lookedAtMs);
    // Nobody alive at all says more about the registry than about the gateways.
    if (alive.size === 0) return;
    const unheard = missing.filter(
      (gatewayId) => lookedAtMs - (missingSinceMs.get(gatewayId) ?? lookedAtMs) >= unheardMs,
    );
    if (unheard.length === 0) return;
    const left = await store.onlineAt(unheard);
    log.warn({ gatewayIds: unheard, chargePoints: left.length }, 'presence of unknown gateways ended');
    untold.push(...left.map(goneAt(lookedAtMs)));
  }

  async function round(): Promise<void> {
    let failed = false;
    for (const step of [reap, lookAtRows, tell]) {
      await step().catch((error: unknown) => {
        failed = true;
        log.warn({ err: error, step: step.name }, 'reaping failed, next round tries again');
      });
    }
    if (!failed) metrics.scheduleLastSuccess.set({ schedule: 'reap' }, Date.now() / 1_000);
  }

  const timer = setInterval(() => {
    running ??= round().finally(() => {
      running = undefined;
    });
  }, options.intervalMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}

const goneAt =
  (nowMs: number) =>
  ({ chargePointId, owner }: Orphaned): PresenceChange => ({
    chargePointId,
    epoch: owner.epoch,
    online: false,
    atMs: nowMs,
    gatewayId: owner.gatewayId,
    connectionId: owner.connectionId,
    address: null,
    reason: 'its gateway gave no sign of life',
    category: 'gateway-died',
  });
