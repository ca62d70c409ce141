import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import { outgoingActions } from '@voltgate/shared/ocpp16/outgoing/index.ts';
import type { Db } from '@voltgate/shared/store/client.ts';
import { isChargePointKnown } from '@voltgate/shared/store/read-charge-points.ts';
import { type CommandRow, readCommand, readCommands } from '@voltgate/shared/store/read-commands.ts';
import { requestSchemaOf } from './command-payloads.ts';
import { Moment, PageOf, pagesOf, paging } from './paging.ts';
import { ProblemError, unknownChargePoint } from './problem.ts';
import { mayCommand } from './roles.ts';
import { actionOf, type CommandParts, runCommand } from './run-command.ts';
import {
  bodyProblems,
  ChargePointPath,
  iso,
  Nullable,
  problems,
  Reference,
  Time,
  TraceId,
  traceIdOf,
} from './schemas.ts';
import { validateAsOcpp } from './validation.ts';

const Json = (description: string) => Type.Unsafe<unknown>({ description });

/** A command as the API shows it. */
export const CommandShown = Type.Object(
  {
    commandId: Type.String(),
    chargePointId: Type.String(),
    action: Type.String(),
    payload: Json('As sent to the charge point, without passwords and AuthorizationKeys.'),
    status: Type.String({ description: 'queued, sent, answered, rejected, timed-out, late or aborted' }),
    requestedBy: Type.String({ description: 'The name of the API key, or of the part of Voltgate.' }),
    createdAt: Time('When it was given.'),
    sentAt: Nullable(Time('When it was written to the socket.')),
    endedAt: Nullable(Time('When it came to its outcome.')),
    response: Json('What the charge point answered; null without an answer.'),
    errorCode: Nullable(Type.String({ description: 'Code of the CALLERROR, or why it was aborted.' })),
    errorDescription: Nullable(Type.String()),
    gatewayId: Type.String({ description: 'Who said so last.' }),
    follow: Json(
      'What is followed beyond the answer: null, or {status: waiting, happened or missed, deadline, at, detail}.',
    ),
    traceId: TraceId,
  },
  { $id: 'Command', description: 'A command and what became of it' },
);

const CommandPath = Type.Object({ id: Type.String({ format: 'uuid', description: 'X-Command-Id of its request.' }) });

const options = Type.Object(
  {
    wait: Type.Optional(
      Type.Boolean({ description: 'false answers 202 at once; the command is followed by its id. Default true.' }),
    ),
    timeout: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 600, description: 'Seconds to wait for the answer. Default by action.' }),
    ),
  },
  { additionalProperties: false },
);

const batchOptions = Type.Object(
  {
    ...options.properties,
    batch: Type.Optional(
      Type.Boolean({
        description:
          "true asks in as many Calls as the charge point's GetConfigurationMaxKeys needs, without keys for every known one.",
      }),
    ),
  },
  { additionalProperties: false },
);

const headers = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'The same key with the same request gets the first outcome again, for 24 hours.',
    }),
  ),
});

/** Of every answer about a command that was given, for the document. */
const commandHeaders = {
  'X-Command-Id': Type.String({ description: 'Its id.' }),
  Location: Type.String({ description: 'Where it is shown.' }),
};

const Accepted = Type.Object(
  { commandId: Type.String() },
  { description: 'It is under way.', headers: commandHeaders },
);

const pages = pagesOf('commands', Type.Tuple([Moment, Type.String({ pattern: '^[0-9a-f-]{36}$' })]));

/** `POST /charge-points/{id}/commands/{Action}`, one route per operation. */
export function commandRoutes(parts: CommandParts): FastifyPluginAsyncTypebox {
  return async (app) => {
    validateAsOcpp(app);
    app.addHook('onRequest', mayCommand);
    for (const definition of outgoingActions.values()) {
      const { action } = definition;
      app.post(
        `/charge-points/:id/commands/${action}`,
        {
          schema: {
            operationId: `command${action}`,
            tags: ['commands'],
            summary: `${action} of OCPP 1.6; answered with what the charge point answers`,
            params: ChargePointPath,
            querystring: action === 'GetConfiguration' ? batchOptions : options,
            headers,
            body: requestSchemaOf(definition),
            response: {
              200: Type.Unsafe({
                ...definition.response,
                description: 'The answer of the charge point.',
                headers: commandHeaders,
              }),
              202: Accepted,
              ...problems(400, 401, 403, 404, 409, ...bodyProblems, 422, 429, 502, 504),
            },
          },
        },
        ({ params, query, body }, reply) => {
          const { wait, timeout: timeoutSeconds, batch } = query as Static<typeof batchOptions>;
          const wanted = { chargePointId: params.id, action, payload: body, wait, timeoutSeconds, batch };
          return runCommand(parts, reply.request, reply, wanted);
        },
      );
    }
    app.post(
      '/charge-points/:id/commands/:action',
      { schema: { hide: true, params: Type.Object({ id: Type.String(), action: Type.String() }) } },
      async ({ params }) => {
        actionOf(params.action);
      },
    );
  };
}

/** `GET /commands/{id}` and `GET /charge-points/{id}/commands`. */
export function commandRecordRoutes(db: Db): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/commands/:id',
      {
        schema: {
          operationId: 'getCommand',
          tags: ['commands'],
          summary: 'A command and what became of it',
          params: CommandPath,
          querystring: Type.Object({}, { additionalProperties: false }),
          response: { 200: Reference(CommandShown), ...problems(400, 401, 404) },
        },
      },
      async ({ params }) => {
        const row = await readCommand(db, params.id);
        if (!row) throw new ProblemError(404, 'unknown-command', `There is no command ${params.id}.`);
        return shown(row);
      },
    );

    app.get(
      '/charge-points/:id/commands',
      {
        schema: {
          operationId: 'listCommandsOfChargePoint',
          tags: ['charge points', 'commands'],
          summary: 'Commands of a charge point, newest first',
          params: ChargePointPath,
          querystring: Type.Object(paging, { additionalProperties: false }),
          response: { 200: PageOf(CommandShown), ...problems(400, 401, 404) },
        },
      },
      async ({ params, query }) => {
        const slice = pages.read(query);
        if (!(await isChargePointKnown(db, params.id))) throw unknownChargePoint(params.id);
        const cursor = slice.place && { createdAt: new Date(slice.place[0]), commandId: slice.place[1] };
        const rows = await readCommands(db, { chargePointId: params.id, cursor, limit: slice.limit });
        return pages.write(slice, rows, shown, (row): [number, string] => [row.createdAt.getTime(), row.commandId]);
      },
    );
  };
}

function shown({ follow, ...row }: CommandRow): Static<typeof CommandShown> {
  return {
    ...row,
    createdAt: iso(row.createdAt),
    sentAt: iso(row.sentAt),
    endedAt: iso(row.endedAt),
    follow: follow && { ...follow, deadline: iso(follow.deadline), at: iso(follow.at) },
    traceId: traceIdOf(row.traceId),
  };
}
