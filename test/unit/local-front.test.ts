import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openFront, type Target } from '../local/front.ts';

const host = '127.0.0.1';

test('connections are spread over the targets', async (t) => {
  const front = await frontTo(t, [await target(t, 'a'), await target(t, 'b')]);
  const names = [await ask(front), await ask(front), await ask(front), await ask(front)];
  assert.deepEqual(names.sort(), ['a', 'a', 'b', 'b']);
});

test('a new connection goes to the target with the fewest', async (t) => {
  const targets = [await target(t, 'a')];
  const front = await frontTo(t, targets);
  await hold(t, front);
  await hold(t, front);
  targets.push(await target(t, 'b'));
  assert.equal(await ask(front), 'b');
  assert.equal(await ask(front), 'b');
});

test('a target that is gone is skipped', async (t) => {
  const gone = { id: 'gone', host, port: 1 };
  const front = await frontTo(t, [gone, await target(t, 'a')]);
  for (let round = 0; round < 5; round += 1) assert.equal(await ask(front), 'a');
});

test('without any target the answer is 503', async (t) => {
  const front = await frontTo(t, []);
  const response = await fetch(`http://${host}:${front}`);
  assert.equal(response.status, 503);
  assert.equal(response.headers.get('retry-after'), '1');
});

test('a busy port is reported as EADDRINUSE', async (t) => {
  const port = await frontTo(t, []);
  await assert.rejects(openFront({ host, port, targets: () => [] }), { code: 'EADDRINUSE' });
});

async function target(t: TestContext, id: string): Promise<Target> {
  const server: Server = createServer((_, response) => response.end(id));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  return { id, host, port: address.port };
}

async function frontTo(t: TestContext, targets: readonly Target[]): Promise<number> {
  const front = await openFront({ host, port: 0, targets: () => targets });
  t.after(front.close);
  return front.port;
}

async function ask(port: number): Promise<string> {
  const response = await fetch(`http://${host}:${port}`, { headers: { connection: 'close' } });
  return await response.text();
}

/** Opens a connection that stays, and resolves when a target has answered on it. */
async function hold(t: TestContext, port: number): Promise<Socket> {
  const socket = createConnection({ host, port });
  t.after(() => socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}
