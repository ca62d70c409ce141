import { type Connector, idleStatus, type Status } from './connector.ts';
import type { Inside } from './inside.ts';
import { advance, ENERGY, type MeterValue } from './meter.ts';
import { acknowledge, flow, sampleByItself } from './metering.ts';
import type { Entry } from './outbox.ts';
import type { StatusDetails } from './statuses.ts';
import { createTransaction, type Transaction } from './transaction.ts';
import { asPayload, type Payload } from './wire.ts';

export type Start = {
  readonly idTag: string;
  readonly reservationId?: number | undefined;
  /** Charger seconds between two readings it takes by itself; default MeterValueSampleInterval; 0 = none. */
  readonly meterIntervalSeconds?: number | undefined;
};

export type Stop = {
  readonly reason?: string | undefined;
  readonly idTag?: string | undefined;
  /** Energy since the last reading; default by the clock, or 0 in a transaction that was given its energy before. */
  readonly wh?: number | undefined;
  /** Adds the first and the last reading as transactionData. */
  readonly transactionData?: boolean | undefined;
};

/** The id, by custom, of a transaction whose StartTransaction was given up. */
const NO_TRANSACTION = -1;
/** StartTransactions held back by the quirk until their StopTransaction has been put before them. */
const heldStarts = new WeakMap<Transaction, () => void>();

/** Moves a connector to a status and tells it, unless it is there already. */
export function moveTo(inside: Inside, connector: Connector, status: Status, details: StatusDetails = {}): void {
  const errorCode = details.errorCode ?? 'NoError';
  if (connector.status === status && connector.errorCode === errorCode) return;
  connector.status = status;
  connector.errorCode = errorCode;
  inside.statuses.tell(connector, details);
}

/** Starts a transaction on a connector without waiting for its confirmation. */
export function start(inside: Inside, connector: Connector, given: Start): { transaction: Transaction; entry?: Entry } {
  const { clock, outbox, settings } = inside;
  const stampMs = clock.stampMs();
  advance(connector, clock.nowMs(), 0);
  const transaction = createTransaction(connector.id, given.idTag, clock.text(stampMs), connector.registerWh);
  connector.transaction = transaction;
  connector.pluggedIn = true;
  inside.transactions.push(transaction);
  const reservationId = given.reservationId ?? connector.reservation?.id;
  connector.reservation = undefined;
  const payload: Payload = {
    connectorId: connector.id,
    idTag: given.idTag,
    meterStart: transaction.meterStartWh,
    timestamp: transaction.startedAt,
    ...(reservationId === undefined ? {} : { reservationId }),
  };
  let conf = 0;
  const pushStart = () =>
    outbox.push({
      action: 'StartTransaction',
      payload: () => payload,
      confirm: (answer) => {
        conf += 1;
        if (typeof answer.transactionId === 'number') transaction.transactionIds.push(answer.transactionId);
        if (settings.quirks.has('start-conf-lost') && conf === 1) return 'again';
        confirmStart(inside, connector, transaction, answer);
        return 'done';
      },
      giveUp: () => {
        transaction.transactionId = NO_TRANSACTION;
      },
    });
  moveTo(inside, connector, 'Charging');
  void sampleByItself(inside, connector, transaction, given.meterIntervalSeconds);
  if (settings.quirks.has('stop-before-start')) {
    heldStarts.set(transaction, pushStart);
    return { transaction };
  }
  return { transaction, entry: pushStart() };
}

function confirmStart(inside: Inside, connector: Connector, transaction: Transaction, conf: Payload): void {
  const status = String(asPayload(conf.idTagInfo).status ?? 'Accepted');
  transaction.transactionId = Number(conf.transactionId ?? NO_TRANSACTION);
  transaction.idTagStatuses.push(status);
  transaction.startConfirmed = true;
  if (status === 'Accepted' || connector.transaction !== transaction) return;
  if (inside.configuration.flag('StopTransactionOnInvalidId')) stop(inside, connector, { reason: 'DeAuthorized' });
}

/** Ends the transaction of a connector without waiting for the confirmation. Undefined when none runs. */
export function stop(
  inside: Inside,
  connector: Connector,
  given: Stop,
): { transaction: Transaction; entry: Entry } | undefined {
  const transaction = connector.transaction;
  if (!transaction) return undefined;
  const { clock, configuration, outbox, settings } = inside;
  flow(inside, connector, transaction, given.wh);
  transaction.stoppedAt = clock.text(clock.stampMs());
  transaction.meterStopWh = connector.registerWh;
  transaction.reason = given.reason ?? 'Local';
  connector.transaction = undefined;
  const withData = given.transactionData ?? configuration.text('StopTxnSampledData') !== '';
  const transactionData = withData ? firstAndLast(transaction) : undefined;
  const content: Payload = {
    meterStop: transaction.meterStopWh,
    timestamp: transaction.stoppedAt,
    ...(given.idTag === undefined ? {} : { idTag: given.idTag }),
    ...(transaction.reason === 'Local' ? {} : { reason: transaction.reason }),
    ...(transactionData ? { transactionData } : {}),
  };
  const release = heldStarts.get(transaction);
  const pushStop = () =>
    outbox.push({
      action: 'StopTransaction',
      payload: () => ({ transactionId: release ? NO_TRANSACTION : transaction.transactionId, ...content }),
      confirm: () => {
        if (transactionData && !transaction.stopConfirmed) {
          acknowledge(inside, transaction, transactionData, 'StopTransaction', transaction.transactionId ?? null);
        }
        transaction.stopConfirmed = true;
        return 'done';
      },
      giveUp: () => undefined,
    });
  const entry = pushStop();
  if (settings.quirks.has('duplicate-stop')) pushStop();
  release?.();
  moveTo(inside, connector, 'Finishing');
  return { transaction, entry };
}

function firstAndLast({ startedAt, meterStartWh, stoppedAt, meterStopWh }: Transaction): MeterValue[] {
  const value = (timestamp: string, context: string, wh: number): MeterValue => ({
    timestamp,
    sampledValue: [{ value: String(wh), context, measurand: ENERGY, unit: 'Wh' }],
  });
  return [
    value(startedAt, 'Transaction.Begin', meterStartWh),
    value(stoppedAt ?? startedAt, 'Transaction.End', meterStopWh ?? meterStartWh),
  ];
}

/** Takes the cable out; a running transaction ends with it. */
export function unplug(inside: Inside, connector: Connector): void {
  stop(inside, connector, { reason: 'EVDisconnected' });
  connector.pluggedIn = false;
  connector.operative = connector.scheduledOperative ?? connector.operative;
  connector.scheduledOperative = undefined;
  moveTo(inside, connector, idleStatus(connector));
}
