import { randomUUID } from 'node:crypto';
import type { Outgoing } from '@voltgate/shared/ocpp16/define.ts';
import { outgoingActions } from '@voltgate/shared/ocpp16/outgoing/index.ts';
import type { CommandRecord } from '@voltgate/shared/ports.ts';
import { isChargePointKnown } from '@voltgate/shared/store/read-charge-points.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Command, commandRecordOf } from '../command-records.ts';
import { timeoutOf } from '../command-timeouts.ts';
import type { Commands } from '../commands.ts';
import { payloadOf } from './command-outcomes.ts';
import { type PayloadStore, preparePayload } from './command-payloads.ts';
import { getConfigurationInBatches } from './configuration-batches.ts';
import type { Idempotency, Written } from './idempotency.ts';
import { badRequest, ProblemError, unknownChargePoint } from './problem.ts';
import { requireRole } from './roles.ts';

/** What commands over the API need. */
export type CommandParts = {
  readonly store: PayloadStore & { commandRecords(records: readonly CommandRecord[]): Promise<void> };
  readonly commands: Commands;
  readonly idempotency: Idempotency;
  readonly gatewayId: string;
  /** ms */
  readonly commandTimeoutMs: number;
};

/** What a caller wants done. */
export type Wanted = {
  readonly chargePointId: string;
  readonly action: string;
  /** Valid by `requestSchemaOf` of the action. */
  readonly payload: unknown;
  readonly wait?: boolean | undefined;
  readonly timeoutSeconds?: number | undefined;
  /** GetConfiguration only: in as many Calls as the charge point needs. */
  readonly batch?: boolean | undefined;
};

/** Runs a command for a request, once per Idempotency-Key, and answers it. Throws the problem of every failure. */
export async function runCommand(
  parts: CommandParts,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: Wanted,
): Promise<FastifyReply> {
  requireRole(request, 'admin', 'operator');
  const definition = actionOf(wanted.action);
  const written = await parts.idempotency.once(request, wanted, () => execute(parts, request, definition, wanted));
  return reply
    .code(written.status)
    .headers(written.headers)
    .serializer((body: string) => body)
    .send(written.body);
}

/** The operation; throws the problem of a name that is none. */
export function actionOf(action: string): Outgoing {
  const definition = outgoingActions.get(action);
  if (definition) return definition;
  throw new ProblemError(404, 'unknown-action', `${action} is no operation of OCPP 1.6.`);
}

async function execute(
  parts: CommandParts,
  request: FastifyRequest,
  definition: Outgoing,
  wanted: Wanted,
): Promise<Written> {
  const { chargePointId, payload, wait = true, batch = false } = wanted;
  const prepared = await preparePayload(parts.store, chargePointId, definition, payload);
  if (!batch) return await executeOne(parts, request, wanted, prepared, wait);
  if (!wait) throw badRequest([{ field: 'batch', message: 'goes with wait=true: the answers are put together' }]);
  let headers: Written['headers'] = {};
  const told = await getConfigurationInBatches(parts.store.db, chargePointId, prepared as object, async (part) => {
    const written = await executeOne(parts, request, wanted, part, true);
    headers = written.headers;
    return JSON.parse(written.body);
  });
  return { status: 200, headers, body: JSON.stringify(told) };
}

async function executeOne(
  parts: CommandParts,
  request: FastifyRequest,
  { chargePointId, action, timeoutSeconds }: Wanted,
  payload: unknown,
  wait: boolean,
): Promise<Written> {
  const command: Command = {
    commandId: randomUUID(),
    chargePointId,
    action,
    payload,
    timeoutMs: timeoutOf(action, parts.commandTimeoutMs, timeoutSeconds),
    requestedBy: request.apiKey?.name ?? '',
    createdAtMs: Date.now(),
    traceId: request.id,
  };
  const { commandId } = command;
  const headers = { 'x-command-id': commandId, location: `/api/v1/commands/${commandId}` };
  const json = { ...headers, 'content-type': 'application/json; charset=utf-8' };
  if (!wait) {
    await mustBeKnown(parts, chargePointId);
    // Whoever is told an id may ask for it at once.
    await parts.store.commandRecords([commandRecordOf(command, 'queued', parts.gatewayId)]);
    void parts.commands.send(command);
    return { status: 202, headers: json, body: JSON.stringify({ commandId }) };
  }
  const outcome = await parts.commands.send(command);
  // The road of a charge point that is there asks no database.
  if (outcome.outcome === 'charge-point-offline') await mustBeKnown(parts, chargePointId);
  return { status: 200, headers: json, body: payloadOf(outcome, headers) };
}

async function mustBeKnown({ store }: CommandParts, chargePointId: string): Promise<void> {
  if (!(await isChargePointKnown(store.db, chargePointId))) throw unknownChargePoint(chargePointId);
}
