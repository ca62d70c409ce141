import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { Bus, Registry } from '@voltgate/shared/ports.ts';
import type { Reapplication } from '@voltgate/shared/store/reapply-availability.ts';
import type { ClosedByPolicy } from '@voltgate/shared/store/suspects.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';
import type { Aftermath } from './aftermath.ts';
import { createFollowSchedule } from './follow-schedule.ts';
import { createReapplySchedule } from './reapply-schedule.ts';

const DAY_MS = 86_400_000;

/** What the schedules do to the store; every one is safe to run on several workers at one time. */
export type ScheduledStore = {
  closeSuspects(options: { readonly before: Date; readonly now: Date }): Promise<readonly ClosedByPolicy[]>;
  ensurePartitions(): Promise<void>;
  dropPartitionsBefore(day: Date): Promise<readonly string[]>;
  missFollowed(now: Date): Promise<number>;
  takeReapplications(bootedBefore: Date): Promise<readonly Reapplication[]>;
  dropFramesBefore(day: Date): Promise<readonly string[]>;
  partitionDaysAhead(): Promise<Readonly<Record<string, number>>>;
};

export type ScheduleOptions = {
  readonly store: ScheduledStore;
  /** What policy did to transactions is announced as what chargers did. */
  readonly aftermath: Pick<Aftermath, 'touched'>;
  readonly registry: Pick<Registry, 'owner'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly intervalMs: number;
  readonly suspectDelayMs: number;
  readonly reapplyDelayMs: number;
  /** 0 = keep for ever. */
  readonly meterValueRetentionDays: number;
  /** 0 = keep for ever. */
  readonly frameRetentionDays: number;
};

/** Closes suspect transactions, tells charge points again what a boot made them forget, makes and drops partitions. The function returned stops it. */
export function startSchedules(options: ScheduleOptions): () => Promise<void> {
  const { store, aftermath, log, metrics } = options;
  const missFollowed = createFollowSchedule({ store, log, metrics });
  const reapplyAvailability = createReapplySchedule(options);
  let running: Promise<void> = Promise.resolve();

  async function closeSuspects(now: Date): Promise<void> {
    const closed = await store.closeSuspects({ before: new Date(now.getTime() - options.suspectDelayMs), now });
    metrics.suspectsClosed.inc(closed.length);
    aftermath.touched(closed.map((each) => ({ ...each, traceId: newTraceId(), change: 'stopped' })));
    if (closed.length > 0) log.info({ closed: closed.length }, 'suspect transactions closed');
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

  async function lookAhead(): Promise<void> {
    for (const [table, days] of Object.entries(await store.partitionDaysAhead()))
      metrics.partitionDaysAhead.set({ table }, days);
  }

  const schedules = { closeSuspects, missFollowed, reapplyAvailability, retain, lookAhead };
  // Late counts from the start: one that never succeeds would show nothing.
  for (const schedule of Object.keys(schedules)) metrics.scheduleLastSuccess.set({ schedule }, Date.now() / 1_000);

  async function round(): Promise<void> {
    const now = new Date();
    for (const [schedule, run] of Object.entries(schedules)) {
      try {
        await run(now);
        metrics.scheduleLastSuccess.set({ schedule }, Date.now() / 1_000);
      } catch (error) {
        log.warn({ err: error, schedule }, 'schedule failed, next round tries again');
      }
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
