import type { Config } from '@voltgate/shared/config.ts';
import { createAnnouncer } from '@voltgate/shared/events.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { Bus, Jobs, Registry, Store } from '@voltgate/shared/ports.ts';
import type { LiveReads } from '@voltgate/shared/store/read-live.ts';
import { createAftermath } from './aftermath.ts';
import { announcing } from './announce.ts';
import { type PresenceOfGateways, startReaper } from './reaper.ts';
import { type ScheduledStore, startSchedules } from './schedules.ts';
import { createWork } from './worker.ts';

export type WorkerProcessParts = {
  readonly config: Config;
  readonly store: Store & ScheduledStore & LiveReads & PresenceOfGateways;
  readonly bus: Bus;
  readonly jobs: Jobs;
  readonly registry: Registry;
  readonly log: Log;
  readonly metrics: Metrics;
};

/** Starts handling letters, the schedules and the reaper. The function returned finishes what runs and stops all. */
export async function startWorker({
  config,
  store,
  bus,
  jobs,
  registry,
  log,
  metrics,
}: WorkerProcessParts): Promise<() => Promise<void>> {
  const announcer = createAnnouncer(bus);
  const aftermath = createAftermath({ reads: store, announcer, log });
  const announced = announcing(store, announcer, aftermath);
  const stopWork = await jobs.work(createWork({ store: announced, bus, log, metrics, settings: config }), config);
  const stopSchedules = startSchedules({
    ...config,
    store,
    aftermath,
    registry,
    bus,
    log,
    metrics,
    intervalMs: config.scheduleIntervalMs,
  });
  const stopReaper = startReaper({ registry, store, log, metrics, intervalMs: config.reapIntervalMs });
  return async () => {
    await Promise.all([stopReaper(), stopSchedules(), stopWork()]);
    await aftermath.close();
    await announcer.close();
  };
}
