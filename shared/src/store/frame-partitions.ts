import type { Pool } from './client.ts';
import { type DailyTable, type Days, daysAhead, dropDaysBefore, ensureDays } from './partitions.ts';

const DAY_MS = 86_400_000;
const DAYS_AHEAD = 8;
const frames: DailyTable = { table: 'frame', day: 'at', received: 'at' };

/**
 * Makes the daily partitions of the message log that are missing (default: from yesterday to 8 days ahead, as frames carry
 * our own time) and returns their names.
 */
export function ensureFramePartitions(
  sql: Pool,
  { from = new Date(Date.now() - DAY_MS), to = new Date(Date.now() + DAYS_AHEAD * DAY_MS) }: Days = {},
): Promise<string[]> {
  return ensureDays(sql, frames, { from, to });
}

/** Drops the days of the message log that end at or before a time; returns the names of their partitions. */
export function dropFramePartitionsBefore(sql: Pool, before: Date): Promise<string[]> {
  return dropDaysBefore(sql, frames, before);
}

/** How many days from tomorrow on have a partition of the message log, without a gap. */
export function frameDaysAhead(sql: Pool): Promise<number> {
  return daysAhead(sql, frames);
}
