import { writeCall } from '@voltgate/shared/ocpp16/message.ts';
import { normaliseSamples } from '@voltgate/shared/ocpp16/meter-engine.ts';
import type { MeterValue } from '@voltgate/shared/ocpp16/types.ts';
import type { Boot, ConnectorStatus, MeterReading, TransactionStart, TransactionStop } from '@voltgate/shared/ports.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';

const START_OF_TEST = Date.now() - 3 * 3_600_000;

/** A time some minutes into the tests' own day, always plausible. */
export function minute(minutes: number): Date {
  return new Date(Math.floor(START_OF_TEST / 60_000) * 60_000 + minutes * 60_000);
}

let connections = 0;
const provenance = (chargePointId: string, receivedAt: Date) => ({
  chargePointId,
  connectionId: `connection-${++connections}`,
  receivedAt,
  traceId: newTraceId(),
});

/** A StartTransaction; received when it was stamped unless said otherwise. */
export function start(values: Partial<TransactionStart> = {}): TransactionStart {
  const startedAt = values.startedAt ?? minute(0);
  return {
    ...provenance('CP1', startedAt),
    connectorId: 1,
    idTag: 'TAG',
    meterStartWh: 1000,
    startedAt,
    reservationId: null,
    ...values,
  };
}

/** A StopTransaction with its frame; `meterValues` become transactionData. */
export function stop(
  values: Partial<TransactionStop> & { readonly meterValues?: readonly MeterValue[] } = {},
): TransactionStop {
  const { meterValues = [], ...given } = values;
  const stoppedAt = given.stoppedAt ?? minute(60);
  const said: Omit<TransactionStop, 'text'> = {
    ...provenance('CP1', stoppedAt),
    transactionId: -1,
    idTag: null,
    meterStopWh: 5000,
    stoppedAt,
    reason: 'Local',
    samples: normaliseSamples(meterValues),
    ...given,
  };
  const payload = {
    transactionId: said.transactionId,
    ...(said.idTag !== null && { idTag: said.idTag }),
    meterStop: said.meterStopWh,
    timestamp: said.stoppedAt.toISOString(),
    reason: said.reason,
    ...(meterValues.length > 0 && { transactionData: meterValues }),
  };
  return { ...said, text: writeCall(newTraceId(), 'StopTransaction', payload) };
}

/** A MeterValues with the register at a time and its frame. */
export function reading(
  values: Partial<Omit<MeterReading, 'samples' | 'text'>> & {
    readonly sampledAt?: Date;
    readonly registerWh?: number;
    readonly meterValues?: readonly MeterValue[];
  } = {},
): MeterReading {
  const { sampledAt = minute(10), registerWh = 2000, ...given } = values;
  const { meterValues = [registerAt(sampledAt, registerWh)], ...rest } = given;
  const said = { ...provenance('CP1', sampledAt), connectorId: 1, transactionId: undefined, ...rest };
  const { connectorId, transactionId } = said;
  const payload = { connectorId, ...(transactionId !== undefined && { transactionId }), meterValue: meterValues };
  return { ...said, samples: normaliseSamples(meterValues), text: writeCall(newTraceId(), 'MeterValues', payload) };
}

/** One import register value in Wh. */
export function registerAt(sampledAt: Date, registerWh: number): MeterValue {
  return { timestamp: sampledAt.toISOString(), sampledValue: [{ value: String(registerWh), unit: 'Wh' }] };
}

/** A BootNotification. */
export function boot(values: Partial<Boot> = {}): Boot {
  return {
    ...provenance('CP1', values.receivedAt ?? minute(0)),
    vendor: 'Vendor',
    model: 'Model',
    serialNumber: null,
    boxSerialNumber: null,
    firmwareVersion: null,
    iccid: null,
    imsi: null,
    meterType: null,
    meterSerialNumber: null,
    ...values,
  };
}

/** A StatusNotification. */
export function status(values: Partial<ConnectorStatus> = {}): ConnectorStatus {
  const statusAt = values.statusAt === undefined ? minute(0) : values.statusAt;
  return {
    ...provenance('CP1', statusAt ?? minute(0)),
    connectorId: 1,
    status: 'Available',
    errorCode: 'NoError',
    info: null,
    vendorId: null,
    vendorErrorCode: null,
    statusAt,
    ...values,
  };
}
