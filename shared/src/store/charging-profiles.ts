import { type Answered, laterAnswers, statusOf } from './answered.ts';
import { numbers } from './arrays.ts';
import { cleanJson } from './border.ts';
import type { Sql } from './client.ts';
import { fieldOf, int32Field, textField } from './fields.ts';

/** What a profile is found and replaced by. */
export type ProfilePlace = {
  readonly chargingProfileId: number;
  readonly connectorId: number;
  readonly stackLevel: number;
  readonly purpose: string;
};

type Said = Pick<Answered, 'action' | 'payload' | 'response'>;

const ACTIONS = ['SetChargingProfile', 'ClearChargingProfile'];

/** SetChargingProfile.conf: Accepted, the profile is in the charge point unless something later ended it. [OCPP 1.6, 5.16] */
export async function learnProfileSet(sql: Sql, answered: Answered): Promise<void> {
  const place = placeOf(answered);
  if (place === undefined || statusOf(answered) !== 'Accepted') return;
  await endProfiles(sql, answered);
  const later = await laterAnswers(sql, answered, ACTIONS);
  if (later.some((other) => ends(other, place))) return;
  await sql`
    insert into charging_profile as kept (charge_point_id, charging_profile_id, connector_id, stack_level, purpose, profile,
      at)
    values (${answered.chargePointId}, ${place.chargingProfileId}, ${place.connectorId}, ${place.stackLevel},
      ${place.purpose}, ${cleanJson(fieldOf(answered.payload, 'csChargingProfiles'))}::jsonb, ${answered.at})
    on conflict (charge_point_id, charging_profile_id) do update set connector_id = excluded.connector_id,
      stack_level = excluded.stack_level, purpose = excluded.purpose, profile = excluded.profile, at = excluded.at
    where kept.at <= excluded.at`;
}

/** ClearChargingProfile.conf: Accepted, every profile that fits its criteria is gone. [OCPP 1.6, 5.5] */
export async function learnProfileCleared(sql: Sql, answered: Answered): Promise<void> {
  await endProfiles(sql, answered);
}

async function endProfiles(sql: Sql, answered: Answered): Promise<void> {
  const known = await sql<ProfilePlace[]>`
    select charging_profile_id, connector_id, stack_level, purpose from charging_profile
    where charge_point_id = ${answered.chargePointId} and at <= ${answered.at}`;
  const ended = known.filter((place) => ends(answered, place)).map((place) => place.chargingProfileId);
  if (ended.length === 0) return;
  await sql`
    delete from charging_profile
    where charge_point_id = ${answered.chargePointId} and charging_profile_id = any (${numbers(ended)}::int4[])`;
}

/**
 * True when what was accepted ends an earlier profile at this place. A set one takes the place of the same id, or of the
 * same stack level, purpose and connector [OCPP 1.6, 3.13.2]; a clearing ends what fits all of its criteria.
 */
export function ends(said: Said, place: ProfilePlace): boolean {
  if (statusOf(said) !== 'Accepted') return false;
  if (said.action === 'SetChargingProfile') {
    const set = placeOf(said);
    if (set === undefined) return false;
    return set.chargingProfileId === place.chargingProfileId || isSameStack(set, place);
  }
  const fits = (wanted: unknown, actual: unknown) => wanted === undefined || wanted === actual;
  return (
    fits(int32Field(said.payload, 'id'), place.chargingProfileId) &&
    fits(int32Field(said.payload, 'connectorId'), place.connectorId) &&
    fits(textField(said.payload, 'chargingProfilePurpose'), place.purpose) &&
    fits(int32Field(said.payload, 'stackLevel'), place.stackLevel)
  );
}

function isSameStack(one: ProfilePlace, other: ProfilePlace): boolean {
  return one.stackLevel === other.stackLevel && one.purpose === other.purpose && one.connectorId === other.connectorId;
}

function placeOf({ payload }: Pick<Said, 'payload'>): ProfilePlace | undefined {
  const profile = fieldOf(payload, 'csChargingProfiles');
  const connectorId = int32Field(payload, 'connectorId');
  const chargingProfileId = int32Field(profile, 'chargingProfileId');
  const stackLevel = int32Field(profile, 'stackLevel');
  const purpose = textField(profile, 'chargingProfilePurpose');
  if (connectorId === undefined || chargingProfileId === undefined) return undefined;
  if (stackLevel === undefined || purpose === undefined) return undefined;
  return { chargingProfileId, connectorId, stackLevel, purpose };
}
