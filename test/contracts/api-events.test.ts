import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createApi } from '@voltgate/gateway/api/api.ts';
import { createEvents } from '@voltgate/gateway/events.ts';
import { EVENTS_CHANNEL, type LiveEvent } from '@voltgate/shared/events.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { createMemoryBus } from '@voltgate/shared/memory/bus.ts';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { keepApiKey } from '../support/api-key.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

const WINDOW = 1_000;

/** The event stream of a gateway over a real socket. */
async function openStream(t: TestContext, eventHeartbeatMs?: number) {
  const database = await createTestDatabase();
  t.after(() => database.drop());
  await keepApiKey(database.url, 'key');
  const store = createStore({ url: database.url, poolSize: 1 });
  t.after(() => store.close());
  const bus = createMemoryBus();
  const events = await createEvents(bus, WINDOW);
  const app = await createApi({ store, events, eventHeartbeatMs, log: createLog('silent', {}), version: '1.2.3' });
  t.after(() => app.close());
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;

  /** A client that asks for events and reads or does not; `text` = what it has read. */
  async function watch({ query = '', lastEventId = '' } = {}) {
    const socket = connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    const header = lastEventId && `Last-Event-ID: ${lastEventId}\r\n`;
    socket.write(`GET /api/v1/events?${query} HTTP/1.1\r\nHost: here\r\nX-API-Key: key\r\n${header}\r\n`);
    const client = { socket, text: '', ids: () => idsOf(client.text) };
    socket.on('data', (bytes) => {
      client.text += String(bytes);
    });
    const watchers = events.watchers();
    await until(() => events.watchers() > watchers || client.text.includes('retry:'));
    return client;
  }

  let last = 0;
  /** Publishes events, each of `size` characters and more. */
  async function publish(count: number, size = 0): Promise<LiveEvent[]> {
    const all = Array.from({ length: count }, (_, index): LiveEvent => {
      const id = String(last + index + 1).padStart(8, '0');
      const at = '2026-01-31T12:00:00.000Z';
      return { id, kind: index % 2 ? 'energy' : 'presence', at, chargePointId: 'CP', data: { text: 'x'.repeat(size) } };
    });
    last += count;
    await bus.publish(EVENTS_CHANNEL, JSON.stringify(all));
    return all;
  }

  return { app, events, watch, publish };
}

const idsOf = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id);
const isEnded = (socket: Socket) => socket.destroyed || socket.readableEnded;

test('a reader too slow for what happens is ended, and the others are not', async (t) => {
  const { events, watch, publish } = await openStream(t);
  const slow = await watch();
  const good = await watch();
  slow.socket.pause();
  await until(async () => {
    const [event] = await publish(1, 100_000);
    await until(() => good.ids().at(-1) === event?.id);
    return events.watchers() === 1;
  });
  // What was on its way is still read; then there is the end, and never a hole before it.
  slow.socket.resume();
  await until(() => isEnded(slow.socket));
  assert.deepEqual(slow.ids(), good.ids().slice(0, slow.ids().length));
  assert.ok(slow.ids().length < good.ids().length);
});

test('a stream on which nothing happens is kept alive by comments', async (t) => {
  const { watch } = await openStream(t, 10);
  const client = await watch();
  await until(() => client.text.split(': still here\n\n').length > 3);
  assert.deepEqual(client.ids(), []);
});

test('whoever comes back with the last id is shown what was missed, by header or parameter, as filtered', async (t) => {
  const { watch, publish } = await openStream(t);
  const ids = (await publish(6)).map(({ id }) => id);
  const lastEventId = ids[1] ?? '';
  const byHeader = await watch({ lastEventId });
  const byParameter = await watch({ query: `lastEventId=${lastEventId}&kind=energy` });
  const later = (await publish(1)).map(({ id }) => id);
  await until(() => byHeader.ids().at(-1) === later[0]);
  assert.deepEqual(byHeader.ids(), [...ids.slice(2), ...later]);
  await until(() => byParameter.ids().length === 2);
  assert.deepEqual(byParameter.ids(), [ids[3], ids[5]]);
  assert.ok(!byHeader.text.includes('event: gap'));
});

test('whoever comes back with an id that is gone is told of a gap', async (t) => {
  const { watch, publish } = await openStream(t);
  const [first] = await publish(1);
  await publish(3 * WINDOW);
  const late = await watch({ lastEventId: first?.id ?? '' });
  await until(() => late.text.includes('event: gap') && late.ids().length === WINDOW);
});

test('whoever missed more than may be unread at a time is shown all of it nevertheless', async (t) => {
  const { watch, publish } = await openStream(t);
  const [first] = await publish(1);
  const missed = await publish(900, 1_000);
  const back = await watch({ lastEventId: first?.id ?? '' });
  await until(() => back.ids().length === missed.length || isEnded(back.socket));
  assert.equal(back.ids().length, missed.length);
  const [next] = await publish(1);
  await until(() => back.ids().at(-1) === next?.id);
});

test('a stream that is still behind ends with the gateway', async (t) => {
  const { events, watch, publish } = await openStream(t);
  const [first] = await publish(1);
  await publish(900, 20_000);
  const behind = await watch({ lastEventId: first?.id ?? '' });
  behind.socket.pause();
  await publish(1);
  await events.close();
  behind.socket.resume();
  await until(() => isEnded(behind.socket) || behind.text.endsWith('\r\n0\r\n\r\n'));
  assert.ok(behind.ids().length < 901);
});

test('only its head is no way to open a stream', async (t) => {
  const { app } = await openStream(t);
  const headers = { 'x-api-key': 'key' };
  assert.equal((await app.inject({ method: 'HEAD', url: '/api/v1/events', headers })).statusCode, 405);
});
