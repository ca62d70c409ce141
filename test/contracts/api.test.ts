import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insertSite, openApi, TRACE } from './api-fixture.ts';

const CP_1 = encodeURIComponent('CP/1 ü');

test('charge points are listed by id, with what they said of themselves and never their credential', async (t) => {
  const api = await openApi(t);
  await insertSite(api.sql);
  const { status, headers, body, text } = await api.get('/api/v1/charge-points');
  assert.equal(status, 200);
  assert.match(String(headers['content-type']), /^application\/json/);
  assert.equal(body.nextCursor, null);
  assert.deepEqual(
    body.items.map(({ id }) => id),
    // In the order of the database's own collation.
    (await api.sql`select charge_point_id from charge_point order by 1`).map((row) => row.charge_point_id),
  );
  const { createdAt, ...first } = body.items.find(({ id }) => id === 'CP/1 ü') ?? {};
  assert.match(String(createdAt), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(first, {
    id: 'CP/1 ü',
    chargePointId: 'CP/1 ü',
    registrationStatus: 'Accepted',
    vendor: 'Acme',
    model: 'One',
    serialNumber: 'SN-7',
    boxSerialNumber: null,
    firmwareVersion: '1.0.7',
    iccid: null,
    imsi: null,
    meterType: null,
    meterSerialNumber: null,
    bootAt: '2026-01-01T00:00:00.000Z',
    lastSeenAt: '2026-01-31T12:00:00.500Z',
    online: false,
    presenceAt: null,
    gatewayId: null,
    connectionId: null,
    address: null,
    lastDisconnectAt: null,
    lastDisconnectReason: null,
    lastDisconnectCategory: null,
    clockSkewMs: -1500,
    localListVersion: 7,
    tolerant: false,
    adopted: false,
    securityProfile: null,
    hasCredential: true,
    traceId: TRACE,
  });
  assert.ok(!text.includes('scrypt'));
});

test('charge points show who holds their connection, or how the last one ended, and are told apart by it', async (t) => {
  const api = await openApi(t);
  await insertSite(api.sql);
  await api.sql`
    update charge_point set online = true, presence_at = '2026-01-31T12:00:00Z', epoch = 7, gateway_id = 'g1',
      connection_id = 'c1', address = '10.0.0.1', last_disconnect_at = '2026-01-31T11:00:00Z',
      last_disconnect_reason = 'no pong', last_disconnect_category = 'no-pong'
    where charge_point_id = 'CP-2'`;
  const ids = async (query: string) => (await api.get(`/api/v1/charge-points?${query}`)).body.items.map(({ id }) => id);
  assert.deepEqual(await ids('online=true'), ['CP-2']);
  assert.deepEqual(await ids('online=false&limit=1'), ['CP/1 ü']);
  assert.equal((await api.get('/api/v1/charge-points?online=perhaps')).status, 400);
  assert.partialDeepStrictEqual((await api.get('/api/v1/charge-points/CP-2')).body, {
    online: true,
    presenceAt: '2026-01-31T12:00:00.000Z',
    gatewayId: 'g1',
    connectionId: 'c1',
    address: '10.0.0.1',
    lastDisconnectAt: '2026-01-31T11:00:00.000Z',
    lastDisconnectReason: 'no pong',
    lastDisconnectCategory: 'no-pong',
  });
});

test('one charge point is found by its percent-encoded id', async (t) => {
  const api = await openApi(t);
  await insertSite(api.sql);
  const { status, body } = await api.get(`/api/v1/charge-points/${CP_1}`);
  assert.equal(status, 200);
  assert.equal(body.id, 'CP/1 ü');
  const long = '🔌'.repeat(24);
  await api.sql`insert into charge_point (charge_point_id) values (${long})`;
  assert.equal((await api.get(`/api/v1/charge-points/${encodeURIComponent(long)}`)).body.id, long);
});

test('connectors are listed by number, and a clock that was never set is shown as it is', async (t) => {
  const api = await openApi(t);
  await insertSite(api.sql);
  const { body } = await api.get(`/api/v1/charge-points/${CP_1}/connectors`);
  assert.deepEqual(
    body.items.map(({ connectorId, status, availability }) => [connectorId, status, availability]),
    [
      [0, 'Available', null],
      [1, 'Faulted', 'Inoperative'],
    ],
  );
  assert.deepEqual(body.items[1], {
    connectorId: 1,
    status: 'Faulted',
    errorCode: 'GroundFailure',
    info: 'wet',
    vendorId: null,
    vendorErrorCode: 'E42',
    availability: 'Inoperative',
    statusAt: '0001-01-01T00:00:00.000Z',
    receivedAt: '2026-01-31T12:00:00.000Z',
    flags: ['implausible-clock'],
    traceId: TRACE,
  });
  assert.deepEqual((await api.get('/api/v1/charge-points/CP-2/connectors')).body, { items: [], nextCursor: null });
});

test('a stopped transaction shows its energy, a running one what it has delivered so far', async (t) => {
  const api = await openApi(t);
  await insertSite(api.sql);
  assert.deepEqual((await api.get('/api/v1/transactions/11')).body, {
    id: 11,
    chargePointId: 'CP/1 ü',
    connectorId: 1,
    idTag: 'Tag-A',
    idTagStatus: 'Accepted',
    reservationId: null,
    status: 'stopped',
    meterStartWh: 1000,
    meterStopWh: 3500.5,
    energyWh: 2500.5,
    energySource: 'register',
    liveEnergyWh: null,
    lastMeterAt: '2026-01-30T10:55:00.000Z',
    startedAt: '2026-01-30T10:00:00.000Z',
    startReceivedAt: '2026-01-30T10:00:01.000Z',
    stoppedAt: '2026-01-30T11:00:00.000Z',
    stopReceivedAt: '2026-01-30T11:00:02.000Z',
    stopReason: 'EVDisconnected',
    stopIdTag: 'TAG-a',
    stoppedBy: 'charger',
    flags: ['implausible-jump'],
    traceId: TRACE,
    stopTraceId: TRACE,
  });
  const { body: running } = await api.get('/api/v1/transactions/12');
  assert.deepEqual(
    [running.liveEnergyWh, running.lastMeterAt, running.energyWh, running.meterStopWh, running.stoppedAt],
    [250, '2026-01-31T10:30:00.250Z', null, null, null],
  );
  assert.equal(running.idTagStatus, 'Blocked');
  assert.equal((await api.get('/api/v1/transactions/13')).body.liveEnergyWh, null);
});

test('transactions are listed newest start first and filtered by everything at once', async (t) => {
  const api = await openApi(t);
  await insertSite(api.sql);
  const ids = async (path: string) => (await api.get(`/api/v1${path}`)).body.items.map(({ id }) => id);
  assert.deepEqual(await ids('/transactions'), [13, 12, 11]);
  assert.deepEqual(await ids('/transactions?status=active'), [12]);
  assert.deepEqual(await ids('/transactions?status=suspect'), [13]);
  assert.deepEqual(await ids('/transactions?idTag=tAg-A'), [13, 11]);
  assert.deepEqual(await ids(`/transactions?chargePointId=${CP_1}`), [12, 11]);
  assert.deepEqual(await ids('/transactions?chargePointId=nobody'), []);
  assert.deepEqual(await ids('/transactions?from=2026-01-31T10:00:00Z'), [13, 12]);
  assert.deepEqual(await ids('/transactions?to=2026-01-31T10:00:00Z'), [11]);
  assert.deepEqual(await ids('/transactions?from=2026-01-31T12:00:00%2B02:00&to=2026-01-31T10:00:00.001Z'), [13, 12]);
  assert.deepEqual(
    await ids('/transactions?idTag=TAG-A&status=stopped&chargePointId=CP-2&from=2026-01-01T00:00:00Z'),
    [],
  );
  assert.deepEqual(await ids(`/charge-points/${CP_1}/transactions`), [12, 11]);
  assert.deepEqual(await ids(`/charge-points/${CP_1}/transactions?status=stopped&idTag=TAG-A`), [11]);
});

test('orphans come newest first with the payload exactly as sent', async (t) => {
  const api = await openApi(t);
  await insertSite(api.sql);
  const { body } = await api.get('/api/v1/orphans');
  assert.deepEqual(body.items, [
    {
      id: 2,
      chargePointId: 'CP-2',
      action: 'MeterValues',
      sentTransactionId: '-1',
      connectorId: 1,
      at: '2026-01-30T10:00:00.000Z',
      receivedAt: '2026-01-30T10:00:01.000Z',
      payload: '{}',
      status: 'matched',
      matchedTransactionId: 13,
      matchedAt: '2026-01-30T10:00:02.000Z',
      traceId: null,
    },
    {
      id: 1,
      chargePointId: 'CP/1 ü',
      action: 'StopTransaction',
      sentTransactionId: '98765432109876543210',
      connectorId: null,
      at: '2026-01-30T10:00:00.000Z',
      receivedAt: '2026-01-30T10:00:01.000Z',
      payload: '{"transactionId":98765432109876543210}',
      status: 'waiting',
      matchedTransactionId: null,
      matchedAt: null,
      traceId: TRACE,
    },
  ]);
  const ids = async (query: string) => (await api.get(`/api/v1/orphans${query}`)).body.items.map(({ id }) => id);
  assert.deepEqual(await ids('?status=all'), [2, 1]);
  assert.deepEqual(await ids('?status=waiting'), [1]);
  assert.deepEqual(await ids('?status=matched'), [2]);
  assert.deepEqual(await ids('?status=matched&chargePointId=CP-2'), [2]);
  assert.deepEqual(await ids(`?status=matched&chargePointId=${CP_1}`), []);
});

test('it answers over a real socket', async (t) => {
  const api = await openApi(t);
  await insertSite(api.sql);
  const origin = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const response = await fetch(`${origin}/api/v1/transactions/11`, { headers: { 'X-API-Key': api.key } });
  assert.equal(response.status, 200);
  assert.equal(((await response.json()) as { readonly id: number }).id, 11);
  const refused = await fetch(`${origin}/api/v1/transactions/11`);
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
  assert.equal(refused.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  const docs = await fetch(`${origin}/docs`);
  assert.equal(docs.status, 200);
  assert.match(await docs.text(), /swagger/i);
});
