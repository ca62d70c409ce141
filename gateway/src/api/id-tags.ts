import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import { changeIdTag, createIdTag, removeIdTag } from '@voltgate/shared/store/administer-id-tags.ts';
import type { Db } from '@voltgate/shared/store/client.ts';
import { type IdTagRow, readIdTag, readIdTags } from '@voltgate/shared/store/read-id-tags.ts';
import { isReadableTime, PageOf, pagesOf, paging } from './paging.ts';
import { badRequest, ProblemError } from './problem.ts';
import { requireRole } from './roles.ts';
import { bodyProblems, iso, Nullable, problems, Reference, Text, Time } from './schemas.ts';
import { validateAsOcpp } from './validation.ts';

const LARGEST_INT32 = 2_147_483_647;

const Id = Text(20, 'Compared case-insensitively.');
const Status = Type.Union(
  [Type.Literal('Accepted'), Type.Literal('Blocked'), Type.Literal('Expired'), Type.Literal('Invalid')],
  { description: 'What a charge point is answered while it has not expired.' },
);
const IdTagPath = Type.Object({ idTag: Id });

/** An idTag as the API shows it. */
export const IdTag = Type.Object(
  {
    idTag: Type.String({ description: 'As it was written first.' }),
    status: Type.String({ description: 'Accepted, Blocked, Expired or Invalid' }),
    expiresAt: Nullable(Time('Expired from then on; null = never.')),
    parentIdTag: Nullable(Type.String({ description: 'Tags with one parent may stop what another of them started.' })),
    maxActiveTransactions: Nullable(
      Type.Integer({ description: 'Running transactions at one time over the whole fleet; null = any number.' }),
    ),
    createdAt: Time('When it was set up.'),
  },
  { $id: 'IdTag', description: 'Who may charge' },
);

const settings = {
  status: Type.Optional(Status),
  expiresAt: Type.Optional(
    Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description: 'null = never.' }),
  ),
  parentIdTag: Type.Optional(Type.Union([Id, Type.Null()], { description: 'null = no group.' })),
  maxActiveTransactions: Type.Optional(
    Type.Union([Type.Integer({ minimum: 0, maximum: LARGEST_INT32 }), Type.Null()], {
      description: 'null = any number; 1 by default.',
    }),
  ),
};
const NewIdTag = Type.Object({ idTag: Id, ...settings }, { additionalProperties: false });
const IdTagChanges = Type.Object(settings, { additionalProperties: false });

const pages = pagesOf('id-tags', Text(100, 'The last one shown.'));

/** `/id-tags` and `/id-tags/{idTag}`: anybody may read, admins and operators may write. */
export function idTagRoutes(db: Db): FastifyPluginAsyncTypebox {
  return async (app) => {
    await app.register(reads(db));
    await app.register(writes(db));
  };
}

function reads(db: Db): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/id-tags',
      {
        schema: {
          operationId: 'listIdTags',
          tags: ['idTags'],
          summary: 'Every idTag, by name',
          querystring: Type.Object(paging, { additionalProperties: false }),
          response: { 200: PageOf(IdTag), ...problems(400, 401) },
        },
      },
      async ({ query }) => {
        const slice = pages.read(query);
        const rows = await readIdTags(db, { after: slice.place, limit: slice.limit });
        return pages.write(slice, rows, idTagOf, (row) => row.key);
      },
    );

    app.get(
      '/id-tags/:idTag',
      {
        schema: {
          operationId: 'getIdTag',
          tags: ['idTags'],
          summary: 'One idTag',
          params: IdTagPath,
          querystring: Type.Object({}, { additionalProperties: false }),
          response: { 200: Reference(IdTag), ...problems(400, 401, 404) },
        },
      },
      async ({ params }) => await shown(db, params.idTag),
    );
  };
}

function writes(db: Db): FastifyPluginAsyncTypebox {
  return async (app) => {
    validateAsOcpp(app);
    app.addHook('onRequest', async (request) => requireRole(request, 'admin', 'operator'));

    app.post(
      '/id-tags',
      {
        schema: {
          operationId: 'createIdTag',
          tags: ['idTags'],
          summary: 'Sets up an idTag',
          body: NewIdTag,
          response: { 201: Reference(IdTag), ...problems(400, 401, 403, 409, ...bodyProblems) },
        },
      },
      async ({ body }, reply) => {
        const { idTag, ...changes } = body;
        if (!(await createIdTag(db, { idTag, ...settingsOf(changes) })))
          throw new ProblemError(409, 'id-tag-exists', `There is an idTag ${idTag} already.`);
        reply.code(201).header('location', `/api/v1/id-tags/${encodeURIComponent(idTag)}`);
        return await shown(db, idTag);
      },
    );

    app.patch(
      '/id-tags/:idTag',
      {
        schema: {
          operationId: 'changeIdTag',
          tags: ['idTags'],
          summary: 'Changes what is given',
          params: IdTagPath,
          body: IdTagChanges,
          response: { 200: Reference(IdTag), ...problems(400, 401, 403, 404, ...bodyProblems) },
        },
      },
      async ({ params, body }) => {
        if (!(await changeIdTag(db, params.idTag, settingsOf(body)))) throw unknownIdTag(params.idTag);
        return await shown(db, params.idTag);
      },
    );

    app.delete(
      '/id-tags/:idTag',
      {
        schema: {
          operationId: 'removeIdTag',
          tags: ['idTags'],
          summary: 'Removes an idTag; its transactions stay',
          params: IdTagPath,
          response: { 204: Type.Null({ description: 'It is gone.' }), ...problems(400, 401, 403, 404) },
        },
      },
      async ({ params }, reply) => {
        if (!(await removeIdTag(db, params.idTag))) throw unknownIdTag(params.idTag);
        return reply.code(204).send(null);
      },
    );
  };
}

async function shown(db: Db, idTag: string): Promise<Static<typeof IdTag>> {
  const row = await readIdTag(db, idTag);
  if (!row) throw unknownIdTag(idTag);
  return idTagOf(row);
}

function settingsOf({ expiresAt, ...rest }: Static<typeof IdTagChanges>) {
  if (typeof expiresAt !== 'string') return { ...rest, expiresAt };
  // Chargers may leave the zone out, callers not.
  if (!isReadableTime(expiresAt))
    throw badRequest([{ field: 'expiresAt', message: 'must be a time with its zone, as 2026-01-31T12:00:00Z' }]);
  return { ...rest, expiresAt: new Date(expiresAt) };
}

function idTagOf({ key: _key, ...row }: IdTagRow): Static<typeof IdTag> {
  return { ...row, expiresAt: iso(row.expiresAt), createdAt: iso(row.createdAt) };
}

function unknownIdTag(idTag: string): ProblemError {
  return new ProblemError(404, 'unknown-id-tag', `There is no idTag ${idTag}.`);
}
