import type { Letter } from '../ports.ts';
import { cleanText, traceUuid } from './border.ts';
import type { Pool } from './client.ts';

/** `Store.deadLetter`. A letter given up twice is kept once. */
export async function keepDeadLetter(sql: Pool, letter: Letter, reason: string): Promise<void> {
  const receivedAt = new Date(letter.receivedAtMs);
  const text = cleanText(letter.text);
  await sql`
    insert into dead_letter (charge_point_id, action, text, reason, received_at, trace_id)
    select ${letter.chargePointId}, ${cleanText(letter.action)}, ${text}, ${cleanText(reason)}, ${receivedAt},
      ${traceUuid(letter.traceId)}::uuid
    where not exists (
      select from dead_letter
      where charge_point_id = ${letter.chargePointId} and received_at = ${receivedAt} and text = ${text})`;
}
