import assert from 'node:assert/strict';
import type { Report } from '../support/charge-point/charge-point.ts';
import type { Cluster } from '../support/cluster.ts';
import { until } from '../support/until.ts';

type Shown = {
  readonly id: number;
  readonly startedAt: string;
  readonly meterStartWh: number;
  readonly energyWh: number | null;
  readonly status: string;
};
type ShownSample = {
  readonly transactionId: number | null;
  readonly sampledAt: string;
  readonly measurand: string;
  readonly context: string;
  /** Null when the text of `value` is what was sent. */
  readonly rawValue: string | null;
  readonly value: number | null;
};

type Api = { readonly url: string; readonly key: string };

/** What was compared. */
export type Reconciled = { readonly transactions: number; readonly energyWh: number; readonly samples: number };

/**
 * Compares what chargers say happened with what the API shows: every transaction once, under the id the charger was given,
 * with exactly its energy, and every acknowledged sample. Asks the gateway of that number. Throws on the first difference.
 */
export async function reconcile(cluster: Cluster, reports: readonly Report[], gateway = 0): Promise<Reconciled> {
  const api: Api = { url: cluster.gateways[gateway]?.apiUrl ?? '', key: cluster.apiKey };
  const total = { transactions: 0, energyWh: 0, samples: 0 };
  for (const report of reports) {
    const shown = await all<Shown>(api, `/api/v1/charge-points/${report.chargePointId}/transactions`);
    const told = report.transactions.filter(({ forgotten }) => !forgotten);
    assert.equal(shown.length, told.length, `${report.chargePointId}: transactions`);
    for (const transaction of told) {
      const name = `${report.chargePointId} transaction ${transaction.transactionId}`;
      const row = shown.find(({ id }) => id === transaction.transactionId);
      assert.ok(row, `${name} is not stored`);
      assert.equal(new Set(transaction.transactionIds).size, 1, `${name}: a retried Start got another id`);
      assert.deepEqual(
        [row.status, row.energyWh, row.meterStartWh],
        ['stopped', transaction.energyWh, transaction.meterStartWh],
        name,
      );
      total.transactions += 1;
      total.energyWh += transaction.energyWh;
    }
    const samples = await until(
      async () => {
        const rows = await samplesOf(
          api,
          told.map(({ transactionId }) => transactionId ?? 0),
        );
        const missing = report.samples.filter(
          (sample) =>
            !rows.has(keyOf(sample.transactionId, sample.timestamp, sample.measurand, sample.context, sample.value)),
        );
        if (missing.length > 0)
          throw new Error(
            `${missing.length} acknowledged samples are not stored, the first is ${JSON.stringify(missing[0])}`,
          );
        return rows;
      },
      { withinMs: 60_000, everyMs: 500, what: `all acknowledged samples of ${report.chargePointId}` },
    );
    total.samples += samples.size;
  }
  return total;
}

async function samplesOf(api: Api, transactionIds: readonly number[]): Promise<Set<string>> {
  const keys: string[] = [];
  for (const transactionId of transactionIds) {
    const rows = await all<ShownSample>(api, `/api/v1/transactions/${transactionId}/meter-values`);
    keys.push(
      ...rows.map((row) =>
        keyOf(row.transactionId, row.sampledAt, row.measurand, row.context, row.rawValue ?? String(row.value)),
      ),
    );
  }
  assert.equal(new Set(keys).size, keys.length, 'a sample is stored twice');
  return new Set(keys);
}

function keyOf(
  transactionId: number | null,
  at: string,
  measurand: string,
  context: string | null,
  value: string,
): string {
  return [transactionId, new Date(at).toISOString(), measurand, context ?? 'Sample.Periodic', value].join(' ');
}

type Page<T> = { readonly items: readonly T[]; readonly nextCursor: string | null };

async function all<T>(api: Api, path: string): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page<T> = await get<Page<T>>(api, `${path}?limit=500${cursor && `&cursor=${cursor}`}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

async function get<T>(api: Api, path: string): Promise<T> {
  const response = await fetch(`${api.url}${path}`, { headers: { 'x-api-key': api.key } });
  assert.equal(response.status, 200, `GET ${path}`);
  return (await response.json()) as T;
}
