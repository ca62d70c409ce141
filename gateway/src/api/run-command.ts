import { randomUUID } from 'node:crypto';
import type { Outgoing } from '@voltgate/shared/ocpp16/define.ts';
import { outgoingActions } from '@voltgate/shared/ocpp16/outgoing/index.ts';
import type { CommandRecord } from '@voltgate/shared/ports.ts';
import type { Db } from '@voltgate/shared/store/client.ts';
import { isChargePointKnown } from '@voltgate/shared/store/read-charge-points.ts';
import { activeSpan } from '@voltgate/shared/tracing.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Command, commandRecordOf } from '../command-records.ts';
import { timeoutOf } from '../command-timeouts.ts';
import type { Commands, Found } from '../commands.ts';
import { type AskStore, AWAY } from './ask-store.ts';
import { payloadOf, problemOf } from './command-outcomes.ts';
import { preparePayload } from './command-payloads.ts';
import { getConfigurationInBatches, readKnownKeys } from './configuration-batches.ts';
import type { Idempotency, Written } from './idempotency.ts';
import { badRequest, ProblemError, unavailable, unknownChargePoint } from './problem.ts';

/** What commands over the API need. */
export type CommandParts = {
  readonly store: { readonly db: Db; commandRecords(records: readonly CommandRecord[]): Promise<void> };
  readonly askStore: AskStore;
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
  const prepared = await preparePayload(parts.store.db, parts.askStore, chargePointId, definition, payload);
  if (!batch) return await executeOne(parts, request, wanted, prepared, wait);
  if (!wait) throw badRequest([{ field: 'batch', message: 'goes with wait=true: the answers are put together' }]);
  const knownKeys = async () => {
    const keys = await parts.askStore(() => readKnownKeys(parts.store.db, chargePointId));
    if (keys === AWAY) throw unavailable('Its known keys cannot be looked up right now: name those to ask for.');
    return keys;
  };
  let headers: Written['headers'] = {};
  const told = await getConfigurationInBatches(knownKeys, prepared as object, async (part) => {
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
  const found = await parts.commands.find(chargePointId);
  if (typeof found === 'string') await mustBeKnown(parts, chargePointId, found);
  const command: Command = {
    commandId: randomUUID(),
    chargePointId,
    action,
    payload,
    timeoutMs: timeoutOf(action, parts.commandTimeoutMs, timeoutSeconds),
    requestedBy: request.apiKey?.name ?? '',
    createdAtMs: Date.now(),
    traceId: request.id,
    traceparent: activeSpan()?.traceparent,
  };
  const { commandId } = command;
  const headers = { 'x-command-id': commandId, location: `/api/v1/commands/${commandId}` };
  const json = { ...headers, 'content-type': 'application/json; charset=utf-8' };
  if (!wait) {
    // Whoever is told an id may ask for it at once; while the store is away it comes later, with the next record.
    await parts.askStore(() => parts.store.commandRecords([commandRecordOf(command, 'queued', parts.gatewayId)]));
    void parts.commands.send(command, found);
    return { status: 202, headers: json, body: JSON.stringify({ commandId }) };
  }
  const outcome = await parts.commands.send(command, found);
  return { status: 200, headers: json, body: payloadOf(outcome, headers) };
}

/** Of a charge point that nobody owns: throws when it is unknown, or when nobody can tell, since then it gets no record. */
async function mustBeKnown(
  { store, askStore }: CommandParts,
  chargePointId: string,
  found: Extract<Found, string>,
): Promise<void> {
  const known = await askStore(() => isChargePointKnown(store.db, chargePointId));
  if (known === true) return;
  if (known === false) throw unknownChargePoint(chargePointId);
  throw problemOf({ outcome: found === 'nobody' ? 'charge-point-offline' : 'unavailable' }, {});
}
