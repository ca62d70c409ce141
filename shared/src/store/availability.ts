import { type Answered, statusOf } from './answered.ts';
import type { Sql } from './client.ts';
import { int32Field, textField } from './fields.ts';

/** ChangeAvailability.conf: Accepted or Scheduled, the intent holds until another one. [OCPP 1.6, 5.2] */
export async function learnAvailability(sql: Sql, answered: Answered): Promise<void> {
  const connectorId = int32Field(answered.payload, 'connectorId');
  const type = textField(answered.payload, 'type');
  const status = statusOf(answered);
  if (connectorId === undefined || type === undefined) return;
  if (status !== 'Accepted' && status !== 'Scheduled') return;
  await sql`
    insert into availability_intent as kept (charge_point_id, connector_id, type, answer, at)
    values (${answered.chargePointId}, ${connectorId}, ${type}, ${status}, ${answered.at})
    on conflict (charge_point_id, connector_id) do update set type = excluded.type, answer = excluded.answer,
      at = excluded.at
    where kept.at <= excluded.at`;
}
