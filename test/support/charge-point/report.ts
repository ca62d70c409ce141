import type { Inside } from './inside.ts';
import type { Tally } from './tally.ts';
import type { AcknowledgedSample, Transaction } from './transaction.ts';

/** What the charger itself says happened: what the central system's rows are compared with. Plain JSON. */
export type Report = Tally & {
  readonly chargePointId: string;
  /** In the order they began. */
  readonly transactions: readonly Readonly<Transaction>[];
  /** Every acknowledged sample, if they are kept; else only `samplesAcknowledged` counts them. */
  readonly samples: readonly AcknowledgedSample[];
  /** Energy of all transactions. */
  readonly energyWh: number;
  /** Transaction-related messages not answered yet. */
  readonly pending: number;
};

/** A snapshot of one charger. */
export function createReport({ settings, tally, transactions, samples, outbox }: Inside): Report {
  return {
    chargePointId: settings.id,
    ...structuredClone(tally),
    transactions: structuredClone(transactions),
    samples: [...samples],
    energyWh: transactions.reduce((sum, { energyWh }) => sum + energyWh, 0),
    pending: outbox.length(),
  };
}
