import { after, before, describe, type TestContext } from 'node:test';
import { createStore, type PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

/** Opens a store on an empty database; it is closed when the test ends. */
export type OpenStore = (t: TestContext) => Promise<PostgresStore>;

const TABLES = [
  'charging_profile',
  'reservation',
  'availability_intent',
  'configuration_key',
  'command',
  'api_key',
  'certificate_request',
  'charge_point',
  'charge_point_event',
  'connector',
  'connector_status',
  'dead_letter',
  'id_tag',
  'meter_value',
  'orphan',
  'transaction',
  'unknown_charge_point',
  'vocabulary',
];

/**
 * Declares the same tests for a pool of ten connections and for a pool of one: what waits for a second connection while it
 * holds the only one never ends.
 */
export function withEveryPool(name: string, declare: (openStore: OpenStore, poolSize: number) => void): void {
  for (const poolSize of [10, 1]) {
    describe(`${name}, pool of ${poolSize}`, { timeout: 180_000 }, () => {
      let database: TestDatabase | undefined;
      before(async () => {
        database = await createTestDatabase();
      });
      after(async () => {
        await database?.drop();
      });
      declare(async (t) => openEmptyStore(t, database?.url ?? '', poolSize), poolSize);
    });
  }
}

async function openEmptyStore(t: TestContext, url: string, poolSize: number): Promise<PostgresStore> {
  const store = createStore({ url, poolSize, applicationName: 'test' });
  t.after(() => store.close());
  await store.sql.unsafe(TABLES.map((table) => `delete from ${table}`).join(';'));
  return store;
}
