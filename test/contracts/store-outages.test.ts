import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import { createStore, type PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { start } from '../support/store-messages.ts';
import { createTestDatabase } from '../support/test-database.ts';

/** A way to a server that can fall silent like a frozen one: sockets stay open, nothing is carried any more. */
async function createLine(t: TestContext, url: string) {
  let silent = false;
  const sockets = new Set<Socket>();
  const target = new URL(url);
  const { port, hostname } = target;
  const server = createServer((near) => {
    const far = connect(Number(port || 5432), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => !silent && to.write(data));
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  target.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: target.href,
    freeze(on: boolean) {
      silent = on;
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function open(t: TestContext, options: { statementTimeoutMs?: number; connectTimeoutMs?: number } = {}) {
  const database = await createTestDatabase();
  const line = await createLine(t, database.url);
  const store = createStore({ url: line.url, poolSize: 2, ...options });
  t.after(async () => {
    await store.close();
    await database.drop();
  });
  return { store, line, database };
}

async function failure(action: Promise<unknown>): Promise<unknown> {
  return action.then(
    () => assert.fail('it did not fail'),
    (error) => error,
  );
}

async function comesBack(store: PostgresStore): Promise<void> {
  for (;;) {
    try {
      return await store.ping();
    } catch (error) {
      assert.ok(store.isTransient(error), String(error));
    }
  }
}

test('a cut connection is a transient error and the pool heals', async (t) => {
  const { store, line } = await open(t);
  await store.ping();
  const running = failure(store.sql`select pg_sleep(5)`);
  // The statement is under way once another connection sees it.
  while (
    (await store.sql`select from pg_stat_activity where query like 'select pg_sleep%' and datname = current_database()`)
      .length === 0
  );
  line.cut();
  assert.ok(store.isTransient(await running));
  await comesBack(store);
});

test('a server that falls silent gives an error in time, and its connections are given up', {
  timeout: 120_000,
}, async (t) => {
  const { store, line } = await open(t, { statementTimeoutMs: 500, connectTimeoutMs: 500 });
  await upsertIdTag(store.db, { idTag: 'TAG' });
  const message = start();
  const first = await store.startTransaction(message);
  line.freeze(true);
  const errors = await Promise.all([1, 2, 3, 4, 5, 6].map(() => failure(store.startTransaction({ ...message }))));
  for (const error of errors) assert.ok(store.isTransient(error), String(error));
  line.freeze(false);
  await comesBack(store);
  assert.deepEqual(await store.startTransaction(message), first);
});

test('no server at all is a transient error', async () => {
  const store = createStore({ url: 'postgres://nobody@127.0.0.1:1/none', poolSize: 1 });
  assert.ok(store.isTransient(await failure(store.ping())));
  await store.close();
});

test('a statement that waits too long is ended by the server and may be tried again', async (t) => {
  const { store } = await open(t, { statementTimeoutMs: 300 });
  assert.ok(store.isTransient(await failure(store.sql`select pg_sleep(5)`)));
});

test('a database that is not migrated yet is not the fault of a letter', async (t) => {
  const { store } = await open(t);
  await store.sql`alter table transaction rename to elsewhere`;
  assert.ok(store.isTransient(await failure(store.startTransaction(start()))));
  assert.ok(!store.isTransient(await failure(store.sql`select 1 / 0`)));
});

test('a drizzle statement that cannot reach the server is transient as well', async () => {
  const store = createStore({ url: 'postgres://nobody@127.0.0.1:1/none', poolSize: 1 });
  assert.ok(store.isTransient(await failure(store.findApiKey('key'))));
  await store.close();
});
