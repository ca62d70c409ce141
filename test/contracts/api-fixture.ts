import type { TestContext } from 'node:test';
import { createApi } from '@voltgate/gateway/api/api.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import postgres from 'postgres';
import { keepApiKey } from '../support/api-key.ts';
import { createTestDatabase } from '../support/test-database.ts';

const KEY = 'a-key-for-tests';

/** What a request came back with. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** As sent, for what must not be in it. */
  readonly text: string;
  readonly body: Body;
};

type Body = {
  readonly [field: string]: unknown;
  readonly items: Record<string, unknown>[];
  readonly nextCursor: string | null;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
};

/** The API over an empty database of its own. `get` asks with a valid key unless other headers are given. */
export async function openApi(t: TestContext) {
  const database = await createTestDatabase();
  t.after(() => database.drop());
  await keepApiKey(database.url, KEY);
  const sql = postgres(database.url, { max: 2, onnotice: () => undefined });
  t.after(() => sql.end());
  const store = createStore({ url: database.url, poolSize: 1 });
  t.after(() => store.close());
  const app = await createApi({ store, log: createLog('silent', {}), version: '1.2.3' });
  t.after(() => app.close());

  async function get(url: string, headers: Record<string, string> = { authorization: `Bearer ${KEY}` }) {
    const response = await app.inject({ url, headers });
    const json = String(response.headers['content-type']).includes('json');
    const body: unknown = json ? JSON.parse(response.payload) : undefined;
    return { status: response.statusCode, headers: response.headers, text: response.payload, body } as Answer;
  }

  /** Every item of a list, page by page; `between` runs after each page. */
  async function getAll(url: string, between: (page: number) => Promise<unknown> = async () => undefined) {
    const items: Record<string, unknown>[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null; page += 1) {
      const parameter: string = cursor && `${url.includes('?') ? '&' : '?'}cursor=${cursor}`;
      const { body } = await get(url + parameter);
      items.push(...body.items);
      cursor = body.nextCursor;
      await between(page);
    }
    return items;
  }

  return { app, sql, words: store.words, key: KEY, get, getAll };
}

export const TRACE = '00112233445566778899aabbccddeeff';

/** Rows of every table the API reads: one charge point with a running, a suspect and a stopped transaction. */
export async function insertSite(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into charge_point (charge_point_id, credential, vendor, model, firmware_version, serial_number, boot_at,
      last_seen_at, clock_skew_ms, local_list_version, trace_id)
    values ('CP/1 ü', 'scrypt:secret', 'Acme', 'One', '1.0.7', 'SN-7', '2026-01-01T00:00:00Z', '2026-01-31T12:00:00.5Z',
      -1500, 7, ${TRACE})`;
  await sql`insert into charge_point (charge_point_id, adopted, tolerant) values ('CP-2', true, true)`;
  await sql`
    insert into connector (charge_point_id, connector_id, status, error_code, info, vendor_error_code, status_at,
      effective_at, received_at, flags, trace_id)
    values ('CP/1 ü', 1, 'Faulted', 'GroundFailure', 'wet', 'E42', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z',
      '2026-01-31T12:00:00Z', '{implausible-clock}', ${TRACE}),
      ('CP/1 ü', 0, 'Available', 'NoError', null, null, '2026-01-31T12:00:00.001Z', '2026-01-31T12:00:00Z',
      '2026-01-31T12:00:00Z', '{}', null)`;
  await sql`
    insert into availability_intent (charge_point_id, connector_id, type, answer, at)
    values ('CP/1 ü', 1, 'Inoperative', 'Scheduled', '2026-01-31T12:00:00Z')`;
  await sql`
    insert into transaction (id, charge_point_id, connector_id, id_tag, id_tag_key, meter_start_wh, started_at,
      start_received_at, id_tag_info, status, last_register_wh, last_register_at, meter_stop_wh, stopped_at,
      stop_received_at, stop_reason, stop_id_tag, stopped_by, energy_wh, energy_source, flags, trace_id, stop_trace_id)
    values
      (11, 'CP/1 ü', 1, 'Tag-A', 'tag-a', 1000, '2026-01-30T10:00:00Z', '2026-01-30T10:00:01Z', '{"status":"Accepted"}',
        'stopped', 3000, '2026-01-30T10:55:00Z', 3500.5, '2026-01-30T11:00:00Z', '2026-01-30T11:00:02Z', 'EVDisconnected',
        'TAG-a', 'charger', 2500.5, 'register', '{implausible-jump}', ${TRACE}, ${TRACE}),
      (12, 'CP/1 ü', 2, 'Tag-B', 'tag-b', 500, '2026-01-31T10:00:00Z', '2026-01-31T10:00:01Z', '{"status":"Blocked"}',
        'active', 750, '2026-01-31T10:30:00.250Z', null, null, null, null, null, null, null, null, '{}', null, null),
      (13, 'CP-2', 1, 'Tag-A', 'tag-a', 0, '2026-01-31T10:00:00Z', '2026-01-31T10:00:01Z', '{"status":"Accepted"}',
        'suspect', null, null, null, null, null, null, null, null, null, null, '{}', null, null)`;
  await sql`
    insert into orphan (charge_point_id, action, sent_transaction_id, connector_id, at, received_at, payload, digest,
      matched_transaction_id, matched_at, trace_id)
    values ('CP/1 ü', 'StopTransaction', '98765432109876543210', null, '2026-01-30T10:00:00Z', '2026-01-30T10:00:01Z',
        '{"transactionId":98765432109876543210}', 'a', null, null, ${TRACE}),
      ('CP-2', 'MeterValues', '-1', 1, '2026-01-30T10:00:00Z', '2026-01-30T10:00:01Z', '{}', 'b', 13,
        '2026-01-30T10:00:02Z', null)`;
}

/** One sample at `sampledAt`; what is not given is the energy register of connector 1, bound to no transaction. */
export async function insertSample(
  { sql, words }: Pick<Awaited<ReturnType<typeof openApi>>, 'sql' | 'words'>,
  sampledAt: string,
  {
    chargePointId = 'CP/1 ü',
    transactionId = 0,
    measurand = 'Energy.Active.Import.Register',
    phase = '',
    unit = 'Wh',
    value = 1 as number | null,
    rawValue = null as string | null,
    rawUnit = null as string | null,
  } = {},
): Promise<void> {
  const code = async (...[kind, word]: Parameters<typeof words.codeOf>) => (await words.codeOf(kind, word)) ?? 0;
  await sql`
    insert into meter_value (charge_point_id, connector_id, transaction_id, sampled_at, measurand, phase, location,
      context, unit, value, raw_value, raw_unit, received_at, trace_id)
    values (${chargePointId}, 1, ${transactionId}, ${sampledAt}, ${await code('measurand', measurand)},
      ${await code('phase', phase)}, ${await code('location', 'Outlet')}, ${await code('context', 'Sample.Periodic')},
      ${await code('unit', unit)}, ${value}, ${rawValue}, ${rawUnit}, '2026-01-31T12:00:00Z', ${TRACE})`;
}
