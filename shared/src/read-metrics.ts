import type { Metrics } from './metrics.ts';
import type { Jobs } from './ports.ts';

/**
 * Reads how many jobs wait and for how long into the metrics, for programs that work on them. Rejects when the queue is
 * away, and then shows nothing rather than what was.
 */
export async function readQueues(jobs: Jobs, { jobs: counts, oldestJobAge }: Metrics): Promise<void> {
  counts.reset();
  oldestJobAge.reset();
  const depths = await jobs.depth();
  const nowMs = Date.now();
  for (const [queue, { oldestAtMs, ...depth }] of Object.entries(depths)) {
    for (const [state, jobsInState] of Object.entries(depth)) counts.set({ queue, state }, jobsInState);
    oldestJobAge.set({ queue }, oldestAtMs === null ? 0 : Math.max(0, nowMs - oldestAtMs) / 1_000);
  }
}

/** Reads which connections to Redis are up into the metrics. */
export function readConnected(connected: Readonly<Record<string, boolean>>, { redisConnected }: Metrics): void {
  for (const [client, isUp] of Object.entries(connected)) redisConnected.set({ client }, isUp ? 1 : 0);
}
