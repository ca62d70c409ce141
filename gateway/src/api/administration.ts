import { randomBytes } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import type { Change } from '@voltgate/shared/changes.ts';
import { hashPassword } from '@voltgate/shared/credential.ts';
import {
  changeChargePoint,
  createChargePoint,
  removeChargePoint,
} from '@voltgate/shared/store/administer-charge-points.ts';
import type { Db } from '@voltgate/shared/store/client.ts';
import { isChargePointKnown, readChargePoint } from '@voltgate/shared/store/read-charge-points.ts';
import { ChargePoint, chargePointOf, SECURITY_PROFILES } from './charge-points.ts';
import { badRequest, ProblemError, unknownChargePoint } from './problem.ts';
import { requireRole } from './roles.ts';
import { bodyProblems, ChargePointId, ChargePointPath, problems, Text } from './schemas.ts';
import { validateAsOcpp } from './validation.ts';

/** Tells every gateway of a change. */
export type Announce = (change: Change) => Promise<void>;

/** What a charge point is given as its AuthorizationKey. [Security Whitepaper, A00.FR.205] */
const GENERATED_BYTES = 20;
const LONGEST_PASSWORD = 64;

const Password = Text(LONGEST_PASSWORD, '32 to 40 hex digits are an AuthorizationKey: bytes. Never shown again.');
const GeneratePassword = Type.Optional(
  Type.Boolean({ description: 'Makes a new one; this answer is the only one that shows it.' }),
);
const settings = {
  registrationStatus: Type.Optional(
    Type.Union([Type.Literal('Accepted'), Type.Literal('Pending'), Type.Literal('Rejected')], {
      description: 'What its BootNotification is answered.',
    }),
  ),
  securityProfile: Type.Optional(
    Type.Union([Type.Literal(0), Type.Literal(1), Type.Literal(2), Type.Literal(3), Type.Null()], {
      description: SECURITY_PROFILES,
    }),
  ),
  tolerant: Type.Optional(Type.Boolean({ description: 'Deviations from the specification are accepted.' })),
};

const NewChargePoint = Type.Object(
  {
    chargePointId: ChargePointId,
    password: Type.Optional(Password),
    generatePassword: GeneratePassword,
    ...settings,
  },
  { additionalProperties: false },
);
const ChargePointChanges = Type.Object(
  {
    password: Type.Optional(Type.Union([Password, Type.Null()], { description: 'null takes it away.' })),
    generatePassword: GeneratePassword,
    ...settings,
  },
  { additionalProperties: false },
);
/** A charge point as written, with the password made for it. */
const WrittenChargePoint = Type.Composite([
  Type.Omit(ChargePoint, []),
  Type.Object({ password: Type.Optional(Type.String({ description: 'Only when it was made just now.' })) }),
]);

type Changes = Static<typeof ChargePointChanges>;

/** `POST /charge-points`, `PATCH` and `DELETE /charge-points/{id}`, for admins. */
export function administrationRoutes(db: Db, announce: Announce): FastifyPluginAsyncTypebox {
  const announced = (chargePointId: string) => announce({ type: 'charge-point', chargePointId });

  async function written(chargePointId: string, password: string | undefined) {
    const row = await readChargePoint(db, chargePointId);
    if (!row) throw unknownChargePoint(chargePointId);
    return { ...chargePointOf(row), ...(password !== undefined && { password }) };
  }

  return async (app) => {
    validateAsOcpp(app);
    app.addHook('onRequest', async (request) => requireRole(request, 'admin'));

    app.post(
      '/charge-points',
      {
        schema: {
          operationId: 'createChargePoint',
          tags: ['charge points'],
          summary: 'Registers a charge point',
          body: NewChargePoint,
          response: { 201: WrittenChargePoint, ...problems(400, 401, 403, 409, ...bodyProblems) },
        },
      },
      async ({ body }, reply) => {
        const { chargePointId, ...changes } = body;
        if (chargePointId.trim() === '') throw badRequest([{ field: 'chargePointId', message: 'is blank' }]);
        const { generated, credential } = await credentialOf(changes);
        if ((changes.securityProfile === 1 || changes.securityProfile === 2) && !credential) throw credentialNeeded();
        if (!(await createChargePoint(db, { ...settingsOf(changes), chargePointId, credential })))
          throw new ProblemError(409, 'charge-point-exists', `There is a charge point ${chargePointId} already.`);
        await announced(chargePointId);
        reply.code(201).header('location', `/api/v1/charge-points/${encodeURIComponent(chargePointId)}`);
        return await written(chargePointId, generated);
      },
    );

    app.patch(
      '/charge-points/:id',
      {
        schema: {
          operationId: 'changeChargePoint',
          tags: ['charge points'],
          summary: 'Changes what is given; a connected charge point keeps its connection unless it is Rejected',
          params: ChargePointPath,
          body: ChargePointChanges,
          response: { 200: WrittenChargePoint, ...problems(400, 401, 403, 404, ...bodyProblems) },
        },
      },
      async ({ params, body }) => {
        const { generated, credential } = await credentialOf(body);
        const outcome = await changeChargePoint(db, params.id, { ...settingsOf(body), credential });
        if (outcome === 'unchanged' && (await isChargePointKnown(db, params.id))) throw credentialNeeded();
        if (outcome === 'unchanged') throw unknownChargePoint(params.id);
        await announced(params.id);
        return await written(params.id, generated);
      },
    );

    app.delete(
      '/charge-points/:id',
      {
        schema: {
          operationId: 'removeChargePoint',
          tags: ['charge points'],
          summary: 'Removes a charge point and ends its connection; its history stays',
          params: ChargePointPath,
          response: { 204: Type.Null({ description: 'It is gone.' }), ...problems(400, 401, 403, 404) },
        },
      },
      async ({ params }, reply) => {
        if (!(await removeChargePoint(db, params.id))) throw unknownChargePoint(params.id);
        await announced(params.id);
        return reply.code(204).send(null);
      },
    );
  };
}

/** The credential as it is stored: undefined = as it is, null = none. */
async function credentialOf({ password, generatePassword }: Changes) {
  if (generatePassword !== true) {
    const credential = typeof password === 'string' ? await hashPassword(password) : password;
    return { generated: undefined, credential };
  }
  if (password !== undefined)
    throw badRequest([{ field: 'password', message: 'cannot be given when one is to be generated' }]);
  const generated = randomBytes(GENERATED_BYTES).toString('hex');
  return { generated, credential: await hashPassword(generated) };
}

const settingsOf = ({ registrationStatus, securityProfile, tolerant }: Changes) => ({
  registrationStatus,
  securityProfile,
  tolerant,
});

function credentialNeeded(): ProblemError {
  return badRequest([{ field: 'password', message: 'is needed by securityProfile 1 and 2' }]);
}
