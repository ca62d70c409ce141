import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { remoteStartTransaction } from '@voltgate/shared/ocpp16/outgoing/remote-start-transaction.ts';
import { CiString, Closed } from '@voltgate/shared/ocpp16/types.ts';
import { compileOnce } from '@voltgate/shared/ocpp16/validate.ts';
import type { Db } from '@voltgate/shared/store/client.ts';
import { type ChargePointRow, readChargePoints } from '@voltgate/shared/store/read-charge-points.ts';
import { type FrameRow, readFrames } from '@voltgate/shared/store/read-frames.ts';
import type { FastifyReply } from 'fastify';
import { authenticate, type FindApiKey } from './authentication.ts';
import { requestSchemaOf } from './command-payloads.ts';
import { refuseOtherMethods, watchMethods } from './method-not-allowed.ts';
import { ProblemError } from './problem.ts';
import { mayCommand } from './roles.ts';
import { actionOf, type CommandParts, runCommand, type Wanted } from './run-command.ts';
import { bodyProblems, ChargePointPath, iso, problems, traceIdOf } from './schemas.ts';
import { validateAsOcpp, violationProblem } from './validation.ts';

const RemoteStart = Closed({ idTag: CiString(20), connectorId: Type.Optional(Type.Integer()) });
const Request = Closed({
  action: Type.String({ description: 'An operation of OCPP 1.6.' }),
  payload: Type.Optional(Type.Unknown({ description: 'Its payload; {} when left out.' })),
});
const Limit = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) });
const commandProblems = problems(400, 401, 403, 404, 409, ...bodyProblems, 422, 429, 502, 504);

const MOST_CONNECTED = 10_000;
const DEFAULT_FRAMES = 100;

/** The few routes directly under `/api` that simpler programs know; `/api/v1` says all of it, and more exactly. */
export function compatibilityRoutes(parts: CommandParts, db: Db, findApiKey: FindApiKey): FastifyPluginAsyncTypebox {
  return async (app) => {
    authenticate(app, findApiKey);
    validateAsOcpp(app);
    const watched = watchMethods(app);

    app.post(
      '/remote-start/:id',
      {
        onRequest: mayCommand,
        schema: {
          operationId: 'remoteStart',
          tags: ['compatibility'],
          summary: 'RemoteStartTransaction; 404 when the charge point is not connected',
          params: ChargePointPath,
          body: RemoteStart,
          response: {
            200: Type.Unsafe({ ...remoteStartTransaction.response, description: 'The answer of the charge point.' }),
            ...commandProblems,
          },
        },
      },
      async ({ params, body }, reply) => {
        const wanted = { chargePointId: params.id, action: remoteStartTransaction.action, payload: body };
        return await offlineIsNotFound(runCommand(parts, reply.request, reply, wanted));
      },
    );

    app.get(
      '/charge-points',
      {
        schema: {
          operationId: 'listConnected',
          tags: ['compatibility'],
          summary: 'Every connected charge point',
          response: { 200: Type.Array(Type.Unknown(), { description: 'Charge points' }), ...problems(401) },
        },
      },
      async () => {
        const rows = await readChargePoints(db, { after: null, limit: MOST_CONNECTED, online: true });
        return rows.map(connected);
      },
    );

    app.post(
      '/charge-points/:id/request',
      {
        onRequest: mayCommand,
        schema: {
          operationId: 'request',
          tags: ['compatibility'],
          summary: 'Any operation, named in the body; answered with what the charge point answers',
          params: ChargePointPath,
          body: Request,
          response: { 200: Type.Unknown({ description: 'The answer of the charge point.' }), ...commandProblems },
        },
      },
      async ({ params, body }, reply) => await runCommand(parts, reply.request, reply, wantedOf(params.id, body)),
    );

    app.get(
      '/logs',
      {
        schema: {
          operationId: 'listNewestFrames',
          tags: ['compatibility'],
          summary: 'The newest frames of the message log',
          querystring: Limit,
          response: { 200: Type.Array(Type.Unknown(), { description: 'Frames' }), ...problems(400, 401) },
        },
      },
      async ({ query }) => {
        const rows = await readFrames(db, { after: null, limit: query.limit ?? DEFAULT_FRAMES });
        return rows.map(logged);
      },
    );

    refuseOtherMethods(app, watched);
  };
}

function wantedOf(chargePointId: string, body: { action: string; payload?: unknown }): Wanted {
  const { action } = body;
  const payload = body.payload ?? {};
  const schema = requestSchemaOf(actionOf(action));
  const violations = compileOnce(schema)(payload);
  if (violations) throw violationProblem(schema, violations, 'payload');
  return { chargePointId, action, payload };
}

async function offlineIsNotFound(answer: Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ProblemError) || error.kind !== 'charge-point-offline') throw error;
    throw new ProblemError(404, error.kind, error.message, { headers: error.headers });
  }
}

function connected(row: ChargePointRow) {
  const { chargePointId, vendor, model, firmwareVersion, registrationStatus, gatewayId, connectionId, address } = row;
  return {
    id: chargePointId,
    vendor,
    model,
    firmwareVersion,
    registrationStatus,
    gatewayId,
    connectionId,
    address,
    connectedAt: iso(row.presenceAt),
    lastSeenAt: iso(row.lastSeenAt),
  };
}

function logged(row: FrameRow) {
  return { ...row, at: iso(row.at), traceId: traceIdOf(row.traceId) };
}
