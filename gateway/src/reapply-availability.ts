import { randomUUID } from 'node:crypto';
import type { ReapplyAvailability } from '@voltgate/shared/availability.ts';
import type { Log } from '@voltgate/shared/log.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';
import { timeoutOf } from './command-timeouts.ts';
import type { Commands } from './commands.ts';

export type ReapplyOptions = {
  readonly commands: Commands;
  /** ms */
  readonly commandTimeoutMs: number;
  readonly log: Log;
};

/** A live connection as far as this looks at it. */
export type ReapplyTarget = {
  readonly chargePoint: { readonly chargePointId: string };
  readonly connectionId: string;
};

const ACTION = 'ChangeAvailability';
const REQUESTED_BY = 'availability';

/**
 * Sends a charge point again what its boot made it forget, one command after the other, with records as every command has.
 * Best effort: what it does not accept is a line in the log, and the next boot tries again. Never rejects.
 */
export function createReapply({ commands, commandTimeoutMs, log }: ReapplyOptions) {
  return async (target: ReapplyTarget, { connectionId, intents }: ReapplyAvailability): Promise<void> => {
    const { chargePointId } = target.chargePoint;
    if (target.connectionId !== connectionId) return;
    for (const payload of intents) {
      const { commandId, outcome, status } = await send(chargePointId, payload);
      const fields = { chargePointId, commandId, ...payload, outcome, status };
      if (status === 'Accepted' || status === 'Scheduled') log.info(fields, 'availability sent again after a boot');
      else log.warn(fields, 'availability could not be sent again after a boot');
    }
  };

  async function send(chargePointId: string, payload: ReapplyAvailability['intents'][number]) {
    const commandId = randomUUID();
    const command = {
      commandId,
      chargePointId,
      action: ACTION,
      payload,
      timeoutMs: timeoutOf(ACTION, commandTimeoutMs),
      requestedBy: REQUESTED_BY,
      createdAtMs: Date.now(),
      traceId: newTraceId(),
    };
    const answer = await commands.send(command, await commands.find(chargePointId));
    const conf = answer.outcome === 'answered' ? (answer.payload as { readonly status?: unknown } | null) : null;
    return { commandId, outcome: answer.outcome, status: conf?.status };
  }
}
