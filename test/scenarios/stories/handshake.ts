import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { hashPassword } from '@voltgate/shared/credential.ts';
import { upsertChargePoint } from '@voltgate/shared/store/administration.ts';
import { plugIn, Refused } from '../plug.ts';
import type { Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

const basic = (user: string, password: string | Buffer) => ({
  authorization: `Basic ${Buffer.concat([Buffer.from(`${user}:`), Buffer.from(password)]).toString('base64')}`,
});

story('ocpp1.6 is picked from whatever is offered and echoed', async (t, stage) => {
  const plug = await stage.plug(t, stage.newId(), { subprotocols: ['ocpp2.0.1', 'ocpp1.6', 'ocpp1.5'] });
  assert.equal(plug.socket.protocol, 'ocpp1.6');
});

story('a charger that offers no subprotocol is taken as ocpp1.6', async (t, stage) => {
  const plug = await stage.plug(t, stage.newId(), { subprotocols: [] });
  assert.ok((await plug.ask('Heartbeat', {})).currentTime);
});

story(
  'only foreign subprotocols: the handshake completes without the header and the socket closes',
  async (_t, stage) => {
    // The ws client refuses such a handshake by itself, so it is read by hand.
    const { headers, closed } = await rawUpgrade(stage, 'ocpp2.0.1');
    assert.match(headers, /^HTTP\/1\.1 101 /);
    assert.ok(!/sec-websocket-protocol/i.test(headers));
    await closed;
  },
);

story('no compression is agreed', async (t, stage) => {
  const plug = await stage.plug(t, stage.newId(), { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } });
  assert.equal(plug.socket.extensions, '');
});

story('a prefix, a trailing slash, percent-encoding and a query string are understood', async (t, stage) => {
  const id = `${stage.newId()} é/1`;
  const url = new URL(stage.cluster.ocppUrls[0] ?? '');
  const plug = await plugIn(`${url.origin}/site/7/ocpp/${encodeURIComponent(id)}/?token=1`);
  t.after(() => plug.socket.terminate());
  await plug.ask('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
  assert.equal(
    (await stage.get<{ chargePointId: string }>(`/api/v1/charge-points/${encodeURIComponent(id)}`)).chargePointId,
    id,
  );
});

story('a path without an identity is 404 before the upgrade, a plain GET 426', async (_t, stage) => {
  const origin = new URL(stage.cluster.ocppUrls[0] ?? '').origin;
  await assert.rejects(
    plugIn(`${origin}/nothing`),
    (error: unknown) => error instanceof Refused && error.status === 404,
  );
  await assert.rejects(
    plugIn(`${origin}/ocpp/a%00b`),
    (error: unknown) => error instanceof Refused && error.status === 404,
  );
  assert.equal((await fetch(origin.replace('ws', 'http'))).status, 426);
});

story(
  'a charge point with a credential needs the right one: 401 with a challenge before the upgrade',
  async (t, stage) => {
    const id = stage.newId();
    await upsertChargePoint(stage.store.db, { chargePointId: id, credential: await hashPassword('right') });
    for (const headers of [{}, basic(id, 'wrong'), basic('other', 'right'), { authorization: 'Bearer right' }]) {
      await assert.rejects(stage.plug(t, id, { headers }), (error: unknown) => {
        assert.ok(error instanceof Refused);
        assert.equal(error.status, 401);
        assert.match(String(error.headers['www-authenticate']), /^Basic /);
        return true;
      });
    }
    const plug = await stage.plug(t, id, { headers: basic(id, 'right') });
    assert.ok((await plug.ask('Heartbeat', {})).currentTime);
  },
);

story('an AuthorizationKey is accepted as raw bytes and as hex text', async (t, stage) => {
  const id = stage.newId();
  const key = 'ff00a1b2c3d4e5f60718293a4b5c6d7e8f901122';
  await upsertChargePoint(stage.store.db, { chargePointId: id, credential: await hashPassword(key) });
  await stage.plug(t, id, { headers: basic(id, Buffer.from(key, 'hex')) });
  await stage.plug(t, id, { headers: basic(id, key) });
  await assert.rejects(stage.plug(t, id, { headers: basic(id, key.slice(2)) }), Refused);
});

story('the newest connection of one charge point wins, the old one is closed', async (t, stage) => {
  const id = stage.newId();
  const old = await stage.plug(t, id, { gateway: 0 });
  const young = await stage.plug(t, id, { gateway: 0 });
  assert.equal((await old.closed).code, 4001);
  assert.ok((await young.ask('Heartbeat', {})).currentTime);
});

story('a thousand connections whose handshakes waited for a worker stay open', async (t, stage) => {
  // An upgrade corked by its own response was closed at once, one time in some thousands.
  const closed: string[] = [];
  for (let round = 0; round < 20; round++) {
    const plugs = await Promise.all(Array.from({ length: 50 }, () => stage.plug(t, stage.newId())));
    for (const plug of plugs) void plug.closed.then(({ code }) => closed.push(`${code}`));
    await Promise.all(plugs.map((plug) => plug.ask('Heartbeat', {})));
  }
  assert.deepEqual(closed, []);
});

async function rawUpgrade(stage: Stage, subprotocol: string): Promise<{ headers: string; closed: Promise<void> }> {
  const url = new URL(stage.cluster.ocppUrls[0] ?? '');
  const socket = connect(Number(url.port), url.hostname);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const request = [
    `GET /ocpp/${stage.newId()} HTTP/1.1`,
    `Host: ${url.host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Protocol: ${subprotocol}`,
  ];
  socket.write(`${request.join('\r\n')}\r\n\r\n`);
  const headers = await new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(bytes.toString())));
  return { headers, closed };
}
