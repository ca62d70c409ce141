import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';

export type FollowScheduleOptions = {
  readonly store: { missFollowed(now: Date): Promise<number> };
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'followsMissed'>;
};

/** A schedule that gives up following commands past their deadline. Safe to run by several workers at one time. */
export function createFollowSchedule({ store, log, metrics }: FollowScheduleOptions): (now: Date) => Promise<void> {
  return async function missFollowed(now) {
    const missed = await store.missFollowed(now);
    metrics.followsMissed.inc(missed);
    if (missed > 0) log.info({ missed }, 'commands accepted, and nothing came of them');
  };
}
