import type { Gather } from '@voltgate/shared/gather.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Letter } from '@voltgate/shared/ports.ts';
import { withinMs } from '@voltgate/shared/within.ts';
import type { CommandRecords } from './command-records.ts';
import type { FrameLog } from './frame-log.ts';
import type { Ownership } from './ownership.ts';
import type { Presence } from './presence.ts';
import type { UnknownChargePoints } from './unknown-charge-points.ts';

/** What a gateway still has to hand over when its last charger is gone. */
export type ToFlush = {
  readonly tells: Gather<Letter>;
  readonly records: CommandRecords;
  /** Lists who was refused: they will try again, so what is not told is not missed. */
  readonly unknown: UnknownChargePoints;
  readonly frameLog: FrameLog;
  readonly presence: Presence;
  readonly ownership: Ownership;
};

/**
 * Hands everything over within `timeoutMs`, and says in one line what could not be: told messages no charger was told of, so
 * they come again; presence and owners, which the reaper ends with the lease; and records of commands, which are lost.
 */
export async function flushAll(
  { tells, records, unknown, frameLog, presence, ownership }: ToFlush,
  timeoutMs: number,
  log: Log,
): Promise<void> {
  // A claim or release still under way may change presence.
  const owned = ownership.settle(timeoutMs);
  const told = owned.then(() => presence.close());
  await withinMs(timeoutMs, Promise.all([told, tells.drain(), records.drain(), unknown.close(), frameLog.close()]));
  const left = {
    tells: tells.pending(),
    presence: presence.pending(),
    owners: await owned,
    commandRecords: records.pending(),
  };
  if (Object.values(left).some((count) => count > 0))
    log.warn({ notFlushed: left }, 'stopping without having told all');
}
