import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandRecord } from '@voltgate/shared/ports.ts';
import { upsertChargePoint } from '@voltgate/shared/store/administration.ts';
import type { PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { readCommand, readCommands } from '@voltgate/shared/store/read-commands.ts';
import fc from 'fast-check';
import { tellCommand } from '../support/command-records.ts';
import { minute, start } from '../support/store-messages.ts';
import { withEveryPool } from '../support/test-store.ts';

const RUNS = 30;
const seed = Number(process.env.FAST_CHECK_SEED ?? 20260131);
const ok = { status: 'Accepted' };
const at = (minutes: number) => ({ at: minute(minutes) });
const profile = (chargingProfileId: number, stackLevel = 0, chargingProfilePurpose = 'TxDefaultProfile') => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId,
    stackLevel,
    chargingProfilePurpose,
    chargingProfileKind: 'Relative',
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }] },
  },
});
const reserve = (reservationId: number, idTag = 'TAG') => ({
  connectorId: 1,
  reservationId,
  idTag,
  expiryDate: '2030-01-01T00:00:00Z',
});

/** Everything commands leave behind, without what differs from run to run. */
async function leftBehind({ sql }: PostgresStore) {
  const rows = await Promise.all([
    sql`select * from command order by created_at, command_id`,
    sql`select * from configuration_key order by key`,
    sql`select * from availability_intent order by connector_id`,
    sql`select * from charging_profile order by charging_profile_id`,
    sql`select * from reservation order by reservation_id`,
    sql`select local_list_version from charge_point`,
  ]);
  return JSON.parse(JSON.stringify(rows));
}

async function forget({ sql }: PostgresStore): Promise<void> {
  for (const table of ['command', 'configuration_key', 'availability_intent', 'charging_profile', 'reservation']) {
    await sql.unsafe(`delete from ${table}`);
  }
  await sql`update charge_point set local_list_version = null`;
}

const day: readonly CommandRecord[] = [
  ...tellCommand('GetConfiguration', {}, at(1)).answered({
    configurationKey: [
      { key: 'HeartbeatInterval', readonly: false, value: '60' },
      { key: 'Odd\u0000', readonly: true, value: 'a\u0000b' },
    ],
    unknownKey: ['Nothing'],
  }),
  ...tellCommand('ChangeConfiguration', { key: 'HeartbeatInterval', value: '300' }, at(2)).answered(ok),
  ...tellCommand('ChangeConfiguration', { key: 'WebSocketPingInterval', value: '30' }, at(3)).answered({
    status: 'RebootRequired',
  }),
  ...tellCommand('ChangeConfiguration', { key: 'HeartbeatInterval', value: '5' }, at(4)).answered({
    status: 'Rejected',
  }),
  ...tellCommand('ChangeAvailability', { connectorId: 1, type: 'Inoperative' }, at(5)).answered(ok),
  ...tellCommand('ChangeAvailability', { connectorId: 1, type: 'Operative' }, at(6)).answered({ status: 'Scheduled' }),
  ...tellCommand('SendLocalList', { listVersion: 7, updateType: 'Full' }, at(7)).answered(ok),
  ...tellCommand('SendLocalList', { listVersion: 9, updateType: 'Full' }, at(8)).answered({ status: 'Failed' }),
  ...tellCommand('GetLocalListVersion', {}, at(9)).answered({ listVersion: 8 }),
  ...tellCommand('SetChargingProfile', profile(1), at(10)).answered(ok),
  ...tellCommand('SetChargingProfile', profile(2), at(11)).answered(ok),
  ...tellCommand('SetChargingProfile', profile(3, 5), at(12)).answered(ok),
  ...tellCommand('SetChargingProfile', profile(4, 6), at(13)).answered(ok),
  ...tellCommand('ClearChargingProfile', { stackLevel: 5 }, at(14)).answered(ok),
  ...tellCommand('SetChargingProfile', profile(4, 7), at(15)).answered(ok),
  ...tellCommand('ReserveNow', reserve(1), at(16)).answered(ok),
  ...tellCommand('ReserveNow', reserve(2), at(17)).answered(ok),
  ...tellCommand('CancelReservation', { reservationId: 1 }, at(18)).answered(ok),
  ...tellCommand('ReserveNow', reserve(3, 'A'), at(19)).answered(ok),
  ...tellCommand('ReserveNow', reserve(3, 'B'), at(20)).answered(ok),
  ...lateOne(),
  ...refusedOne(),
];

function lateOne(): CommandRecord[] {
  const late = tellCommand('ReserveNow', reserve(4), at(21));
  return [late.said('queued'), late.said('sent'), late.said('timed-out'), late.said('late', { response: ok })];
}

function refusedOne(): CommandRecord[] {
  const refused = tellCommand('Reset', { type: 'Hard' }, at(22));
  const error = { code: 'InternalError', description: 'no\u0000' };
  return [refused.said('queued'), refused.said('sent'), refused.said('rejected', { error })];
}

withEveryPool('commands', (openStore) => {
  test('commands and what they teach end in the same rows in any order and with duplicates', async (t) => {
    const store = await openStore(t);
    await upsertChargePoint(store.db, { chargePointId: 'CP1' });
    await store.startTransaction(start({ reservationId: 2, startedAt: minute(18) }));
    for (const record of day) await store.commandRecords([record]);
    const expected = await leftBehind(store);
    assert.deepEqual(
      expected[1].map((row: Record<string, unknown>) => [row.key, row.value, row.rebootRequired, row.unknown]),
      [
        ['HeartbeatInterval', '300', false, false],
        ['Nothing', null, false, true],
        ['Odd\uFFFD', 'a\uFFFDb', false, false],
        ['WebSocketPingInterval', '30', true, false],
      ],
    );
    assert.deepEqual([expected[2][0].type, expected[2][0].answer], ['Operative', 'Scheduled']);
    assert.deepEqual(
      expected[3].map((row: Record<string, unknown>) => [row.chargingProfileId, row.stackLevel]),
      [
        [2, 0],
        [4, 7],
      ],
    );
    assert.deepEqual(
      expected[4].map((row: Record<string, unknown>) => [row.reservationId, row.status, row.idTag]),
      [
        [1, 'cancelled', 'TAG'],
        [2, 'used', 'TAG'],
        [3, 'active', 'B'],
        [4, 'active', 'TAG'],
      ],
    );
    assert.equal(expected[5][0].localListVersion, 8);
    t.diagnostic(`seed ${seed}`);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...day, ...day], { minLength: day.length * 2 }),
        fc.integer({ min: 1, max: 20 }),
        async (records, setSize) => {
          await forget(store);
          for (let from = 0; from < records.length; from += setSize) {
            await store.commandRecords(records.slice(from, from + setSize));
          }
          assert.deepEqual(await leftBehind(store), expected);
        },
      ),
      { numRuns: RUNS, seed },
    );
  });

  test('the times of a command are kept, whichever of its records comes first', async (t) => {
    const store = await openStore(t);
    const told = tellCommand('Reset', { type: 'Soft' }, at(0));
    await store.commandRecords([told.said('answered', { response: { status: 'Rejected' } })]);
    await store.commandRecords([told.said('queued'), told.said('sent')]);
    const row = await readCommand(store.db, told.commandId);
    assert.deepEqual(
      [row?.status, row?.sentAt?.getTime(), row?.endedAt?.getTime(), row?.response, row?.follow],
      ['answered', minute(0).getTime() + 10, minute(0).getTime() + 20, { status: 'Rejected' }, null],
    );
    assert.equal(await readCommand(store.db, '00000000-0000-4000-8000-000000000000'), null);
  });

  test('the key of a charge point, and passwords, are in no row', async (t) => {
    const store = await openStore(t);
    const changes = ['AuthorizationKey', 'WifiPassword'].map((key, index) =>
      tellCommand('ChangeConfiguration', { key, value: 'c0ffee' }, at(index)),
    );
    const get = tellCommand('GetConfiguration', {}, at(2));
    const configurationKey = [{ key: 'authorizationKey', readonly: false, value: 'c0ffee' }];
    const location = 'ftp://uploader:c0ffee@host.example/logs';
    const upload = tellCommand('GetDiagnostics', { location }, at(3));
    const custom = tellCommand('DataTransfer', { vendorId: 'v', data: '{"password":"c0ffee"}' }, at(4));
    await store.commandRecords([
      ...changes.flatMap((change) => change.answered(ok)),
      ...get.answered({ configurationKey }),
      ...upload.answered({ fileName: 'log.zip' }),
      ...custom.answered(ok),
    ]);
    assert.ok(!JSON.stringify(await leftBehind(store)).includes('c0ffee'));
    const row = await readCommand(store.db, upload.commandId);
    assert.deepEqual(row?.payload, { location: 'ftp://uploader:***@host.example/logs' });
  });

  test('the newest command is listed first, page by page', async (t) => {
    const store = await openStore(t);
    const told = [0, 1, 1, 2].map((minutes) => tellCommand('ClearCache', {}, at(minutes)));
    await store.commandRecords(told.map((command) => command.said('queued')));
    const seen: string[] = [];
    let cursor: { createdAt: Date; commandId: string } | null = null;
    for (let page = 0; page < 5; page++) {
      const [row] = await readCommands(store.db, { chargePointId: 'CP1', cursor, limit: 1 });
      if (!row) break;
      seen.push(row.commandId);
      cursor = row;
    }
    assert.equal(new Set(seen).size, 4);
    assert.deepEqual([seen[0], seen[3]], [told[3]?.commandId, told[0]?.commandId]);
  });

  test('an answer that makes no sense teaches nothing and harms nothing', async (t) => {
    const store = await openStore(t);
    for (const response of [
      {},
      [],
      'x',
      7,
      { status: 5 },
      { configurationKey: 'x' },
      { configurationKey: [null, 3] },
    ]) {
      for (const action of new Set(day.map((record) => record.action))) {
        await store.commandRecords(tellCommand(action, { csChargingProfiles: 1 }, at(0)).answered(response));
      }
    }
    const [, ...taught] = await leftBehind(store);
    assert.deepEqual(taught, [[], [], [], [], []]);
  });
});
