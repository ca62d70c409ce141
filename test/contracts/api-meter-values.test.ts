import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insertSample, insertSite, openApi, TRACE } from './api-fixture.ts';

const CP_1 = encodeURIComponent('CP/1 ü');

test('samples of a transaction come oldest first, wherever its clock was', async (t) => {
  const api = await openApi(t);
  await insertSite(api.sql);
  await insertSample(api, '2026-01-30T10:30:00.125Z', { transactionId: 11, value: 1500 });
  await insertSample(api, '1970-01-01T00:00:00Z', { transactionId: 11, value: null, rawValue: '', rawUnit: 'kWh' });
  await insertSample(api, '2026-01-30T10:30:00.125Z', { transactionId: 12 });
  await insertSample(api, '2026-01-30T10:31:00Z', { transactionId: 11, measurand: 'Voltage', phase: 'L1', unit: 'V' });
  const { body } = await api.get('/api/v1/transactions/11/meter-values');
  assert.deepEqual(
    body.items.map(({ sampledAt }) => sampledAt),
    ['1970-01-01T00:00:00.000Z', '2026-01-30T10:30:00.125Z', '2026-01-30T10:31:00.000Z'],
  );
  assert.deepEqual([body.items[0]?.value, body.items[0]?.rawValue, body.items[0]?.rawUnit], [null, '', 'kWh']);
  assert.deepEqual(body.items[1], {
    chargePointId: 'CP/1 ü',
    connectorId: 1,
    transactionId: 11,
    sampledAt: '2026-01-30T10:30:00.125Z',
    measurand: 'Energy.Active.Import.Register',
    phase: null,
    location: 'Outlet',
    context: 'Sample.Periodic',
    unit: 'Wh',
    value: 1500,
    rawValue: null,
    rawUnit: null,
    receivedAt: '2026-01-31T12:00:00.000Z',
    traceId: TRACE,
  });
  const voltage = await api.get('/api/v1/transactions/11/meter-values?measurand=Voltage');
  assert.deepEqual(
    voltage.body.items.map(({ measurand, phase, unit }) => [measurand, phase, unit]),
    [['Voltage', 'L1', 'V']],
  );
});

test('samples of a charge point come newest first, those of no transaction included', async (t) => {
  const api = await openApi(t);
  await insertSite(api.sql);
  await insertSample(api, '2026-01-30T10:00:00Z', { transactionId: 11 });
  await insertSample(api, '2026-01-30T11:00:00Z');
  await insertSample(api, '2026-01-30T12:00:00Z', { measurand: 'Voltage', unit: 'V' });
  await insertSample(api, '2026-01-30T12:00:00Z', { chargePointId: 'CP-2' });
  const path = `/api/v1/charge-points/${CP_1}/meter-values`;
  const shown = async (query: string) =>
    (await api.get(path + query)).body.items.map(({ sampledAt, transactionId }) => [
      String(sampledAt).slice(11, 13),
      transactionId,
    ]);
  assert.deepEqual(await shown(''), [
    ['12', null],
    ['11', null],
    ['10', 11],
  ]);
  assert.deepEqual(await shown('?from=2026-01-30T10:30:00Z&to=2026-01-30T12:00:00Z'), [['11', null]]);
  assert.deepEqual(await shown('?measurand=Voltage'), [['12', null]]);
  assert.deepEqual(await shown('?measurand=Nothing.Anybody.Sent'), []);
});

test('samples of a charge point are found however far apart they lie', async (t) => {
  const api = await openApi(t);
  await insertSite(api.sql);
  const times = [
    '2098-01-01',
    '2026-01-30',
    '2026-01-29',
    '2026-01-10',
    '2025-12-01',
    '2019-06-01',
    '1970-01-01',
    '0001-01-01',
  ];
  for (const day of times) await insertSample(api, `${day}T00:00:00.000Z`);
  const path = `/api/v1/charge-points/${CP_1}/meter-values`;
  for (const limit of [1, 2, 3, 50]) {
    const items = await api.getAll(`${path}?limit=${limit}`);
    assert.deepEqual(
      items.map(({ sampledAt }) => String(sampledAt).slice(0, 10)),
      times,
    );
  }
  const some = await api.getAll(`${path}?limit=2&from=2025-12-01T00:00:00Z&to=2026-01-30T00:00:00Z`);
  assert.equal(some.length, 3);
});
