import { type Static, Type } from '@sinclair/typebox';
import type { MeterValueRow } from '@voltgate/shared/store/read-meter-values.ts';
import type { Words } from '@voltgate/shared/store/read-vocabulary.ts';
import { iso, Nullable, Time, TraceId, traceIdOf } from './schemas.ts';

/** A meter value as the API shows it. */
export const MeterValue = Type.Object(
  {
    chargePointId: Type.String(),
    connectorId: Type.Integer({ description: '0 is the main meter.' }),
    transactionId: Nullable(Type.Integer({ description: 'null when it belongs to none.' })),
    sampledAt: Time('By the clock of the charge point.'),
    measurand: Type.String(),
    phase: Nullable(Type.String({ description: 'null for all phases together.' })),
    location: Type.String(),
    context: Type.String(),
    unit: Nullable(Type.String({ description: 'Of value; null when it has none.' })),
    value: Nullable(Type.Number({ description: 'In unit; null when what was sent is no number.' })),
    rawValue: Nullable(Type.String({ description: 'As sent; null when value says it all.' })),
    rawUnit: Nullable(Type.String({ description: 'As sent; null when unit says it all.' })),
    receivedAt: Time('When it came in.'),
    traceId: TraceId,
  },
  { $id: 'MeterValue', description: 'One sampled value' },
);

/** The meter value that a row holds. */
export async function meterValueOf(row: MeterValueRow, words: Words): Promise<Static<typeof MeterValue>> {
  return {
    ...row,
    transactionId: row.transactionId === 0 ? null : row.transactionId,
    sampledAt: iso(row.sampledAt),
    measurand: await words.decode('measurand', row.measurand),
    phase: (await words.decode('phase', row.phase)) || null,
    location: await words.decode('location', row.location),
    context: await words.decode('context', row.context),
    unit: (await words.decode('unit', row.unit)) || null,
    receivedAt: iso(row.receivedAt),
    traceId: traceIdOf(row.traceId),
  };
}
