import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import type { Db } from '@voltgate/shared/store/client.ts';
import { type ChargePointRow, readChargePoint, readChargePoints } from '@voltgate/shared/store/read-charge-points.ts';
import { PageOf, pagesOf, paging } from './paging.ts';
import { unknownChargePoint } from './problem.ts';
import { ChargePointPath, iso, Nullable, problems, Reference, Text, Time, TraceId, traceIdOf } from './schemas.ts';

const Said = (what: string) => Nullable(Type.String({ description: `${what}, as the charge point says.` }));

/** What the numbers of a security profile mean. */
export const SECURITY_PROFILES =
  '0 = let in without a credential, 1 = by its credential, 2 = by its credential over TLS, 3 = by its client certificate, ' +
  'null = by policy';

/** A charge point as the API shows it. */
export const ChargePoint = Type.Object(
  {
    id: Type.String(),
    chargePointId: Type.String({ description: 'The same as id.' }),
    registrationStatus: Type.String({ description: 'Accepted, Pending or Rejected' }),
    vendor: Said('Vendor'),
    model: Said('Model'),
    serialNumber: Said('Serial number'),
    boxSerialNumber: Said('Serial number of the charge box'),
    firmwareVersion: Said('Firmware version'),
    iccid: Said('ICCID of the modem'),
    imsi: Said('IMSI of the modem'),
    meterType: Said('Type of the main meter'),
    meterSerialNumber: Said('Serial number of the main meter'),
    bootAt: Nullable(Time('When its last BootNotification came in.')),
    lastSeenAt: Nullable(Time('When it last said anything.')),
    online: Type.Boolean({ description: 'A gateway holds its connection.' }),
    presenceAt: Nullable(Time('Since when it is online or offline; null when it never connected.')),
    gatewayId: Nullable(Type.String({ description: 'The gateway that holds its connection, or held the last one.' })),
    connectionId: Nullable(Type.String({ description: 'That connection.' })),
    address: Nullable(Type.String({ description: 'Its own network address on that connection.' })),
    lastDisconnectAt: Nullable(Time('When a connection of it last ended.')),
    lastDisconnectReason: Nullable(Type.String({ description: 'Why, in words.' })),
    lastDisconnectCategory: Nullable(
      Type.String({
        description:
          'charge-point-closed, connection-lost, no-pong, no-answers, flood, too-slow, replaced, gateway-stopping, ' +
          'rebalanced, gateway-died or administration',
      }),
    ),
    createdAt: Time('When it became known here.'),
    clockSkewMs: Nullable(Type.Integer({ description: 'ms its clock is ahead of ours, since its last boot.' })),
    localListVersion: Nullable(
      Type.Integer({ description: 'Of its local list, as last known; 0 = none or empty, null when it never said.' }),
    ),
    tolerant: Type.Boolean({ description: 'Deviations from the specification are accepted.' }),
    adopted: Type.Boolean({ description: 'It introduced itself and the policy let it in.' }),
    securityProfile: Nullable(Type.Integer({ description: SECURITY_PROFILES })),
    hasCredential: Type.Boolean({ description: 'It must give a credential to connect.' }),
    traceId: TraceId,
  },
  { $id: 'ChargePoint', description: 'A charge point' },
);

const Online = Type.Optional(Type.Boolean({ description: 'Only those online, or only those offline.' }));

const pages = pagesOf('charge-points', Text(1_000, 'The last id shown.'));

/** `GET /charge-points` and `GET /charge-points/{id}`. */
export function chargePointRoutes(db: Db): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/charge-points',
      {
        schema: {
          operationId: 'listChargePoints',
          tags: ['charge points'],
          summary: 'Every charge point, by id',
          querystring: Type.Object({ ...paging, online: Online }, { additionalProperties: false }),
          response: { 200: PageOf(ChargePoint), ...problems(400, 401) },
        },
      },
      async ({ query }) => {
        const slice = pages.read(query);
        const rows = await readChargePoints(db, { after: slice.place, limit: slice.limit, online: query.online });
        return pages.write(slice, rows, chargePointOf, (row) => row.chargePointId);
      },
    );

    app.get(
      '/charge-points/:id',
      {
        schema: {
          operationId: 'getChargePoint',
          tags: ['charge points'],
          summary: 'One charge point',
          params: ChargePointPath,
          querystring: Type.Object({}, { additionalProperties: false }),
          response: { 200: Reference(ChargePoint), ...problems(400, 401, 404) },
        },
      },
      async ({ params }) => {
        const row = await readChargePoint(db, params.id);
        if (!row) throw unknownChargePoint(params.id);
        return chargePointOf(row);
      },
    );
  };
}

/** The charge point that a row holds. */
export function chargePointOf(row: ChargePointRow): Static<typeof ChargePoint> {
  return {
    ...row,
    id: row.chargePointId,
    bootAt: iso(row.bootAt),
    lastSeenAt: iso(row.lastSeenAt),
    presenceAt: iso(row.presenceAt),
    lastDisconnectAt: iso(row.lastDisconnectAt),
    createdAt: iso(row.createdAt),
    traceId: traceIdOf(row.traceId),
  };
}
