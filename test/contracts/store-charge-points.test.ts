import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upsertApiKey, upsertChargePoint, upsertIdTag } from '@voltgate/shared/store/administration.ts';
import type { PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';
import { boot, minute, start, status } from '../support/store-messages.ts';
import { withEveryPool } from '../support/test-store.ts';

const chargePoint = async (store: PostgresStore) => (await store.sql`select * from charge_point`)[0];
const connector = async (store: PostgresStore) => (await store.sql`select * from connector`)[0];
const never = new Date('1970-01-01T00:10:00Z');

withEveryPool('charge points', (openStore) => {
  test('an unknown charge point is nobody, or adopted', async (t) => {
    const store = await openStore(t);
    assert.equal(await store.identify('CP1', false), null);
    const adopted = {
      chargePointId: 'CP1',
      registrationStatus: 'Accepted',
      credential: null,
      securityProfile: null,
      tolerant: false,
      vendor: null,
      model: null,
    };
    assert.deepEqual(await store.identify('CP1', true), adopted);
    assert.deepEqual(await store.identify('CP1', false), adopted);
    assert.equal((await chargePoint(store))?.adopted, true);
  });

  test('what an operator sets up is what the charge point is known by', async (t) => {
    const store = await openStore(t);
    await upsertChargePoint(store.db, { chargePointId: 'CP1', credential: 'hash', registrationStatus: 'Pending' });
    await upsertChargePoint(store.db, { chargePointId: 'CP1', tolerant: true });
    assert.partialDeepStrictEqual(await store.identify('CP1', true), {
      credential: 'hash',
      registrationStatus: 'Pending',
      tolerant: true,
    });
  });

  test('a boot is answered with the registration status and keeps what the charger says of itself', async (t) => {
    const store = await openStore(t);
    await upsertChargePoint(store.db, { chargePointId: 'CP1', registrationStatus: 'Pending' });
    assert.equal((await store.boot(boot({ vendor: 'V\0', firmwareVersion: '2' }))).registrationStatus, 'Pending');
    assert.equal((await store.boot(boot({ chargePointId: 'CP2' }))).registrationStatus, 'Accepted');
    assert.partialDeepStrictEqual((await store.sql`select * from charge_point where charge_point_id = 'CP1'`)[0], {
      vendor: 'V\uFFFD',
      firmwareVersion: '2',
    });
  });

  test('an older boot changes nothing', async (t) => {
    const store = await openStore(t);
    await store.boot(boot({ receivedAt: minute(20), firmwareVersion: 'new' }));
    await store.startTransaction(start({ startedAt: minute(5), receivedAt: minute(6) }));
    await store.boot(boot({ receivedAt: minute(10), firmwareVersion: 'old' }));
    assert.partialDeepStrictEqual(await chargePoint(store), { firmwareVersion: 'new', bootAt: minute(20) });
    assert.equal((await store.sql`select status from transaction`)[0]?.status, 'active');
  });

  test('last seen only moves forward', async (t) => {
    const store = await openStore(t);
    await store.identify('CP1', true);
    await store.seen([
      { chargePointId: 'CP1', seenAtMs: minute(5).getTime() },
      { chargePointId: 'CP1', seenAtMs: minute(4).getTime() },
    ]);
    await store.seen([
      { chargePointId: 'CP1', seenAtMs: minute(3).getTime() },
      { chargePointId: 'unknown', seenAtMs: 1 },
    ]);
    assert.deepEqual((await chargePoint(store))?.lastSeenAt, minute(5));
  });

  test('the newest status by charger time wins, in any order and within one set', async (t) => {
    const store = await openStore(t);
    await store.connectorStatuses([
      status({ status: 'Charging', statusAt: minute(2) }),
      status({ status: 'Preparing', statusAt: minute(1), receivedAt: minute(3) }),
    ]);
    await store.connectorStatuses([status({ status: 'Available', statusAt: minute(0), receivedAt: minute(4) })]);
    assert.equal((await connector(store))?.status, 'Charging');
    assert.equal((await store.sql`select from connector_status`).length, 3);
  });

  test('a status that comes twice is in the history once', async (t) => {
    const store = await openStore(t);
    const message = status();
    await store.connectorStatuses([message, message]);
    await store.connectorStatuses([message]);
    assert.equal((await store.sql`select from connector_status`).length, 1);
  });

  test('a status stamped in the future does not win for ever', async (t) => {
    const store = await openStore(t);
    await store.connectorStatuses([status({ status: 'Faulted', statusAt: minute(600), receivedAt: minute(1) })]);
    await store.connectorStatuses([status({ status: 'Available', statusAt: minute(2) })]);
    assert.equal((await connector(store))?.status, 'Available');
  });

  test('a clock that was never set does not win over a set one, but it does after a boot', async (t) => {
    const store = await openStore(t);
    await store.connectorStatuses([status({ status: 'Charging', statusAt: minute(1) })]);
    await store.connectorStatuses([status({ status: 'Available', statusAt: never, receivedAt: minute(2) })]);
    assert.equal((await connector(store))?.status, 'Charging');
    await store.boot(boot({ receivedAt: minute(3) }));
    await store.connectorStatuses([status({ status: 'Unavailable', statusAt: never, receivedAt: minute(4) })]);
    assert.partialDeepStrictEqual(await connector(store), { status: 'Unavailable', flags: ['implausible-clock'] });
  });

  test('odd statuses of the whole charge point are kept and flagged', async (t) => {
    const store = await openStore(t);
    await store.connectorStatuses([
      status({ connectorId: 0, status: 'Charging', info: 'a "quoted\\" \0 text', statusAt: null }),
    ]);
    assert.partialDeepStrictEqual(await connector(store), {
      status: 'Charging',
      flags: ['connector-0-status'],
      info: 'a "quoted\\" \uFFFD text',
    });
  });

  test('the clock skew is the greatest seen since the boot', async (t) => {
    const store = await openStore(t);
    await store.boot(boot({ receivedAt: minute(0) }));
    await store.connectorStatuses([
      status({ statusAt: minute(1), receivedAt: minute(2) }),
      status({ statusAt: minute(2), receivedAt: minute(10) }),
      status({ statusAt: never, receivedAt: minute(2) }),
    ]);
    assert.equal((await chargePoint(store))?.clockSkewMs, -60_000);
    await store.boot(boot({ receivedAt: minute(20) }));
    assert.equal((await chargePoint(store))?.clockSkewMs, null);
  });

  test('Authorize knows blocked, expired, unknown and child tags, and never says ConcurrentTx', async (t) => {
    const store = await openStore(t);
    await upsertIdTag(store.db, { idTag: 'Good' });
    await upsertIdTag(store.db, { idTag: 'Bad', status: 'Blocked' });
    await upsertIdTag(store.db, { idTag: 'Old', expiresAt: minute(1) });
    await upsertIdTag(store.db, { idTag: 'Child', parentIdTag: 'BAD' });
    await upsertIdTag(store.db, { idTag: 'Orphan', parentIdTag: 'Nobody' });
    await store.startTransaction(start({ idTag: 'GOOD' }));
    const statusOf = async (idTag: string) => (await store.authorize(idTag, minute(1))).status;
    assert.equal(await statusOf('gOOd'), 'Accepted');
    assert.equal(await statusOf('bad'), 'Blocked');
    assert.equal(await statusOf('old'), 'Expired');
    assert.equal(await statusOf('child'), 'Blocked');
    assert.equal(await statusOf('orphan'), 'Accepted');
    assert.equal(await statusOf('x\0'), 'Invalid');
    assert.deepEqual(await store.authorize('child', minute(0)), { status: 'Blocked', parentIdTag: 'Bad' });
  });

  test('events, certificate requests and dead letters are kept once', async (t) => {
    const store = await openStore(t);
    const from = { chargePointId: 'CP1', connectionId: 'c', receivedAt: minute(1), traceId: newTraceId() };
    const event = {
      ...from,
      kind: 'LogStatusNotification',
      requestId: '',
      at: minute(1),
      payload: { a: 'x\0\uD800', n: 2n ** 70n },
    };
    await store.events([event, event, { ...event, at: minute(2) }]);
    await store.events([event]);
    const events = await store.sql`select payload from charge_point_event order by at`;
    assert.equal(events.length, 2);
    assert.equal(events[0]?.payload.a, 'x\uFFFD\uFFFD');
    for (const _ of [1, 2]) {
      await store.certificateRequest({ ...from, csr: 'CSR' });
      await store.deadLetter({ ...from, action: 'X', receivedAtMs: minute(1).getTime(), text: '[2,"\0"]' }, 'bad');
    }
    assert.equal((await store.sql`select from certificate_request`).length, 1);
    assert.equal((await store.sql`select from dead_letter`).length, 1);
  });

  test('an API key is found by the key itself, and only its digest is kept', async (t) => {
    const store = await openStore(t);
    await upsertApiKey(store.db, { key: 'secret', name: 'launcher', role: 'admin' });
    await upsertApiKey(store.db, { key: 'secret', name: 'launcher', role: 'viewer' });
    assert.deepEqual(await store.findApiKey('secret'), { name: 'launcher', role: 'viewer' });
    assert.equal(await store.findApiKey('Secret'), null);
    assert.ok(!JSON.stringify(await store.sql`select * from api_key`).includes('secret'));
  });
});
