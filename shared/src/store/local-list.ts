import { type Answered, laterAnswers, statusOf } from './answered.ts';
import type { Sql } from './client.ts';
import { int32Field } from './fields.ts';

/** SendLocalList.conf: Accepted, the charge point has the version that was sent. [OCPP 1.6, 5.15] */
export async function learnListSent(sql: Sql, answered: Answered): Promise<void> {
  if (statusOf(answered) === 'Accepted') await keep(sql, answered, int32Field(answered.payload, 'listVersion'));
}

/** GetLocalListVersion.conf; -1, no support for lists, is kept as 0. [OCPP 1.6, 5.10] */
export async function learnListVersion(sql: Sql, answered: Answered): Promise<void> {
  await keep(sql, answered, int32Field(answered.response, 'listVersion'));
}

async function keep(sql: Sql, answered: Answered, version: number | undefined): Promise<void> {
  if (version === undefined) return;
  const later = await laterAnswers(sql, answered, ['SendLocalList', 'GetLocalListVersion']);
  if (later.some((other) => other.action === 'GetLocalListVersion' || statusOf(other) === 'Accepted')) return;
  await sql`
    update charge_point set local_list_version = ${Math.max(0, version)}
    where charge_point_id = ${answered.chargePointId}`;
}
