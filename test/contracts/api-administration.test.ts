import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createApi } from '@voltgate/gateway/api/api.ts';
import type { Change } from '@voltgate/shared/changes.ts';
import { verifyPassword } from '@voltgate/shared/credential.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { upsertApiKey } from '@voltgate/shared/store/administration.ts';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { tellCommand } from '../support/command-records.ts';
import { createTestDatabase } from '../support/test-database.ts';

type Answer = { readonly status: number; readonly body: Record<string, unknown> & { errors?: { field: string }[] } };

async function openAdministration(t: TestContext) {
  const database = await createTestDatabase();
  t.after(() => database.drop());
  const store = createStore({ url: database.url, poolSize: 1 });
  t.after(() => store.close());
  for (const role of ['admin', 'operator', 'viewer'] as const)
    await upsertApiKey(store.db, { key: role, name: role, role });
  const announced: Change[] = [];
  const announce = async (change: Change) => void announced.push(change);
  const app = await createApi({ store, log: createLog('silent', {}), version: '1', announce });
  t.after(() => app.close());

  async function ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object, key = 'admin') {
    const url = `/api/v1${path}`;
    const response = await app.inject({ method, url, headers: { 'x-api-key': key }, ...(body && { payload: body }) });
    const answer: Answer = { status: response.statusCode, body: response.payload ? response.json() : {} };
    return answer;
  }

  const credentialOf = async (chargePointId: string) =>
    (await store.identify(chargePointId, false))?.credential ?? null;
  return { store, ask, announced, credentialOf };
}

const fieldsOf = ({ body }: Answer) => body.errors?.map(({ field }) => field).toSorted();

test('a charge point is registered with a generated password that is shown once', async (t) => {
  const { ask, announced, credentialOf } = await openAdministration(t);
  const made = await ask('POST', '/charge-points', {
    chargePointId: 'CP/1 ü',
    generatePassword: true,
    securityProfile: 1,
  });
  assert.equal(made.status, 201);
  const password = String(made.body.password);
  assert.match(password, /^[0-9a-f]{40}$/);
  assert.ok(await verifyPassword((await credentialOf('CP/1 ü')) ?? '', Buffer.from(password, 'hex')));
  const { body } = await ask('GET', `/charge-points/${encodeURIComponent('CP/1 ü')}`);
  assert.deepEqual(
    [body.id, body.securityProfile, body.hasCredential, body.adopted, body.password],
    ['CP/1 ü', 1, true, false, undefined],
  );
  assert.equal((await ask('POST', '/charge-points', { chargePointId: 'CP/1 ü' })).status, 409);
  assert.deepEqual(announced, [{ type: 'charge-point', chargePointId: 'CP/1 ü' }]);
});

test('what is given is changed, the rest stays', async (t) => {
  const { ask, announced, credentialOf } = await openAdministration(t);
  await ask('POST', '/charge-points', { chargePointId: 'CP', password: 'first', tolerant: true });
  const changed = await ask('PATCH', '/charge-points/CP', { registrationStatus: 'Pending', securityProfile: 1 });
  assert.deepEqual(
    [changed.status, changed.body.registrationStatus, changed.body.tolerant, changed.body.hasCredential],
    [200, 'Pending', true, true],
  );
  assert.ok(await verifyPassword((await credentialOf('CP')) ?? '', Buffer.from('first')));
  assert.deepEqual(fieldsOf(await ask('PATCH', '/charge-points/CP', { password: null })), ['password']);
  const open = await ask('PATCH', '/charge-points/CP', { password: null, securityProfile: 0 });
  assert.deepEqual([open.status, open.body.hasCredential, open.body.securityProfile], [200, false, 0]);
  assert.deepEqual(fieldsOf(await ask('PATCH', '/charge-points/CP', { securityProfile: 1 })), ['password']);
  const again = await ask('PATCH', '/charge-points/CP', { generatePassword: true, securityProfile: 1 });
  assert.match(String(again.body.password), /^[0-9a-f]{40}$/);
  assert.equal((await ask('PATCH', '/charge-points/CP', { securityProfile: null })).body.securityProfile, null);
  assert.equal((await ask('PATCH', '/charge-points/CP', { securityProfile: 2 })).body.securityProfile, 2);
  assert.deepEqual(fieldsOf(await ask('PATCH', '/charge-points/CP', { password: null })), ['password']);
  const certified = await ask('PATCH', '/charge-points/CP', { password: null, securityProfile: 3 });
  assert.deepEqual([certified.body.hasCredential, certified.body.securityProfile], [false, 3]);
  assert.deepEqual(fieldsOf(await ask('PATCH', '/charge-points/CP', { securityProfile: 2 })), ['password']);
  assert.equal((await ask('PATCH', '/charge-points/nobody', { tolerant: true })).status, 404);
  assert.equal(announced.length, 7);
});

test('a charge point that is removed leaves its history', async (t) => {
  const { ask, store } = await openAdministration(t);
  await ask('POST', '/charge-points', { chargePointId: 'CP' });
  const { transactionId } = await store.startTransaction({
    chargePointId: 'CP',
    connectionId: 'c',
    receivedAt: new Date(),
    traceId: '',
    connectorId: 1,
    idTag: 'TAG',
    meterStartWh: 0,
    startedAt: new Date(),
    reservationId: null,
  });
  await store.commandRecords(
    tellCommand('GetConfiguration', {}, { chargePointId: 'CP' }).answered({ unknownKey: ['x'] }),
  );
  assert.equal((await ask('DELETE', '/charge-points/CP')).status, 204);
  assert.equal((await ask('DELETE', '/charge-points/CP')).status, 404);
  assert.equal((await ask('GET', '/charge-points/CP')).status, 404);
  assert.equal((await ask('GET', `/transactions/${transactionId}`)).status, 200);
  await ask('POST', '/charge-points', { chargePointId: 'CP' });
  assert.deepEqual((await ask('GET', '/charge-points/CP/configuration')).body.items, []);
});

test('idTags are set up, changed and removed, whatever their case', async (t) => {
  const { ask } = await openAdministration(t);
  const made = await ask('POST', '/id-tags', { idTag: 'Tag-A', expiresAt: '2030-01-01T02:00:00+02:00' }, 'operator');
  const { createdAt, ...rest } = made.body;
  assert.ok(createdAt);
  assert.deepEqual(
    [made.status, rest],
    [
      201,
      {
        idTag: 'Tag-A',
        status: 'Accepted',
        expiresAt: '2030-01-01T00:00:00.000Z',
        parentIdTag: null,
        maxActiveTransactions: 1,
      },
    ],
  );
  assert.equal((await ask('POST', '/id-tags', { idTag: 'TAG-a' })).status, 409);
  await ask('POST', '/id-tags', { idTag: 'child', parentIdTag: 'TAG-A', maxActiveTransactions: null });
  const child = await ask('GET', '/id-tags/CHILD', undefined, 'viewer');
  assert.deepEqual([child.body.parentIdTag, child.body.maxActiveTransactions], ['Tag-A', null]);
  const changed = await ask('PATCH', '/id-tags/tag-a', { status: 'Blocked', expiresAt: null });
  assert.deepEqual([changed.body.idTag, changed.body.status, changed.body.expiresAt], ['Tag-A', 'Blocked', null]);
  assert.equal((await ask('PATCH', '/id-tags/tag-a', {})).status, 200);
  const { body } = await ask('GET', '/id-tags?limit=1');
  assert.equal((body.items as unknown[]).length, 1);
  const next = await ask('GET', `/id-tags?limit=1&cursor=${body.nextCursor}`);
  assert.deepEqual(
    (next.body.items as { idTag: string }[]).map(({ idTag }) => idTag),
    ['Tag-A'],
  );
  assert.equal((await ask('DELETE', '/id-tags/TAG-A')).status, 204);
  for (const method of ['GET', 'DELETE'] as const) assert.equal((await ask(method, '/id-tags/tag-a')).status, 404);
  assert.equal((await ask('PATCH', '/id-tags/tag-a', {})).status, 404);
});

test('a problem names every wrong field of a body', async (t) => {
  const { ask, announced } = await openAdministration(t);
  await ask('POST', '/charge-points', { chargePointId: 'CP' });
  for (const [path, body, ...fields] of [
    ['/charge-points', {}, 'chargePointId'],
    ['/charge-points', { chargePointId: '', tolerant: 'yes', nothing: 1 }, 'chargePointId', 'nothing', 'tolerant'],
    ['/charge-points', { chargePointId: 'x'.repeat(49) }, 'chargePointId'],
    ['/charge-points', { chargePointId: 'a\u0000b' }, 'chargePointId'],
    ['/charge-points', { chargePointId: ' ' }, 'chargePointId'],
    ['/charge-points', { chargePointId: 'half a \ud83d' }, 'chargePointId'],
    ['/charge-points', { chargePointId: 'a', tolerant: 'true' }, 'tolerant'],
    ['/charge-points', { chargePointId: 'a', securityProfile: 1 }, 'password'],
    ['/charge-points', { chargePointId: 'a', securityProfile: 2 }, 'password'],
    ['/charge-points', { chargePointId: 'a', securityProfile: 4 }, 'securityProfile'],
    ['/charge-points', { chargePointId: 'a', password: '' }, 'password'],
    ['/charge-points', { chargePointId: 'a', password: 'x', generatePassword: true }, 'password'],
    ['/charge-points', { chargePointId: 'a', registrationStatus: 'accepted' }, 'registrationStatus'],
    ['/id-tags', { idTag: 'x'.repeat(21) }, 'idTag'],
    ['/id-tags', { idTag: 'a', parentIdTag: '\ude00' }, 'parentIdTag'],
    ['/id-tags', { idTag: 'a', expiresAt: '2030-01-01T00:00:00' }, 'expiresAt'],
    ['/id-tags', { idTag: 'a', expiresAt: 'tomorrow', status: 'Lost' }, 'expiresAt', 'status'],
    ['/id-tags', { idTag: 'a', maxActiveTransactions: -1 }, 'maxActiveTransactions'],
    ['/id-tags', { idTag: 'a', maxActiveTransactions: 1.5, parentIdTag: '' }, 'maxActiveTransactions', 'parentIdTag'],
  ] as const) {
    const answer = await ask('POST', path, body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.deepEqual(fieldsOf(answer), [...fields].toSorted(), JSON.stringify(body));
  }
  assert.equal(announced.length, 1);
});

test('what is wrong with a field is said in words', async (t) => {
  const { ask } = await openAdministration(t);
  const { body } = await ask('POST', '/charge-points', { chargePointId: 'a\u0000', securityProfile: 7 });
  assert.deepEqual(body.errors, [
    { field: 'chargePointId', message: 'has characters that are not allowed' },
    { field: 'securityProfile', message: 'must be one of 0, 1, 2, 3, null' },
  ]);
});

test('a role that may not write is refused with 403 before anything is looked at', async (t) => {
  const { ask } = await openAdministration(t);
  const allowed = async (key: string) => [
    (await ask('POST', '/charge-points', { wrong: 1 }, key)).status,
    (await ask('PATCH', '/charge-points/CP', {}, key)).status,
    (await ask('DELETE', '/charge-points/CP', undefined, key)).status,
    (await ask('POST', '/id-tags', {}, key)).status,
    (await ask('PATCH', '/id-tags/x', {}, key)).status,
    (await ask('DELETE', '/id-tags/x', undefined, key)).status,
  ];
  assert.deepEqual(await allowed('viewer'), [403, 403, 403, 403, 403, 403]);
  assert.deepEqual(await allowed('operator'), [403, 403, 403, 400, 404, 404]);
  assert.deepEqual(await allowed('admin'), [400, 404, 404, 400, 404, 404]);
});

test('configuration, reservations and charging profiles are listed page by page', async (t) => {
  const { ask, store } = await openAdministration(t);
  await ask('POST', '/charge-points', { chargePointId: 'CP' });
  const ok = { status: 'Accepted' };
  const tell = async (action: string, payload: object, response: object, minutes: number) =>
    store.commandRecords(
      tellCommand(action, payload, { chargePointId: 'CP', at: new Date(Date.now() + minutes * 60_000) }).answered(
        response,
      ),
    );
  await tell(
    'GetConfiguration',
    {},
    { configurationKey: [{ key: 'A', readonly: true, value: '1' }], unknownKey: ['B'] },
    0,
  );
  await tell('ChangeConfiguration', { key: 'C', value: 'x' }, { status: 'RebootRequired' }, 1);
  for (const id of [1, 2]) {
    const expiryDate = id === 1 ? '2020-01-01T00:00:00Z' : '2040-01-01T00:00:00Z';
    await tell('ReserveNow', { reservationId: id, connectorId: id, idTag: 'T', expiryDate }, ok, id);
    const csChargingProfiles = { chargingProfileId: id, stackLevel: id, chargingProfilePurpose: 'TxDefaultProfile' };
    await tell('SetChargingProfile', { connectorId: 1, csChargingProfiles }, ok, id + 2);
  }
  const all = async (path: string) => {
    const items: Record<string, unknown>[] = [];
    for (let cursor: unknown = ''; cursor !== null; ) {
      const { status, body } = await ask('GET', `/charge-points/CP/${path}?limit=1${cursor && `&cursor=${cursor}`}`);
      assert.equal(status, 200);
      items.push(...(body.items as Record<string, unknown>[]));
      cursor = body.nextCursor;
    }
    return items;
  };
  assert.deepEqual(
    (await all('configuration')).map((item) => [item.key, item.value, item.unknown, item.rebootRequired]),
    [
      ['A', '1', false, false],
      ['B', null, true, false],
      ['C', 'x', false, true],
    ],
  );
  assert.deepEqual(
    (await all('reservations')).map((item) => [item.reservationId, item.status]),
    [
      [2, 'active'],
      [1, 'expired'],
    ],
  );
  const profiles = await all('charging-profiles');
  assert.deepEqual(
    profiles.map((item) => [item.chargingProfileId, item.purpose]),
    [
      [1, 'TxDefaultProfile'],
      [2, 'TxDefaultProfile'],
    ],
  );
  assert.equal((profiles[0]?.profile as Record<string, unknown> | undefined)?.stackLevel, 1);
  for (const path of ['configuration', 'reservations', 'charging-profiles']) {
    assert.equal((await ask('GET', `/charge-points/nobody/${path}`)).status, 404);
    assert.equal((await ask('GET', `/charge-points/CP/${path}?cursor=x`)).status, 400);
  }
});
