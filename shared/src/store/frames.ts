import type { FrameRecord } from '../ports.ts';
import { numbers, texts, times } from './arrays.ts';
import { cleanText, cleanTextOrNull, moment, traceUuid } from './border.ts';
import type { Pool } from './client.ts';

/**
 * `Store.frames`: appends in one statement. The log alone has no natural key, so a job that runs again after its worker
 * died may leave a frame twice: an index that finds it would cost more than the frame is worth.
 */
export async function keepFrames(sql: Pool, frames: readonly FrameRecord[]): Promise<void> {
  if (frames.length === 0) return;
  const text = (of: (frame: FrameRecord) => string) => texts(frames.map((frame) => cleanText(of(frame))));
  await sql`
    insert into frame (at, charge_point_id, connection_id, gateway_id, direction, kind, message_id, action, text, latency_ms,
      error_code, trace_id)
    select * from unnest(${times(frames.map((frame) => moment(new Date(frame.atMs))))}::timestamptz[],
      ${text((frame) => frame.chargePointId)}::text[], ${text((frame) => frame.connectionId)}::text[],
      ${text((frame) => frame.gatewayId)}::text[], ${text((frame) => frame.direction)}::text[],
      ${text((frame) => frame.kind)}::text[], ${text((frame) => frame.messageId)}::text[],
      ${text((frame) => frame.action)}::text[], ${text((frame) => frame.text)}::text[],
      ${numbers(frames.map((frame) => frame.latencyMs))}::float8[],
      ${texts(frames.map((frame) => cleanTextOrNull(frame.errorCode)))}::text[],
      ${texts(frames.map((frame) => traceUuid(frame.traceId)))}::uuid[])`;
}
