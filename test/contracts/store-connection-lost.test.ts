import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { openClient, type Sql } from '@voltgate/shared/store/client.ts';
import { undoAfter } from '../support/cleanup.ts';
import { createTestDatabase } from '../support/test-database.ts';

/** A pool of one connection through a line that can be cut: the server is gone, and back at once. */
async function openThroughLine(t: TestContext) {
  const database = await createTestDatabase();
  undoAfter(t, () => database.drop());
  const lines = new Set<Socket>();
  const target = new URL(database.url);
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      lines.add(socket);
      socket.on('error', () => undefined).on('close', () => lines.delete(socket));
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  undoAfter(t, async () => void server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const url = new URL(database.url);
  url.host = `127.0.0.1:${address.port}`;
  const { sql } = openClient({ url: url.href, poolSize: 1 });
  undoAfter(t, () => sql.end({ timeout: 1 }));
  const cut = () => {
    for (const line of lines) line.end();
  };
  return { sql, cut };
}

describe('a connection to Postgres that is lost in the middle of a transaction', () => {
  test('fails the transaction and nothing else', async (t) => {
    const { sql, cut } = await openThroughLine(t);
    for (let round = 0; round < 20; round++) {
      const lost = sql.begin(async (tx) => {
        await tx`select 1`;
        const sleeping = tx`select pg_sleep(10)`.catch((error: unknown) => error);
        setImmediate(cut);
        await sleeping;
        await tx`select 2`;
      });
      await assert.rejects(lost, { code: 'CONNECTION_CLOSED' });
      const [row] = await sql`select 3 as three`;
      assert.equal(row?.three, 3);
    }
  });

  test('lets nothing of it into another transaction', async (t) => {
    const { sql, cut } = await openThroughLine(t);
    await sql`create table said (word text)`;
    const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<void>();
    let dead: Promise<unknown> = Promise.resolve();
    const lost = sql.begin((tx) => {
      dead = speakLater(tx, goOn);
      return dead;
    });
    setTimeout(cut, 50);
    await assert.rejects(lost, { code: 'CONNECTION_CLOSED' });
    await sql.begin(async (tx) => {
      await tx`insert into said values ('alive')`;
      letGoOn();
      await assert.rejects(dead, { code: 'CONNECTION_CLOSED' });
      await tx`insert into said values ('well')`;
    });
    const rows = await sql`select word from said order by word`;
    assert.deepEqual(
      rows.map(({ word }) => word),
      ['alive', 'well'],
    );
  });
});

async function speakLater(tx: Sql, goOn: Promise<void>): Promise<void> {
  await tx`select 1`;
  await goOn;
  await tx`insert into said values ('dead')`;
}
