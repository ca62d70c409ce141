import { type Static, Type } from '@sinclair/typebox';
import type { TransactionRow } from '@voltgate/shared/store/read-transactions.ts';
import { iso, Nullable, Time, TraceId, traceIdOf, Wh } from './schemas.ts';

/** A transaction as the API shows it. */
export const Transaction = Type.Object(
  {
    id: Type.Integer({ description: 'The transactionId of OCPP.' }),
    chargePointId: Type.String(),
    connectorId: Type.Integer(),
    idTag: Type.String({ description: 'Who started it, as the charge point wrote it.' }),
    idTagStatus: Nullable(
      Type.String({ description: 'What its StartTransaction was answered: AuthorizationStatus of OCPP 1.6' }),
    ),
    reservationId: Nullable(Type.Integer()),
    status: Type.String({ description: 'active, suspect (open across a boot of the charge point) or stopped' }),
    meterStartWh: Wh('Register at the start.'),
    meterStopWh: Nullable(Wh('Register at the stop; null while it runs.')),
    energyWh: Nullable(Wh('Delivered energy; null while it runs.')),
    energySource: Nullable(
      Type.String({ description: 'How energyWh was found: register, samples, rollover, last-sample or none' }),
    ),
    liveEnergyWh: Nullable(Wh('Delivered so far, by the newest register; null when stopped or before a first sample.')),
    lastMeterAt: Nullable(Time('When the newest register was sampled.')),
    startedAt: Time('By the clock of the charge point.'),
    startReceivedAt: Time('When the start came in.'),
    stoppedAt: Nullable(Time('By the clock of the charge point; null while it runs.')),
    stopReceivedAt: Nullable(Time('When the stop came in.')),
    stopReason: Nullable(Type.String({ description: 'Reason of OCPP 1.6' })),
    stopIdTag: Nullable(Type.String({ description: 'Who stopped it, if the charge point said.' })),
    stoppedBy: Nullable(Type.String({ description: 'charger, or policy: closed after a boot because no stop came' })),
    flags: Type.Array(Type.String(), {
      description: 'What is odd: meter-stop-below-start, register-reset, implausible-clock ...',
    }),
    traceId: TraceId,
    stopTraceId: TraceId,
  },
  { $id: 'Transaction', description: 'A transaction: one charge' },
);

/** The transaction that a row holds. */
export function transactionOf(row: TransactionRow): Static<typeof Transaction> {
  const { lastRegisterWh, lastRegisterAt, ...rest } = row;
  const running = row.status !== 'stopped';
  return {
    ...rest,
    liveEnergyWh: running && lastRegisterWh !== null ? lastRegisterWh - row.meterStartWh : null,
    lastMeterAt: iso(lastRegisterAt),
    startedAt: iso(row.startedAt),
    startReceivedAt: iso(row.startReceivedAt),
    stoppedAt: iso(row.stoppedAt),
    stopReceivedAt: iso(row.stopReceivedAt),
    traceId: traceIdOf(row.traceId),
    stopTraceId: traceIdOf(row.stopTraceId),
  };
}
