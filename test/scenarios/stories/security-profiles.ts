import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { until } from '../../support/until.ts';
import { http } from '../http.ts';
import { Refused } from '../plug.ts';
import { openStage, type Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

const PASSWORD = 'a password';
const basic = (id: string) => ({ authorization: `Basic ${Buffer.from(`${id}:${PASSWORD}`).toString('base64')}` });

async function registered(stage: Stage, settings: object): Promise<string> {
  const chargePointId = stage.newId();
  const made = await http(stage, '/api/v1/charge-points', { body: { chargePointId, ...settings } });
  assert.equal(made.status, 201);
  return chargePointId;
}

/** 101, or the status of the refusal. */
function statusOf(t: TestContext, stage: Stage, id: string, headers: Record<string, string>): Promise<number> {
  return stage.plug(t, id, { headers }).then(
    () => 101,
    (error: unknown) => {
      assert.ok(error instanceof Refused, String(error));
      return error.status;
    },
  );
}

story('a charge point of profile 3 needs a client certificate with its own name, and no password', async (t, stage) => {
  const id = await registered(stage, { securityProfile: 3 });
  for (const name of [id, `CN=${id},O=Site`, `Hash=1;Subject="O=Site,CN=${id}"`])
    assert.equal(await statusOf(t, stage, id, { 'X-Client-Certificate': name }), 101, name);
  for (const name of ['', stage.newId(), `CN=${id}0`, `CN=${id},CN=other`, `O=${id}`])
    assert.equal(await statusOf(t, stage, id, { 'X-Client-Certificate': name }), 401, name);
  assert.equal(await statusOf(t, stage, id, basic(id)), 401);
});

story('a client certificate of another lets nobody in, whatever the password', async (t, stage) => {
  const id = await registered(stage, { password: PASSWORD });
  const shown = (name: string) => ({ ...basic(id), 'X-Client-Certificate': name });
  assert.equal(await statusOf(t, stage, id, shown(stage.newId())), 401);
  assert.equal(await statusOf(t, stage, id, shown(id)), 101);
});

story('a charge point of profile 2 needs its password and TLS up to the proxy', async (t, stage) => {
  const id = await registered(stage, { securityProfile: 2, password: PASSWORD });
  assert.equal(await statusOf(t, stage, id, basic(id)), 401);
  assert.equal(await statusOf(t, stage, id, { ...basic(id), 'X-Forwarded-Proto': 'http' }), 401);
  assert.equal(await statusOf(t, stage, id, { 'X-Forwarded-Proto': 'https' }), 401);
  assert.equal(await statusOf(t, stage, id, { ...basic(id), 'X-Forwarded-Proto': 'https' }), 101);
  assert.equal(await statusOf(t, stage, id, { ...basic(id), 'X-Forwarded-Proto': 'wss' }), 101);
});

story('what only a proxy may say is not believed of anybody else', async (t, main) => {
  const stage = await openStage(main.mode, { TRUSTED_PROXIES: '10.0.0.0/8' });
  t.after(() => stage.close());
  const certified = await registered(stage, { securityProfile: 3 });
  assert.equal(await statusOf(t, stage, certified, { 'X-Client-Certificate': certified }), 401);
  const overTls = await registered(stage, { securityProfile: 2, password: PASSWORD });
  assert.equal(await statusOf(t, stage, overTls, { ...basic(overTls), 'X-Forwarded-Proto': 'https' }), 401);
  const open = await registered(stage, { securityProfile: 1, password: PASSWORD });
  assert.equal(await statusOf(t, stage, open, { ...basic(open), 'X-Client-Certificate': 'somebody' }), 101);
});

story('a line of its own before that of the proxy gives a charger neither a name nor an address', async (_t, stage) => {
  const id = await registered(stage, { securityProfile: 3 });
  const one = [`X-Client-Certificate: ${id}`];
  assert.match(await rawUpgrade(stage, id, one), /^HTTP\/1\.1 101 /);
  assert.match(await rawUpgrade(stage, id, [...one, 'X-Client-Certificate: CN=other']), /^HTTP\/1\.1 401 /);
  const stranger = stage.newId();
  const forwarded = ['X-Forwarded-For: 203.0.113.1', 'X-Forwarded-For: 203.0.113.2', 'X-Client-Certificate: other'];
  await rawUpgrade(stage, stranger, forwarded);
  const line = await until(() =>
    stage.logs.find(({ msg, path }) => msg === 'upgrade refused' && path === `/ocpp/${stranger}`),
  );
  assert.deepEqual([line.address, line.why], ['203.0.113.2', 'client certificate of another']);
});

/** The WebSocket client joins lines of one name. */
async function rawUpgrade(stage: Stage, id: string, headers: readonly string[]): Promise<string> {
  const url = new URL(stage.cluster.ocppUrls[0] ?? '');
  const socket = connect(Number(url.port), url.hostname);
  const request = [
    `GET /ocpp/${id} HTTP/1.1`,
    `Host: ${url.host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: ocpp1.6',
    ...headers,
  ];
  socket.write(`${request.join('\r\n')}\r\n\r\n`);
  let answer = '';
  for await (const bytes of socket) {
    answer += String(bytes);
    if (answer.includes('\r\n\r\n')) break;
  }
  socket.destroy();
  return answer;
}
