import type { ChargePointEvent, Provenance } from '../ports.ts';
import { texts, times } from './arrays.ts';
import { cleanJson, cleanText, digestOf, moment, traceUuid } from './border.ts';
import type { Pool } from './client.ts';
import { follow } from './follow.ts';
import { eventHappened } from './happening.ts';

/** `Store.events` */
export async function keepEvents(sql: Pool, events: readonly ChargePointEvent[]): Promise<void> {
  if (events.length === 0) return;
  // Keys are inserted in one order by everyone: two sets with the same events wait for each other, not in a circle.
  await sql.begin(async (tx) => {
    await tx`
    insert into charge_point_event (charge_point_id, kind, request_id, at, received_at, payload, trace_id)
    select * from unnest(${texts(events.map((event) => event.chargePointId))}::text[],
      ${texts(events.map((event) => cleanText(event.kind)))}::text[],
      ${texts(events.map((event) => cleanText(event.requestId)))}::text[],
      ${times(events.map((event) => moment(event.at)))}::timestamptz[],
      ${times(events.map((event) => event.receivedAt))}::timestamptz[],
      ${texts(events.map((event) => cleanJson(event.payload)))}::jsonb[],
      ${texts(events.map((event) => traceUuid(event.traceId)))}::uuid[]) as event (id, kind, request_id, at)
    order by 1, 2, 3, 4
    on conflict do nothing`;
    await follow(tx, events.map(eventHappened));
  });
}

/** `Store.certificateRequest` */
export async function keepCertificateRequest(sql: Pool, request: Provenance & { readonly csr: string }): Promise<void> {
  const { chargePointId, receivedAt } = request;
  const csr = cleanText(request.csr);
  const digest = digestOf(csr);
  await sql.begin(async (tx) => {
    await tx`
      insert into certificate_request (charge_point_id, digest, csr, received_at, trace_id)
      values (${chargePointId}, ${digest}, ${csr}, ${receivedAt}, ${traceUuid(request.traceId)})
      on conflict do nothing`;
    await follow(tx, [{ chargePointId, message: 'SignChargePointCertificate', at: receivedAt, detail: { digest } }]);
  });
}
