/** One transaction as the charger itself counts it. */
export type Transaction = {
  readonly connectorId: number;
  readonly idTag: string;
  readonly startedAt: string;
  readonly meterStartWh: number;
  /** Undefined until a StartTransaction was confirmed; -1 when its StartTransaction was given up. */
  transactionId: number | undefined;
  /** The id of every StartTransaction.conf, in order: a retried one must bring the same. */
  readonly transactionIds: number[];
  /** The status of every idTagInfo that came with them. */
  readonly idTagStatuses: string[];
  startConfirmed: boolean;
  stoppedAt: string | undefined;
  meterStopWh: number | undefined;
  reason: string | undefined;
  stopConfirmed: boolean;
  /** Energy that really flowed, whatever the register shows. */
  energyWh: number;
  readings: number;
  samplesAcknowledged: number;
  /** True when a crash erased it: its stop is never told. */
  forgotten: boolean;
};

/** A sampled value in a message the central system has answered. */
export type AcknowledgedSample = {
  readonly connectorId: number;
  readonly transactionId: number | null;
  /** Charger time as sent. */
  readonly timestamp: string;
  readonly measurand: string;
  readonly phase: string | null;
  readonly unit: string | null;
  readonly context: string | null;
  readonly value: string;
  readonly message: 'MeterValues' | 'StopTransaction';
};

/** A new transaction, not yet confirmed. */
export function createTransaction(
  connectorId: number,
  idTag: string,
  startedAt: string,
  meterStartWh: number,
): Transaction {
  return {
    connectorId,
    idTag,
    startedAt,
    meterStartWh,
    transactionId: undefined,
    transactionIds: [],
    idTagStatuses: [],
    startConfirmed: false,
    stoppedAt: undefined,
    meterStopWh: undefined,
    reason: undefined,
    stopConfirmed: false,
    energyWh: 0,
    readings: 0,
    samplesAcknowledged: 0,
    forgotten: false,
  };
}
