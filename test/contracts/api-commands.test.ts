import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createApi } from '@voltgate/gateway/api/api.ts';
import { createCommandRecords } from '@voltgate/gateway/command-records.ts';
import { createCommands } from '@voltgate/gateway/commands.ts';
import { chargePointChannel } from '@voltgate/shared/channels.ts';
import { createInbox } from '@voltgate/shared/inbox.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { createMemoryBus } from '@voltgate/shared/memory/bus.ts';
import { createMemoryJobs } from '@voltgate/shared/memory/jobs.ts';
import { createMemoryOutcomes } from '@voltgate/shared/memory/outcomes.ts';
import { createMemoryRegistry } from '@voltgate/shared/memory/registry.ts';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import { outgoingActions } from '@voltgate/shared/ocpp16/outgoing/index.ts';
import type { Letter, Outcomes } from '@voltgate/shared/ports.ts';
import { upsertApiKey } from '@voltgate/shared/store/administration.ts';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { keepApiKey } from '../support/api-key.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

type Operation = {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Record<string, { readonly schema: { readonly type?: string } }> };
  readonly responses: Record<string, { readonly headers?: object }>;
};

/** The API of a gateway without a charger; `maxPending` 0 = as if too much were under way. */
async function openCommandApi(t: TestContext, maxPending = 10, outcomes = createMemoryOutcomes()) {
  const database = await createTestDatabase();
  t.after(() => database.drop());
  await keepApiKey(database.url, 'key');
  const store = createStore({ url: database.url, poolSize: 1 });
  t.after(() => store.close());
  const log = createLog('silent', {});
  const metrics = createMetrics();
  const bus = createMemoryBus();
  const inbox = await createInbox(bus);
  t.after(() => inbox.close());
  const jobs = createMemoryJobs({ maxWaiting: 10 });
  const told: Letter[] = [];
  const tell = async (letters: readonly Letter[]) => void told.push(...letters);
  await jobs.work({ tell, ask: async () => undefined }, { tellConcurrency: 1, askConcurrency: 1 });
  const records = createCommandRecords({ jobs, gatewayId: 'g', log, metrics, maxWaitMs: 0 });
  const registry = createMemoryRegistry();
  const channelOf = chargePointChannel;
  const commands = createCommands({ registry, bus, inbox, records, log, metrics, channelOf, maxPending });
  const commanding = { commands, outcomes, gatewayId: 'g', commandTimeoutMs: 1_000 };
  const app = await createApi({ store, log, version: '1.2.3', commanding });
  t.after(() => app.close());
  const headers = { authorization: 'Bearer key' };
  const post = async (url: string, payload?: object, more: Record<string, string> = {}) => {
    const given = payload === undefined ? {} : { payload };
    const response = await app.inject({ method: 'POST', url, headers: { ...headers, ...more }, ...given });
    return { status: response.statusCode, headers: response.headers, body: response.json<Record<string, unknown>>() };
  };
  return { app, store, post, told };
}

test('every operation is a documented route with its own payload', async (t) => {
  const { app } = await openCommandApi(t);
  const document = (await app.inject('/openapi.json')).json<{ paths: Record<string, { post?: Operation }> }>();
  for (const action of outgoingActions.keys()) {
    const operation = document.paths[`/api/v1/charge-points/{id}/commands/${action}`]?.post;
    assert.equal(operation?.operationId, `command${action}`);
    assert.equal(operation.requestBody?.content['application/json']?.schema.type, 'object');
    const statuses = [
      '200',
      '202',
      '400',
      '401',
      '403',
      '404',
      '409',
      '413',
      '415',
      '422',
      '429',
      '500',
      '502',
      '503',
      '504',
    ];
    assert.deepEqual(Object.keys(operation.responses).toSorted(), statuses);
    const headersOf = (status: number) => Object.keys(operation.responses[status]?.headers ?? {});
    for (const status of [200, 202]) assert.deepEqual(headersOf(status), ['X-Command-Id', 'Location'], action);
    for (const status of [429, 503]) assert.deepEqual(headersOf(status), ['Retry-After'], action);
  }
  assert.equal(outgoingActions.size, 26);
});

test('no body is an empty payload, and what is wrong is named', async (t) => {
  const { post } = await openCommandApi(t);
  const path = '/api/v1/charge-points/CP-1/commands';
  const empty = await post(`${path}/ClearCache`);
  assert.deepEqual([empty.status, empty.body.type], [404, 'urn:voltgate:problem:unknown-charge-point']);
  const missing = await post(`${path}/Reset`);
  assert.deepEqual([missing.status, missing.body.errors], [400, [{ field: 'type', message: 'is required' }]]);
  const word = await post(`${path}/Reset`, { type: 'Medium' });
  assert.deepEqual(word.body.errors, [{ field: 'type', message: 'must be one of Hard, Soft' }]);
  const texts = { timeout: ['601', '0', '1.5', '1e2', '0x10', 'true', ''], wait: ['perhaps', '0', 'TRUE', ''] };
  for (const [parameter, wrong] of Object.entries(texts)) {
    for (const text of wrong) {
      const { body } = await post(`${path}/Reset?${parameter}=${text}`, { type: 'Hard' });
      const errors = body.errors as { field: string }[] | undefined;
      assert.deepEqual(
        errors?.map(({ field }) => field),
        [parameter],
        `${parameter}=${text}`,
      );
    }
  }
  const query = await post(`${path}/Reset?timeout=601&wait=perhaps&nothing=1`, { type: 'Hard' });
  assert.deepEqual((query.body.errors as { field: string }[]).map(({ field }) => field).toSorted(), [
    'nothing',
    'timeout',
    'wait',
  ]);
});

test('a payload within a body is named as such, and null is an empty one', async (t) => {
  const { post } = await openCommandApi(t);
  const ask = async (body: object) => (await post('/api/charge-points/CP-1/request', body)).body;
  assert.deepEqual((await ask({ action: 'Reset', payload: { type: 'Medium', now: true } })).errors, [
    { field: 'payload.now', message: 'is no field of this request' },
    { field: 'payload.type', message: 'must be one of Hard, Soft' },
  ]);
  assert.deepEqual((await ask({ action: 'Reset', payload: 'Soft' })).errors, [
    { field: 'payload', message: 'is wrong: expected object' },
  ]);
  for (const payload of [{}, { payload: null }])
    assert.equal((await ask({ action: 'ClearCache', ...payload })).type, 'urn:voltgate:problem:unknown-charge-point');
});

test('a body is JSON of at most 1 MiB, and an empty one is none', async (t) => {
  const { app } = await openCommandApi(t);
  const send = async (type: string, payload: string) => {
    const headers = { 'x-api-key': 'key', 'content-type': type };
    const url = '/api/v1/charge-points/CP-1/commands/ClearCache';
    const response = await app.inject({ method: 'POST', url, headers, payload });
    assert.match(String(response.headers['content-type']), /^application\/problem\+json/);
    return [response.statusCode, response.json<{ type: string }>().type.split(':').at(-1)];
  };
  assert.deepEqual(await send('application/json', ''), [404, 'unknown-charge-point']);
  assert.deepEqual(await send('application/json', '{'), [400, 'bad-request']);
  assert.deepEqual(await send('application/json', '{"__proto__":{}}'), [400, 'bad-request']);
  assert.deepEqual(await send('application/xml', '<a/>'), [415, 'unsupported-media-type']);
  assert.deepEqual(await send('application/json', `"${'x'.repeat(1_100_000)}"`), [413, 'body-too-large']);
});

test('a refusal that says "try again" is not kept under its Idempotency-Key', async (t) => {
  const { post, store } = await openCommandApi(t, 0);
  await store.identify('CP-1', true);
  const refused = () => post('/api/v1/charge-points/CP-1/commands/ClearCache', {}, KEY);
  const first = await refused();
  assert.deepEqual([first.status, first.body.type], [503, 'urn:voltgate:problem:unavailable']);
  assert.equal(first.headers['retry-after'], '5');
  // The key is free again in a moment: the second request is another command.
  await until(async () => {
    const { status, headers } = await refused();
    return status === 503 && headers['x-command-id'] !== first.headers['x-command-id'];
  });
});

test('an outcome is kept under its Idempotency-Key, also a refusal', async (t) => {
  const { post, store } = await openCommandApi(t);
  await store.identify('CP-1', true);
  const first = await post('/api/v1/charge-points/CP-1/commands/ClearCache', {}, KEY);
  const again = await post('/api/v1/charge-points/CP-1/commands/ClearCache', {}, KEY);
  assert.deepEqual([first.status, first.body.type], [409, 'urn:voltgate:problem:charge-point-offline']);
  assert.deepEqual([again.status, again.body], [first.status, first.body]);
  assert.equal(again.headers['x-command-id'], first.headers['x-command-id']);
  const other = await post('/api/v1/charge-points/CP-2/commands/ClearCache', {}, KEY);
  assert.equal(other.status, 422);
});

test('an outcome that cannot be kept at once is kept a little later: no key stays under way', async (t) => {
  const memory = createMemoryOutcomes();
  let failures = 1;
  const outcomes: Outcomes = {
    ...memory,
    async settle(...given) {
      if (failures-- > 0) throw new Error('away for a moment');
      await memory.settle(...given);
    },
  };
  const { post, store } = await openCommandApi(t, 10, outcomes);
  await store.identify('CP-1', true);
  const send = () => post('/api/v1/charge-points/CP-1/commands/ClearCache', {}, KEY);
  const first = await send();
  assert.equal(first.body.type, 'urn:voltgate:problem:charge-point-offline');
  const again = await until(async () => {
    const answer = await send();
    if (answer.body.type !== 'urn:voltgate:problem:idempotency-key-under-way') return answer;
    throw new Error('still under way');
  });
  assert.deepEqual([again.body, again.headers['x-command-id']], [first.body, first.headers['x-command-id']]);
});

test('a command to an unknown charge point leaves no record, waited for or not', async (t) => {
  const { post, store, told } = await openCommandApi(t);
  const path = (id: string) => `/api/v1/charge-points/${id}/commands/ClearCache`;
  for (const query of ['', '?wait=false']) {
    const { status, headers } = await post(`${path('NOBODY')}${query}`);
    assert.deepEqual([status, headers['x-command-id']], [404, undefined]);
  }
  await store.identify('CP-1', true);
  assert.equal((await post(path('CP-1'))).status, 409);
  assert.equal((await post(`${path('CP-1')}?wait=false`)).status, 202);
  await until(() => told.filter(({ text }) => text.includes('aborted')).length === 2);
  assert.ok(told.every(({ text }) => !text.includes('NOBODY')));
  const rows = await store.sql`select distinct charge_point_id from command`;
  assert.deepEqual([...rows], [{ chargePointId: 'CP-1' }]);
});

test('a transaction no charge here can have may be stopped all the same', async (t) => {
  const { post, store } = await openCommandApi(t);
  await store.identify('CP-1', true);
  for (const transactionId of [-1, 0, 2 ** 31, -(2 ** 53), 1e20]) {
    const { status, body } = await post('/api/v1/charge-points/CP-1/commands/RemoteStopTransaction', { transactionId });
    assert.deepEqual([status, body.type], [409, 'urn:voltgate:problem:charge-point-offline'], String(transactionId));
  }
});

test('on every route that changes something the key comes first, then its role, then the payload', async (t) => {
  const { app, store } = await openCommandApi(t);
  await upsertApiKey(store.db, { key: 'viewer', name: 'viewer', role: 'viewer' });
  const document = (await app.inject('/openapi.json')).json<{ paths: Record<string, Record<string, unknown>> }>();
  const routes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).flatMap((method) => (method === 'get' ? [] : [{ path, method: method.toUpperCase() }])),
  );
  assert.ok(routes.length > outgoingActions.size + 6, `${routes.length} routes`);
  for (const { path, method } of routes) {
    const statusOf = async (headers: Record<string, string>, payload: string) => {
      const url = path.replaceAll(/\{\w+\}/g, 'x'.repeat(50));
      const given = { 'content-type': 'application/json', ...headers };
      const request = { method: method as 'POST', url: `${url}?nothing=1`, headers: given, payload };
      return (await app.inject(request)).statusCode;
    };
    for (const payload of ['{', '[]']) {
      const statuses = [await statusOf({}, payload), await statusOf({ 'x-api-key': 'viewer' }, payload)];
      assert.deepEqual(statuses, [401, 403], `${method} ${path} ${payload}`);
      assert.equal(await statusOf({ 'x-api-key': 'key' }, payload), 400, `${method} ${path} ${payload}`);
    }
  }
});

const KEY = { 'idempotency-key': 'one' };
