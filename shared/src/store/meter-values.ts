import type { Sample } from '../ocpp16/types.ts';
import { numbers, texts, times } from './arrays.ts';
import { cleanText, int32, moment, traceUuid } from './border.ts';
import type { Sql } from './client.ts';
import { codeOf, createSeries } from './series.ts';
import type { Vocabulary, Word } from './vocabulary.ts';

/** Samples of one message, bound to a transaction (0 = none). */
export type BoundSamples = {
  readonly chargePointId: string;
  readonly connectorId: number;
  readonly transactionId: number;
  readonly receivedAt: Date;
  readonly traceId: string;
  readonly samples: readonly Sample[];
};

/** Gives codes to all words of the samples; to be called before the transaction that inserts them. */
export async function learnWords(vocabulary: Vocabulary, samples: readonly Sample[]): Promise<void> {
  const unknown = unknownWords(vocabulary, samples);
  if (unknown.length > 0) await vocabulary.learn(unknown);
}

/** The same within a transaction, for samples whose words have been learnt already, perhaps by another process. */
export async function recallWords(sql: Sql, vocabulary: Vocabulary, samples: readonly Sample[]): Promise<void> {
  if (unknownWords(vocabulary, samples).length > 0) await vocabulary.refresh(sql);
}

/**
 * Appends under the natural key, in one statement. Whoever calls holds the lock of every charge point concerned, so no two
 * inserts wait for each other's keys.
 */
export async function insertSamples(
  sql: Sql,
  vocabulary: Vocabulary,
  messages: readonly BoundSamples[],
): Promise<void> {
  const rows = messages.flatMap((message, index) => message.samples.map((sample) => ({ message: index + 1, sample })));
  if (rows.length === 0) return;
  const series = createSeries(vocabulary);
  const seriesOf = numbers(rows.map(({ sample }) => series.numberOf(sample)));
  const raws = rows.map(({ sample }) => rawOf(sample));
  await sql`
    insert into meter_value (charge_point_id, connector_id, transaction_id, sampled_at, measurand, phase, location, context,
      unit, value, raw_value, raw_unit, received_at, trace_id)
    select m.charge_point_id, m.connector_id, m.transaction_id, to_timestamp(s.sampled_ms / 1000), k.measurand, k.phase,
      k.location, k.context, k.unit, s.value, s.raw_value, s.raw_unit, to_timestamp(m.received_ms / 1000), m.trace_id
    from unnest(${numbers(rows.map((row) => row.message))}::int4[],
      ${numbers(rows.map(({ sample }) => moment(sample.sampledAt).getTime()))}::float8[], ${seriesOf}::int4[],
      ${numbers(rows.map(({ sample }) => sample.value))}::float8[], ${texts(raws.map((raw) => raw.value))}::text[],
      ${texts(raws.map((raw) => raw.unit))}::text[])
      as s (message, sampled_ms, series, value, raw_value, raw_unit)
    join unnest(${series.codes('measurand')}::int2[], ${series.codes('phase')}::int2[], ${series.codes('location')}::int2[],
      ${series.codes('context')}::int2[], ${series.codes('unit')}::int2[])
      with ordinality as k (measurand, phase, location, context, unit, series)
      on k.series = s.series
    join unnest(${texts(messages.map((message) => message.chargePointId))}::text[],
      ${numbers(messages.map((message) => int32(message.connectorId)))}::int4[],
      ${numbers(messages.map((message) => message.transactionId))}::int4[],
      ${numbers(messages.map((message) => message.receivedAt.getTime()))}::float8[],
      ${texts(messages.map((message) => traceUuid(message.traceId)))}::uuid[])
      with ordinality as m (charge_point_id, connector_id, transaction_id, received_ms, trace_id, message)
      on m.message = s.message
    on conflict do nothing`;
}

/** Moves samples that were kept without a transaction to the one their message turned out to belong to. */
export async function rebindSamples(sql: Sql, vocabulary: Vocabulary, bound: BoundSamples): Promise<void> {
  const { samples } = bound;
  if (samples.length === 0) return;
  const codes = (kind: Word['kind']) => numbers(samples.map((sample) => codeOf(vocabulary, kind, sample)));
  await sql`
    with moved as (
      delete from meter_value v
      using unnest(${times(samples.map((sample) => moment(sample.sampledAt)))}::timestamptz[],
        ${codes('measurand')}::int2[], ${codes('phase')}::int2[], ${codes('location')}::int2[], ${codes('context')}::int2[])
        as s (sampled_at, measurand, phase, location, context)
      where v.charge_point_id = ${bound.chargePointId} and v.connector_id = ${int32(bound.connectorId)}
        and v.transaction_id = 0 and v.sampled_at = s.sampled_at and v.measurand = s.measurand and v.phase = s.phase
        and v.location = s.location and v.context = s.context
      returning v.*
    )
    insert into meter_value (charge_point_id, connector_id, transaction_id, sampled_at, measurand, phase, location, context,
      unit, value, raw_value, raw_unit, received_at, trace_id)
    select charge_point_id, connector_id, ${bound.transactionId}::int4, sampled_at, measurand, phase, location, context,
      unit, value, raw_value, raw_unit, received_at, trace_id
    from moved
    on conflict do nothing`;
}

function unknownWords(vocabulary: Vocabulary, samples: readonly Sample[]): Word[] {
  const unknown: Word[] = [];
  const note = (kind: Word['kind'], word: string) => {
    if (vocabulary.code(kind, word) === undefined) unknown.push({ kind, word });
  };
  for (const sample of samples) {
    note('measurand', sample.measurand);
    note('phase', sample.phase);
    note('location', sample.location);
    note('context', sample.context);
    note('unit', sample.unit);
  }
  return unknown;
}

/** What was sent, where value and unit do not say it already. */
function rawOf(sample: Sample): { readonly value: string | null; readonly unit: string | null } {
  const scaled = sample.rawUnit !== '' && sample.rawUnit !== sample.unit;
  if (scaled) return { value: cleanText(sample.rawValue), unit: cleanText(sample.rawUnit) };
  return { value: String(sample.value) === sample.rawValue ? null : cleanText(sample.rawValue), unit: null };
}
