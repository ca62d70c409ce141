import type { Config } from '@voltgate/shared/config.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { Bus, Jobs, Store } from '@voltgate/shared/ports.ts';
import { type ScheduledStore, startSchedules } from './schedules.ts';
import { createWork } from './worker.ts';

export type WorkerProcessParts = {
  readonly config: Config;
  readonly store: Store & ScheduledStore;
  readonly bus: Bus;
  readonly jobs: Jobs;
  readonly log: Log;
  readonly metrics: Metrics;
};

/** Starts handling letters and the schedules. The function returned finishes what runs and stops both. */
export async function startWorker({
  config,
  store,
  bus,
  jobs,
  log,
  metrics,
}: WorkerProcessParts): Promise<() => Promise<void>> {
  const stopWork = await jobs.work(createWork({ store, bus, log, metrics, settings: config }), config);
  const stopSchedules = startSchedules({ ...config, store, log, metrics, intervalMs: config.scheduleIntervalMs });
  return async () => {
    await stopSchedules();
    await stopWork();
  };
}
