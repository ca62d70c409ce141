import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { migrate } from '@voltgate/migrations/migrate.ts';
import { dropPartitionsBefore, ensurePartitions } from '@voltgate/shared/store/partitions.ts';
import { createStore, type PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { reading } from '../support/store-messages.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const day = (text: string) => new Date(`${text}T12:00:00.000Z`);
let database: TestDatabase;
let store: PostgresStore;

before(async () => {
  database = await createTestDatabase();
  store = createStore({ url: database.url, poolSize: 5 });
});
after(async () => {
  await store.close();
  await database.drop();
});

const sampledAt = (chargePointId: string, at: Date) =>
  store.meterReadings([reading({ chargePointId, sampledAt: at, receivedAt: at })]);
const homes = async () => {
  const rows = await store.sql`select tableoid::regclass::text as home, charge_point_id from meter_value order by 2`;
  return Object.fromEntries(rows.map((row) => [row.chargePointId, row.home]));
};

test('samples go to the partition of their UTC day, those of no known day to the default one', async () => {
  const today = new Date();
  await sampledAt('today', today);
  await sampledAt('long-ago', new Date('1970-01-01T00:00:00Z'));
  assert.deepEqual(await homes(), {
    today: `meter_value_${today.toISOString().slice(0, 10).replaceAll('-', '')}`,
    'long-ago': 'meter_value_default',
  });
});

test('a partition that comes late takes its rows over from the default one', async () => {
  await sampledAt('early', new Date('2031-05-05T00:00:00.000Z'));
  await sampledAt('next', new Date('2031-05-06T00:00:00.000Z'));
  const period = { from: day('2031-05-05'), to: day('2031-05-05') };
  const made = await Promise.all([ensurePartitions(store.sql, period), ensurePartitions(store.sql, period)]);
  assert.deepEqual(made.flat(), ['meter_value_20310505']);
  assert.deepEqual(await ensurePartitions(store.sql, period), []);
  assert.partialDeepStrictEqual(await homes(), { early: 'meter_value_20310505', next: 'meter_value_default' });
  await sampledAt('early', new Date('2031-05-05T00:00:00.000Z'));
  assert.equal((await store.sql`select from meter_value where charge_point_id = 'early'`).length, 1);
});

test('partitions are made while samples come in', async () => {
  // As a worker does it: what the making of a partition overtook is routed anew.
  const again = async (id: string): Promise<void> =>
    sampledAt(id, day('2031-07-01')).catch((error: unknown) => {
      if (!store.isTransient(error)) throw error;
      return again(id);
    });
  const messages = Array.from({ length: 40 }, (_, n) => again(`busy${n}`));
  await Promise.all([...messages, ensurePartitions(store.sql, { from: day('2031-07-01'), to: day('2031-07-03') })]);
  const rows =
    await store.sql`select distinct tableoid::regclass::text as home from meter_value where charge_point_id like 'busy%'`;
  assert.deepEqual([...rows], [{ home: 'meter_value_20310701' }]);
});

test('old partitions are dropped whole, young ones stay', async () => {
  await ensurePartitions(store.sql, { from: day('2020-01-01'), to: day('2020-01-03') });
  await sampledAt('kept', day('2020-01-03'));
  const dropped = await dropPartitionsBefore(store.sql, new Date('2020-01-03T00:00:00Z'));
  assert.deepEqual(dropped, ['meter_value_20200101', 'meter_value_20200102']);
  assert.partialDeepStrictEqual(await homes(), { kept: 'meter_value_20200103' });
});

test('migrate runs again and several at a time without harm', async () => {
  await Promise.all([migrate(database.url), migrate(database.url), migrate(database.url)]);
  const names = await store.sql`select hash from drizzle.__drizzle_migrations`;
  assert.equal(new Set(names.map(({ hash }) => hash)).size, names.length);
});

test('a transaction is only pruned to the partitions it needs and has its index', async () => {
  const plan = await store.sql`explain select from meter_value where transaction_id = 7 and transaction_id <> 0
    and sampled_at >= '2031-05-05' and sampled_at < '2031-05-06'`;
  const text = plan.map((row) => row['QUERY PLAN'] ?? Object.values(row)[0]).join('\n');
  assert.match(text, /meter_value_20310505/);
  assert.doesNotMatch(text, /meter_value_20310701/);
});

test('the days ahead that have a partition are counted up to the first gap', async () => {
  const ahead = async () => (await store.partitionDaysAhead()).meter_value;
  await store.ensurePartitions();
  const before = await ahead();
  assert.ok(before >= 7, `${before} days`);
  const third = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
  await store.sql`drop table ${store.sql(`meter_value_${third}`)}`;
  assert.equal(await ahead(), 2);
  await store.ensurePartitions();
  assert.equal(await ahead(), before);
});
