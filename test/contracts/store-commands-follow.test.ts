import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandRecord } from '@voltgate/shared/ports.ts';
import type { PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { readCommand } from '@voltgate/shared/store/read-commands.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';
import { tellCommand } from '../support/command-records.ts';
import { boot, minute, reading, start, status } from '../support/store-messages.ts';
import { withEveryPool } from '../support/test-store.ts';

const ok = { status: 'Accepted' };
const after = (seconds: number) => new Date(minute(0).getTime() + seconds * 1000);
const event = (kind: string, payload: object, seconds: number) => ({
  chargePointId: 'CP1',
  connectionId: 'c',
  receivedAt: after(seconds),
  traceId: newTraceId(),
  kind,
  requestId: JSON.stringify(payload),
  at: after(seconds),
  payload,
});
type Live = (store: PostgresStore) => Promise<unknown>;

/** What a command waits for: those before the last are not it, the last is. */
const outcomes: readonly (readonly [action: string, payload: object, ...live: Live[]])[] = [
  [
    'RemoteStartTransaction',
    { idTag: 'Tag', connectorId: 2 },
    (store) => store.startTransaction(start({ idTag: 'other', connectorId: 2, startedAt: after(1) })),
    (store) => store.startTransaction(start({ idTag: 'TAG', connectorId: 1, startedAt: after(2) })),
    (store) => store.startTransaction(start({ chargePointId: 'CP2', connectorId: 2, startedAt: after(2) })),
    (store) => store.startTransaction(start({ idTag: 'TAG', connectorId: 2, startedAt: after(200) })),
    (store) => store.startTransaction(start({ idTag: 'TAG', connectorId: 2, startedAt: after(3) })),
  ],
  ['Reset', { type: 'Hard' }, (store) => store.boot(boot({ receivedAt: after(60) }))],
  [
    'TriggerMessage',
    { requestedMessage: 'StatusNotification', connectorId: 2 },
    (store) => store.connectorStatuses([status({ connectorId: 1, statusAt: after(5) })]),
    (store) => store.events([event('DiagnosticsStatusNotification', { status: 'Idle' }, 5)]),
    (store) => store.connectorStatuses([status({ connectorId: 2, statusAt: after(6) })]),
  ],
  [
    'TriggerMessage',
    { requestedMessage: 'MeterValues' },
    (store) => store.meterReadings([reading({ sampledAt: after(5) })]),
  ],
  [
    'TriggerMessage',
    { requestedMessage: 'BootNotification' },
    (store) => store.boot(boot({ receivedAt: after(-5) })),
    (store) => store.boot(boot({ receivedAt: after(5) })),
  ],
  [
    'ExtendedTriggerMessage',
    { requestedMessage: 'LogStatusNotification' },
    (store) => store.events([event('LogStatusNotification', { status: 'Idle' }, 5)]),
  ],
  [
    'ExtendedTriggerMessage',
    { requestedMessage: 'SignChargePointCertificate' },
    (store) => {
      const { chargePointId, connectionId, receivedAt, traceId } = event('', {}, 5);
      return store.certificateRequest({ chargePointId, connectionId, receivedAt, traceId, csr: 'csr' });
    },
  ],
  [
    'UpdateFirmware',
    { location: 'https://example.org/x', retrieveDate: '2026-01-01T00:00:00Z' },
    (store) => store.events([event('FirmwareStatusNotification', { status: 'Downloaded' }, 5)]),
    (store) => store.events([event('FirmwareStatusNotification', { status: 'Installed' }, 6)]),
  ],
  [
    'SignedUpdateFirmware',
    { requestId: 7 },
    (store) => store.events([event('SignedFirmwareStatusNotification', { status: 'Installed', requestId: 6 }, 5)]),
    (store) => store.events([event('SignedFirmwareStatusNotification', { status: 'Installed', requestId: 7 }, 6)]),
  ],
];

async function followOf(store: PostgresStore, commandId: string) {
  return (await readCommand(store.db, commandId))?.follow ?? null;
}

const answeredBy = (action: string, payload: object) => {
  const told = tellCommand(action, payload, { at: minute(0) });
  return { ...told, records: told.answered(action === 'UpdateFirmware' ? {} : ok) };
};

async function clear({ sql }: PostgresStore): Promise<void> {
  for (const table of ['transaction', 'connector', 'charge_point', 'charge_point_event', 'meter_value']) {
    await sql.unsafe(`delete from ${table}`);
  }
  await sql`delete from certificate_request`;
}

withEveryPool('followed commands', (openStore) => {
  test('an accepted command waits for its outcome and nothing else, in both orders', async (t) => {
    const store = await openStore(t);
    for (const [action, payload, ...live] of outcomes) {
      const what = `${action} ${JSON.stringify(payload)}`;
      const { commandId, records } = answeredBy(action, payload);
      await store.commandRecords(records);
      for (const step of live.slice(0, -1)) await step(store);
      assert.equal((await followOf(store, commandId))?.status, 'waiting', what);
      await live.at(-1)?.(store);
      const follow = await followOf(store, commandId);
      assert.equal(follow?.status, 'happened', what);
      assert.ok(follow?.at && follow.detail, what);

      const late = answeredBy(action, payload);
      await store.commandRecords(late.records);
      const found = await followOf(store, late.commandId);
      assert.deepEqual([found?.status, found?.at, found?.detail], ['happened', follow.at, follow.detail], what);
      await clear(store);
    }
  });

  test('what was refused is not followed', async (t) => {
    const store = await openStore(t);
    const refused = tellCommand('Reset', { type: 'Hard' }, { at: minute(0) });
    await store.commandRecords(refused.answered({ status: 'Rejected' }));
    assert.equal(await followOf(store, refused.commandId), null);
  });

  test('a Heartbeat told with its command is what was waited for, in any order and repeated', async (t) => {
    const store = await openStore(t);
    const response = { status: 'Accepted' };
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [2, 3, 2, 3, 0, 1],
    ]) {
      const asked = tellCommand('TriggerMessage', { requestedMessage: 'Heartbeat' }, { at: minute(0) });
      const heartbeatAtMs = after(5).getTime();
      const records = [
        ...asked.answered(response),
        asked.said('answered', { response, atMs: heartbeatAtMs, heartbeatAtMs }),
      ];
      for (const place of order) {
        const record = records[place];
        if (record) await store.commandRecords([record]);
      }
      const shown = await readCommand(store.db, asked.commandId);
      assert.deepEqual([shown?.status, shown?.endedAt], ['answered', new Date(minute(0).getTime() + 20)]);
      assert.deepEqual(shown?.follow?.status, 'happened');
      assert.deepEqual(shown?.follow?.detail, { heartbeatAt: after(5).toISOString() });
    }
    const waiting = answeredBy('TriggerMessage', { requestedMessage: 'Heartbeat' });
    await store.commandRecords(waiting.records);
    assert.equal((await followOf(store, waiting.commandId))?.status, 'waiting');
  });

  test('past its deadline a command is missed, unless its outcome is in the store after all', async (t) => {
    const store = await openStore(t);
    const missed = answeredBy('Reset', { type: 'Hard' });
    const unseen = answeredBy('TriggerMessage', { requestedMessage: 'LogStatusNotification' });
    await store.commandRecords([...missed.records, ...unseen.records]);
    // As an event committed at the same moment would be: kept, and nobody saw the other.
    await store.sql`
      insert into charge_point_event (charge_point_id, kind, request_id, at, received_at, payload)
      values ('CP1', 'LogStatusNotification', '', ${after(5)}, ${after(5)}, '{"status":"Uploaded"}')`;
    assert.equal(await store.missFollowed(after(5 * 60)), 0);
    assert.equal((await followOf(store, missed.commandId))?.status, 'waiting');
    assert.equal(await store.missFollowed(after(10 * 60)), 1);
    assert.equal((await followOf(store, missed.commandId))?.status, 'missed');
    assert.deepEqual((await followOf(store, unseen.commandId))?.detail, { status: 'Uploaded' });
    assert.equal(await store.missFollowed(after(10 * 60)), 0);
  });

  test('a firmware update that fails is missed at once; the version of the next boot is kept', async (t) => {
    const store = await openStore(t);
    const failing = answeredBy('UpdateFirmware', { location: 'https://example.org/x' });
    await store.commandRecords(failing.records);
    await store.events([event('FirmwareStatusNotification', { status: 'DownloadFailed' }, 5)]);
    const failed = await followOf(store, failing.commandId);
    assert.deepEqual([failed?.status, failed?.detail], ['missed', { status: 'DownloadFailed' }]);

    const again = answeredBy('UpdateFirmware', { location: 'https://example.org/x' });
    const records: readonly CommandRecord[] = again.records;
    await store.sql`delete from charge_point_event`;
    await store.commandRecords(records);
    await store.events([event('FirmwareStatusNotification', { status: 'Installed' }, 50)]);
    await store.boot(boot({ receivedAt: after(60), firmwareVersion: '2.0' }));
    const follow = await followOf(store, again.commandId);
    assert.equal(follow?.status, 'happened');
    assert.deepEqual(follow?.detail, {
      status: 'Installed',
      firmwareVersion: '2.0',
      bootAt: after(60).toISOString(),
    });
  });

  test('a driver who starts again after a reboot of the charge point is no second transaction', async (t) => {
    const store = await openStore(t);
    await store.sql`insert into id_tag (id_tag, display_id_tag) values ('tag', 'TAG')`;
    const begin = async (minutes: number, connectorId: number) =>
      (await store.startTransaction(start({ startedAt: minute(minutes), connectorId }))).idTagInfo.status;
    assert.equal(await begin(0, 1), 'Accepted');
    assert.equal(await begin(1, 2), 'ConcurrentTx');
    await store.boot(boot({ receivedAt: minute(2) }));
    assert.equal(await begin(3, 1), 'Accepted');
    assert.equal(await begin(4, 2), 'ConcurrentTx');
    // A Start from before, told only now, supersedes nothing.
    assert.equal(await begin(2, 1), 'ConcurrentTx');
  });
});
