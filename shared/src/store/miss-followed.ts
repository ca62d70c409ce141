import type { Pool } from './client.ts';
import { follow } from './follow.ts';
import { seenBefore } from './follow-look-back.ts';
import { lockChargePoint } from './locks.ts';

/** Most commands given up by one call. */
const MOST_MISSED = 500;
/** What a charge point said just in time may still be on its way to the store. */
const LATE_MS = 30_000;

type Due = {
  readonly commandId: string;
  readonly chargePointId: string;
  readonly action: string;
  readonly payload: unknown;
  readonly since: Date;
  readonly deadline: Date;
};

/**
 * Gives up following what did not happen before its deadline, each command in a DB transaction of its own, after a last
 * look. Safe to run by several at a time. Resolves to how many were missed.
 */
export async function missFollowed(sql: Pool, now: Date): Promise<number> {
  const due = await sql<Due[]>`
    select command_id, charge_point_id, action, payload, coalesce(sent_at, created_at) as since,
      follow_deadline as deadline
    from command where follow_status = 'waiting' and follow_deadline < ${new Date(now.getTime() - LATE_MS)}
    -- So ordered it is read from the index of what waits, whatever the statistics say.
    order by charge_point_id limit ${MOST_MISSED}`;
  let missed = 0;
  for (const command of due) {
    missed += await sql.begin(async (tx) => {
      await lockChargePoint(tx, command.chargePointId);
      await follow(tx, await seenBefore(tx, command));
      const { count } = await tx`
        update command set follow_status = 'missed'
        where command_id = ${command.commandId} and follow_status = 'waiting'`;
      return count;
    });
  }
  return missed;
}
