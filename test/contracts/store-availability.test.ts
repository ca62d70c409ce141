import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { tellCommand } from '../support/command-records.ts';
import { boot, minute, status } from '../support/store-messages.ts';
import { withEveryPool } from '../support/test-store.ts';

/** Answered at a minute; CP1 is online. */
async function intend(store: PostgresStore, at: number, payload: object): Promise<void> {
  const { answered } = tellCommand('ChangeAvailability', payload, { at: minute(at) });
  await store.commandRecords(answered({ status: 'Scheduled' }));
}

async function comeOnline(store: PostgresStore): Promise<void> {
  await store.boot(boot({ receivedAt: minute(0) }));
  await store.sql`update charge_point set online = true`;
}

const inoperative = { connectorId: 1, type: 'Inoperative' };
const due = [{ chargePointId: 'CP1', intents: [inoperative] }];

withEveryPool('availability after a boot', (openStore) => {
  test('what was to be Inoperative is given once per boot, whoever asks', async (t) => {
    const store = await openStore(t);
    await comeOnline(store);
    await intend(store, 1, inoperative);
    assert.deepEqual(await store.takeReapplications(minute(60)), []);
    await store.boot(boot({ receivedAt: minute(10) }));
    assert.deepEqual(await store.takeReapplications(minute(10)), []);
    const taken = await Promise.all([store.takeReapplications(minute(11)), store.takeReapplications(minute(11))]);
    assert.deepEqual(taken.flat(), due);
    await store.boot(boot({ receivedAt: minute(20) }));
    assert.deepEqual(await store.takeReapplications(minute(21)), due);
    assert.deepEqual(await store.takeReapplications(minute(21)), []);
  });

  test('it waits for a charge point that is away or not accepted', async (t) => {
    const store = await openStore(t);
    await comeOnline(store);
    await intend(store, 1, inoperative);
    await store.boot(boot({ receivedAt: minute(10) }));
    await store.sql`update charge_point set online = false`;
    assert.deepEqual(await store.takeReapplications(minute(11)), []);
    await store.sql`update charge_point set online = true, registration_status = 'Pending'`;
    assert.deepEqual(await store.takeReapplications(minute(11)), []);
    await store.sql`update charge_point set registration_status = 'Accepted'`;
    assert.deepEqual(await store.takeReapplications(minute(11)), due);
  });

  test('only a status since the boot says that it was not forgotten', async (t) => {
    const store = await openStore(t);
    await comeOnline(store);
    await intend(store, 1, inoperative);
    await store.connectorStatuses([status({ status: 'Unavailable', statusAt: minute(5), receivedAt: minute(5) })]);
    await store.boot(boot({ receivedAt: minute(10) }));
    assert.deepEqual(await store.takeReapplications(minute(11)), due);
    await store.boot(boot({ receivedAt: minute(20) }));
    await store.connectorStatuses([status({ status: 'Unavailable', statusAt: minute(21), receivedAt: minute(21) })]);
    assert.deepEqual(await store.takeReapplications(minute(22)), []);
  });

  test('an Operative for the whole charge point outdates what was to be Inoperative', async (t) => {
    const store = await openStore(t);
    await comeOnline(store);
    await intend(store, 2, { connectorId: 0, type: 'Operative' });
    await intend(store, 1, inoperative);
    await store.boot(boot({ receivedAt: minute(10) }));
    assert.deepEqual(await store.takeReapplications(minute(11)), []);
  });
});
