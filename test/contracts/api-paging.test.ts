import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insertSample, openApi } from './api-fixture.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Asserts that every element of `expected` is in `shown` exactly once, and nothing is there twice. */
function assertAllOnce(shown: readonly unknown[], expected: readonly unknown[]): void {
  assert.equal(new Set(shown).size, shown.length, 'no item twice');
  assert.deepEqual(
    expected.filter((one) => !shown.includes(one)),
    [],
    'no item lost',
  );
}

test('charge points page without loss or repeat while others become known', async (t) => {
  const { sql, getAll } = await openApi(t);
  const ids = numbers(23).map((index) => `CP-${String(index).padStart(3, '0')}`);
  for (const id of ids) await sql`insert into charge_point (charge_point_id) values (${id})`;
  const items = await getAll('/api/v1/charge-points?limit=5', async (page) => {
    await sql`insert into charge_point (charge_point_id) values (${`CP-000-${page}`}), (${`CP-020-${page}`})`;
  });
  assertAllOnce(
    items.map(({ id }) => id),
    ids,
  );
});

test('connectors page by number', async (t) => {
  const { sql, getAll } = await openApi(t);
  await sql`insert into charge_point (charge_point_id) values ('CP')`;
  await sql`
    insert into connector (charge_point_id, connector_id, status, error_code, status_at, effective_at, received_at)
    select 'CP', n, 'Available', 'NoError', now(), now(), now() from generate_series(0, 6) n`;
  const items = await getAll('/api/v1/charge-points/CP/connectors?limit=2');
  assert.deepEqual(
    items.map(({ connectorId }) => connectorId),
    numbers(7),
  );
});

test('transactions with equal starts page without loss or repeat while new and late ones come in', async (t) => {
  const { sql, getAll } = await openApi(t);
  await sql`insert into charge_point (charge_point_id) values ('CP')`;
  const insert = (id: number, startedAt: string) => sql`
    insert into transaction (id, charge_point_id, connector_id, id_tag, id_tag_key, meter_start_wh, started_at,
      start_received_at, id_tag_info)
    values (${id}, 'CP', ${id}, 'T', 't', 0, ${startedAt}, now(), '{"status":"Accepted"}')`;
  const times = [
    '1970-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '2026-01-31T12:00:00.001Z',
    '2026-01-31T12:00:00.002Z',
  ];
  for (const id of numbers(26)) await insert(id, times[id % times.length] ?? '');
  for (const list of ['/api/v1/transactions', '/api/v1/charge-points/CP/transactions']) {
    let next = list.length * 100;
    const items = await getAll(`${list}?limit=3`, async () => {
      for (const time of times) await insert(next++, time);
    });
    assertAllOnce(
      items.map(({ id }) => id),
      numbers(26),
    );
    const order = items.map(({ startedAt, id }) => `${startedAt} ${String(id).padStart(10, '0')}`);
    assert.deepEqual(order, order.toSorted().reverse());
  }
});

test('meter values of one moment page in both directions without loss or repeat while more come in', async (t) => {
  const api = await openApi(t);
  await api.sql`insert into charge_point (charge_point_id) values ('CP')`;
  await api.sql`
    insert into transaction (id, charge_point_id, connector_id, id_tag, id_tag_key, meter_start_wh, started_at,
      start_received_at, id_tag_info)
    values (7, 'CP', 1, 'T', 't', 0, '2026-01-31T12:00:00Z', now(), '{"status":"Accepted"}')`;
  const expected: string[] = [];
  const insert = async (minute: number) => {
    const sampledAt = `2026-01-31T12:${String(minute).padStart(2, '0')}:00.000Z`;
    for (const measurand of ['Energy.Active.Import.Register', 'Voltage', 'Power.Active.Import']) {
      for (const phase of ['', 'L1', 'L2']) {
        await insertSample(api, sampledAt, { chargePointId: 'CP', transactionId: 7, measurand, phase });
        expected.push(`${sampledAt} ${measurand} ${phase || null}`);
      }
    }
  };
  for (const minute of [1, 2, 3]) await insert(minute);
  const before = [...expected];
  let minute = 4;
  for (const list of ['/api/v1/transactions/7/meter-values', '/api/v1/charge-points/CP/meter-values']) {
    const items = await api.getAll(`${list}?limit=4`, async (page) => (page < 3 ? insert(minute++) : undefined));
    assertAllOnce(
      items.map(({ sampledAt, measurand, phase }) => `${sampledAt} ${measurand} ${phase}`),
      before,
    );
  }
});

test('orphans page without loss or repeat while more come in', async (t) => {
  const { sql, getAll } = await openApi(t);
  const insert = (digest: string) => sql`
    insert into orphan (charge_point_id, action, sent_transaction_id, at, received_at, payload, digest)
    values ('CP', 'MeterValues', '0', now(), now(), '{}', ${digest})`;
  for (const index of numbers(11)) await insert(`${index}`);
  const items = await getAll('/api/v1/orphans?limit=2', (page) => insert(`late ${page}`));
  assert.deepEqual(
    items.map(({ id }) => id),
    numbers(11).map((index) => 11 - index),
  );
});

test('a page holds 50 items unless told otherwise, and a full last page has no next one', async (t) => {
  const { sql, get } = await openApi(t);
  await sql`insert into charge_point (charge_point_id) select 'CP-' || n from generate_series(1, 60) n`;
  const { body } = await get('/api/v1/charge-points');
  assert.equal(body.items.length, 50);
  assert.equal(typeof body.nextCursor, 'string');
  const { body: whole } = await get('/api/v1/charge-points?limit=60');
  assert.equal(whole.items.length, 60);
  assert.equal(whole.nextCursor, null);
});
