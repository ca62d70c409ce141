import { type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { ChargingProfile } from '@voltgate/shared/ocpp16/charging-profile.ts';
import type { Outgoing } from '@voltgate/shared/ocpp16/define.ts';
import { reserveNow } from '@voltgate/shared/ocpp16/outgoing/reserve-now.ts';
import { setChargingProfile } from '@voltgate/shared/ocpp16/outgoing/set-charging-profile.ts';
import { readTimestamp } from '@voltgate/shared/ocpp16/timestamp.ts';
import { Closed } from '@voltgate/shared/ocpp16/types.ts';
import { ownTransactionId } from '@voltgate/shared/store/border.ts';
import type { Db } from '@voltgate/shared/store/client.ts';
import { allocateId } from '@voltgate/shared/store/ids.ts';
import { readTransaction } from '@voltgate/shared/store/read-transactions.ts';
import { type AskStore, AWAY } from './ask-store.ts';
import { ProblemError, unavailable } from './problem.ts';

const GivenId = Type.Optional(Type.Integer({ description: 'Left out, the system gives one nobody has.' }));

const ReserveNowRequest = Closed({ ...reserveNow.request.properties, reservationId: GivenId });
const SetChargingProfileRequest = Closed({
  ...setChargingProfile.request.properties,
  csChargingProfiles: Closed({ ...ChargingProfile.properties, chargingProfileId: GivenId }),
});

/** What is looked at of a payload that is valid already. */
const Reservation = Type.Object({ reservationId: Type.Optional(Type.Integer()) });
const Profiled = Type.Object({
  csChargingProfiles: Type.Object({ chargingProfileId: Type.Optional(Type.Integer()) }),
});
const Stop = Type.Object({ transactionId: Type.Integer() });

/** The payload as callers may send it: OCPP's own, but what the system can fill in may be left out. */
export function requestSchemaOf(definition: Outgoing): TSchema {
  if (definition.action === reserveNow.action) return ReserveNowRequest;
  if (definition.action === setChargingProfile.action) return SetChargingProfileRequest;
  return definition.request;
}

/**
 * The payload as the charge point gets it: ids given, times as chargers like them. Throws the problem of a transaction
 * that runs elsewhere, or of an id that cannot be given now.
 */
export async function preparePayload(
  db: Db,
  askStore: AskStore,
  chargePointId: string,
  definition: Outgoing,
  given: unknown,
): Promise<unknown> {
  const payload = inUtc(definition.request, given);
  const newId = async (field: string) => {
    const id = await askStore(() => allocateId(db));
    if (id === AWAY) throw unavailable(`The system cannot give an id right now: send ${field} yourself.`);
    return id;
  };
  if (definition.action === reserveNow.action && Value.Check(Reservation, payload))
    return { ...payload, reservationId: payload.reservationId ?? (await newId('reservationId')) };
  if (definition.action === setChargingProfile.action && Value.Check(Profiled, payload)) {
    const { csChargingProfiles: profile } = payload;
    const chargingProfileId = profile.chargingProfileId ?? (await newId('chargingProfileId'));
    return { ...payload, csChargingProfiles: { ...profile, chargingProfileId } };
  }
  if (definition.action === 'RemoteStopTransaction' && Value.Check(Stop, payload))
    await mustBelong(db, askStore, chargePointId, payload.transactionId);
  return payload;
}

/** A transaction nobody knows may be the charger's own; one that is known runs on one charge point only. */
async function mustBelong(db: Db, askStore: AskStore, chargePointId: string, transactionId: number): Promise<void> {
  const id = ownTransactionId(transactionId);
  if (id === null) return;
  const known = await askStore(() => readTransaction(db, id));
  // A stop does not wait for a database that is away.
  if (known === AWAY || !known || known.chargePointId === chargePointId) return;
  const detail = `Transaction ${transactionId} belongs to another charge point.`;
  throw new ProblemError(409, 'transaction-of-another-charge-point', detail);
}

/** Times go out as 2026-01-31T12:00:00.000Z: older firmware reads nothing else. */
function inUtc(schema: TSchema, value: unknown): unknown {
  if (schema.format === 'date-time' && typeof value === 'string') return readTimestamp(value).toISOString();
  if (Array.isArray(value)) return value.map((item) => inUtc(schema.items ?? {}, item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, inUtc(schema.properties?.[name] ?? {}, field)]),
  );
}
