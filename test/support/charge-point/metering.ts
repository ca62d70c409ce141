import type { Connector } from './connector.ts';
import type { Inside } from './inside.ts';
import { advance, ENERGY, type MeterValue, sample } from './meter.ts';
import type { Entry } from './outbox.ts';
import { pause } from './pause.ts';
import type { AcknowledgedSample, Transaction } from './transaction.ts';

/** Transactions whose energy is told by the story: from its first given reading on no energy flows by the clock. */
const told = new WeakSet<Transaction>();
const sampling = new WeakSet<Transaction>();

/** Takes a reading and puts it in the outbox. Undefined when no transaction runs. */
export function meter(
  inside: Inside,
  connector: Connector,
  wh?: number,
  context = 'Sample.Periodic',
): Entry | undefined {
  const transaction = connector.transaction;
  if (!transaction) return undefined;
  const { quirks } = inside.settings;
  flow(inside, connector, transaction, wh);
  transaction.readings += 1;
  if (quirks.has('register-reset') && transaction.readings === 2) connector.registerWh = 0;
  const meterValue = [takeReading(inside, connector, context)];
  const id = () => {
    if (quirks.has('transaction-id-missing')) return undefined;
    if (quirks.has('transaction-id-zero')) return 0;
    return transaction.transactionId;
  };
  return inside.outbox.push({
    action: 'MeterValues',
    payload: () => ({ connectorId: connector.id, transactionId: id(), meterValue }),
    confirm: () => {
      acknowledge(inside, transaction, meterValue, 'MeterValues', id() ?? null);
      return 'done';
    },
    giveUp: () => undefined,
  });
}

/** The reading of a connector now, with the measurands the configuration asks for. */
export function takeReading(
  inside: Inside,
  connector: Connector,
  context: string,
  key = 'MeterValuesSampledData',
): MeterValue {
  const { clock, configuration, settings } = inside;
  const measurands = configuration.text(key).split(',').filter(Boolean);
  return {
    timestamp: clock.text(clock.stampMs()),
    sampledValue: sample(connector, measurands, context, settings.powerW, settings.quirks),
  };
}

/** Lets energy flow up to now: as told, else by the clock. */
export function flow(inside: Inside, connector: Connector, transaction: Transaction, wh?: number): void {
  if (wh !== undefined) told.add(transaction);
  advance(connector, inside.clock.nowMs(), inside.settings.powerW, wh ?? (told.has(transaction) ? 0 : undefined));
}

/** Takes readings at the interval for as long as the transaction runs; a second call for the same one does nothing. */
export async function sampleByItself(
  inside: Inside,
  connector: Connector,
  transaction: Transaction,
  given?: number,
): Promise<void> {
  if (sampling.has(transaction)) return;
  sampling.add(transaction);
  const signal = inside.signal();
  const seconds = () => given ?? inside.configuration.number('MeterValueSampleInterval');
  while (connector.transaction === transaction && seconds() > 0) {
    if (!(await pause(inside.clock.realMs(seconds()), signal))) break;
    if (connector.transaction === transaction) meter(inside, connector);
  }
  sampling.delete(transaction);
}

/** Counts the samples of an answered message, and keeps them. */
export function acknowledge(
  inside: Inside,
  transaction: Transaction,
  meterValues: readonly MeterValue[],
  message: AcknowledgedSample['message'],
  transactionId: number | null,
): void {
  for (const { timestamp, sampledValue } of meterValues) {
    transaction.samplesAcknowledged += sampledValue.length;
    inside.tally.samplesAcknowledged += sampledValue.length;
    if (!inside.settings.keepSamples) continue;
    for (const { measurand, phase, unit, context, value } of sampledValue) {
      inside.samples.push({
        connectorId: transaction.connectorId,
        transactionId,
        timestamp,
        measurand: measurand ?? ENERGY,
        phase: phase ?? null,
        unit: unit ?? null,
        context: context ?? null,
        value,
        message,
      });
    }
  }
}
