import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import { createFollowSchedule } from './follow-schedule.ts';

const DAY_MS = 86_400_000;

/** What the schedules do to the store; every one is safe to run on several workers at one time. */
export type ScheduledStore = {
  closeSuspects(options: { readonly before: Date; readonly now: Date }): Promise<number>;
  ensurePartitions(): Promise<void>;
  dropPartitionsBefore(day: Date): Promise<readonly string[]>;
  missFollowed(now: Date): Promise<number>;
  dropFramesBefore(day: Date): Promise<readonly string[]>;
};

export type ScheduleOptions = {
  readonly store: ScheduledStore;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly intervalMs: number;
  readonly suspectDelayMs: number;
  /** 0 = keep for ever. */
  readonly meterValueRetentionDays: number;
  /** 0 = keep for ever. */
  readonly frameRetentionDays: number;
};

/** Closes suspect transactions, makes partitions ahead, drops those past retention. The function returned stops it. */
export function startSchedules(options: ScheduleOptions): () => Promise<void> {
  const { store, log, metrics } = options;
  const missFollowed = createFollowSchedule({ store, log, metrics });
  let running: Promise<void> = Promise.resolve();

  async function closeSuspects(now: Date): Promise<void> {
    const closed = await store.closeSuspects({ before: new Date(now.getTime() - options.suspectDelayMs), now });
    metrics.suspectsClosed.inc(closed);
    if (closed > 0) log.info({ closed }, 'suspect transactions closed');
  }

  async function retain(now: Date): Promise<void> {
    await store.ensurePartitions();
    const { meterValueRetentionDays, frameRetentionDays } = options;
    const before = (days: number) => new Date(now.getTime() - days * DAY_MS);
    const dropped = [
      ...(meterValueRetentionDays > 0 ? await store.dropPartitionsBefore(before(meterValueRetentionDays)) : []),
      ...(frameRetentionDays > 0 ? await store.dropFramesBefore(before(frameRetentionDays)) : []),
    ];
    if (dropped.length > 0) log.info({ dropped }, 'partitions past retention dropped');
  }

  async function round(): Promise<void> {
    const now = new Date();
    for (const job of [closeSuspects, missFollowed, retain]) {
      await job(now).catch((error: unknown) =>
        log.warn({ err: error, schedule: job.name }, 'schedule failed, next round tries again'),
      );
    }
  }

  const timer = setInterval(() => {
    running = running.then(round);
  }, options.intervalMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
