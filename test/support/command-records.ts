import { randomUUID } from 'node:crypto';
import type { CommandRecord, CommandStatus } from '@voltgate/shared/ports.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';

/** A command as its gateway tells it, step by step. */
export type ToldCommand = {
  readonly commandId: string;
  /** The record of one status; the times of a command are 10 ms apart: queued, sent, its end, late. */
  said(status: CommandStatus, values?: Partial<CommandRecord>): CommandRecord;
  /** queued, sent and answered with this conf. */
  answered(response: unknown): CommandRecord[];
};

const STEPS: Readonly<Record<CommandStatus, number>> = {
  queued: 0,
  sent: 10,
  aborted: 20,
  'timed-out': 20,
  answered: 20,
  rejected: 20,
  late: 30,
};

/** A command asked for at a time. */
export function tellCommand(
  action: string,
  payload: unknown,
  { chargePointId = 'CP1', at = new Date() }: { readonly chargePointId?: string; readonly at?: Date } = {},
): ToldCommand {
  const commandId = randomUUID();
  const traceId = newTraceId();
  const said = (status: CommandStatus, values: Partial<CommandRecord> = {}): CommandRecord => ({
    commandId,
    chargePointId,
    action,
    payload,
    status,
    requestedBy: 'operator',
    createdAtMs: at.getTime(),
    atMs: at.getTime() + STEPS[status],
    response: null,
    error: null,
    gatewayId: 'gateway-1',
    traceId,
    ...values,
  });
  return {
    commandId,
    said,
    answered: (response) => [said('queued'), said('sent'), said('answered', { response })],
  };
}
