import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { createBlockingClient } from '@voltgate/shared/redis/client.ts';
import { until } from '../../support/until.ts';
import { command } from '../http.ts';
import { openStage, type Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

type Shown = {
  readonly online: boolean;
  readonly gatewayId: string | null;
  readonly connectionId: string | null;
  readonly address: string | null;
  readonly presenceAt: string | null;
  readonly lastDisconnectCategory: string | null;
};

const SETTLED_MS = 1_000;
const shown = (stage: Stage, id: string) => stage.get<Shown>(`/api/v1/charge-points/${id}`);
const shownWhen = (stage: Stage, id: string, condition: (shown: Shown) => boolean) =>
  until(async () => {
    const now = await shown(stage, id);
    if (condition(now)) return now;
    throw new Error(JSON.stringify(now));
  });
const connectionsOf = (stage: Stage, id: string) =>
  stage.logs.filter((line) => line.chargePointId === id && line.msg === 'charge point connected');
/** Lines of several processes come when they come: all of them have to be there. */
const isNewest = (stage: Stage, id: string, count: number, { connectionId }: Shown) => {
  const known = connectionsOf(stage, id);
  return known.length === count && known.at(-1)?.connectionId === connectionId;
};
/** Gateways of this process take turns in `plug`; the standalone one is both of them. */
const gatewayId = (stage: Stage, gateway: number) =>
  stage.cluster.gateways[gateway % stage.cluster.gateways.length]?.processId ?? '';

async function ownStage(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const stage = await openStage('cluster', env);
  t.after(() => stage.close());
  return stage;
}

story('a charger that comes and goes is shown online, then offline with the reason', async (t, stage) => {
  const id = stage.newId();
  const plug = await stage.plug(t, id, { gateway: 0 });
  const online = await shownWhen(stage, id, (now) => now.online);
  assert.equal(online.gatewayId, gatewayId(stage, 0));
  assert.equal(online.address, '127.0.0.1');
  plug.close();
  const offline = await shownWhen(stage, id, (now) => !now.online);
  assert.equal(offline.lastDisconnectCategory, 'charge-point-closed');
});

story('a charger whose line is cut is shown offline with another reason', async (t, stage) => {
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  await shownWhen(stage, id, (now) => now.online);
  plug.socket.terminate();
  const offline = await shownWhen(stage, id, (now) => !now.online);
  assert.equal(offline.lastDisconnectCategory, 'connection-lost');
});

story('behind a trusted proxy the charger is shown with its own address', async (t, stage) => {
  const id = stage.newId();
  await stage.plug(t, id, { headers: { 'X-Forwarded-For': '203.0.113.7' } });
  assert.equal((await shownWhen(stage, id, (now) => now.online)).address, '203.0.113.7');
});

story('a connection through another gateway takes over within a second', async (t, stage) => {
  const id = stage.newId();
  const old = await stage.plug(t, id, { gateway: 0 });
  await shownWhen(stage, id, (now) => now.online);
  let [newest, turn] = [old, 0];
  // To and fro until one takeover was seen so quick: this machine may be busy with something else.
  await until(async () => {
    const before = newest;
    turn += 1;
    newest = await stage.plug(t, id, { gateway: turn % 2 });
    const startedAtMs = performance.now();
    assert.equal((await before.closed).code, 4001);
    assert.ok((await newest.ask('Heartbeat', {})).currentTime);
    return performance.now() - startedAtMs < 1_000;
  });
  const now = await shownWhen(stage, id, (each) => isNewest(stage, id, turn + 1, each));
  assert.equal(now.online, true);
  assert.equal(now.gatewayId, gatewayId(stage, turn % 2));
  assert.equal(now.lastDisconnectCategory, null);
});

story('many takeovers to and fro leave the newest one online, and alone', async (t, stage) => {
  const id = stage.newId();
  const plugs = [];
  for (let turn = 0; turn < 8; turn += 1) {
    const plug = await stage.plug(t, id, { gateway: turn });
    // Its claim is done: the next one comes later, not only its handshake.
    await plug.ask('Heartbeat', {});
    plugs.push(plug);
  }
  const newest = plugs.pop();
  for (const plug of plugs) assert.equal((await plug.closed).code, 4001);
  assert.ok((await newest?.ask('Heartbeat', {}))?.currentTime);
  await shownWhen(stage, id, (now) => now.online && isNewest(stage, id, 8, now));
});

story('a charger that two devices take from each other is listed as flapping', async (t, stage) => {
  const id = stage.newId();
  // No gateway takes over more than three times by itself, of more than five altogether.
  for (let turn = 0; turn < 8; turn += 1)
    await stage.plug(t, id, { gateway: turn, headers: { 'X-Forwarded-For': `203.0.113.${turn % 2}` } });
  const listed = await until(async () => {
    const { items } = await stage.get<{ items: { chargePointId: string; addresses: string[]; takeovers: number }[] }>(
      '/api/v1/flapping?limit=500',
    );
    return items.find(({ chargePointId }) => chargePointId === id);
  });
  assert.ok(listed.takeovers > 5);
  assert.ok(listed.addresses.length > 0);
  const said = stage.logs.filter((line) => line.chargePointId === id && /taken over again/.test(String(line.msg)));
  assert.ok(said.length <= stage.cluster.gateways.length);
});

story(
  'a charger moves before its old gateway notices: the old socket changes nothing',
  async (t) => {
    const own = await ownStage(t);
    const id = own.newId();
    const old = await own.plug(t, id, { gateway: 0 });
    await shownWhen(own, id, (now) => now.online);
    // The old gateway hears nothing while it stands still, and the charger has long been elsewhere.
    own.cluster.gateways[0]?.kill('SIGSTOP');
    const young = await own.plug(t, id, { gateway: 1 });
    old.socket.terminate();
    await until(async () => {
      const rows = await own.store.sql`
      select 1 from charge_point where charge_point_id = ${id} and gateway_id = ${gatewayId(own, 1)}`;
      return rows.length > 0;
    });
    own.cluster.gateways[0]?.kill('SIGCONT');
    const first = connectionsOf(own, id)[0]?.connectionId;
    await until(() => own.logs.some((line) => line.connectionId === first && line.msg === 'charge point disconnected'));
    assert.ok((await young.ask('Heartbeat', {})).currentTime);
    await staysTrue(async () => {
      const now = await shown(own, id);
      return now.online && now.gatewayId === gatewayId(own, 1);
    });
    // And it gets the commands, through the gateway that lost it as well.
    young.answerAll(() => ({ status: 'Accepted' }));
    for (const gateway of own.cluster.gateways.keys()) {
      // Redis did not hear from the one that stood still, perhaps for longer than it waits for an answer.
      await until(async () => (await command(own, id, 'ClearCache', {}, { gateway })).status === 200);
    }
  },
  'cluster',
);

story(
  'a takeover by another gateway ends the command in flight, and the next one reaches the newest connection',
  async (t, stage) => {
    const id = stage.newId();
    const old = await stage.plug(t, id, { gateway: 0 });
    await old.ask('Heartbeat', {});
    const inFlight = command(stage, id, 'ClearCache', {}, { gateway: 1 });
    await old.asked('ClearCache');
    const young = await stage.plug(t, id, { gateway: 1 });
    young.answerAll(() => ({ status: 'Accepted' }));
    const { status, body } = await inFlight;
    // The old connection was told: nobody knows whether it still happens.
    assert.equal(status, 504, JSON.stringify(body));
    await young.ask('Heartbeat', {});
    assert.equal((await command(stage, id, 'ClearCache', {}, { gateway: 2 })).status, 200);
    assert.equal(young.frames.filter(([type]) => type === 2).length, 1);
  },
);

story(
  'a registry that lost its memory knows every owner again within seconds',
  async (t) => {
    const own = await ownStage(t);
    const ids = Array.from({ length: 30 }, () => own.newId());
    const plugs = await Promise.all(ids.map((id, index) => own.plug(t, id, { gateway: index })));
    for (const id of ids) await shownWhen(own, id, (now) => now.online);
    const redis = createBlockingClient({ url: own.redisUrl ?? '', cluster: false }, 'test');
    t.after(() => redis.disconnect());
    await redis.flushdb();
    const ownersKnown = async () => {
      let owners = 0;
      for (const key of await redis.keys('voltgate:*:owners')) owners += await redis.hlen(key);
      return owners === ids.length;
    };
    await until(ownersKnown);
    await Promise.all(plugs.map((plug) => plug.ask('Heartbeat', {})));
    await staysTrue(async () => (await Promise.all(ids.map((id) => shown(own, id)))).every(({ online }) => online));
  },
  'cluster',
);

story(
  'a gateway that was silent beyond its lease owns its chargers again when it comes back',
  async (t) => {
    const own = await ownStage(t, { LEASE_RENEW_MS: '300', LEASE_TTL_MS: '1000', REAP_INTERVAL_MS: '200' });
    const id = own.newId();
    const plug = await own.plug(t, id, { gateway: 0 });
    await shownWhen(own, id, (now) => now.online);
    const [silent] = own.cluster.gateways;
    silent?.kill('SIGSTOP');
    const row = () =>
      own.store.sql<{ online: boolean }[]>`select online from charge_point where charge_point_id = ${id}`;
    await until(async () => (await row())[0]?.online === false);
    silent?.kill('SIGCONT');
    await until(async () => (await row())[0]?.online === true);
    assert.ok((await plug.ask('Heartbeat', {})).currentTime);
  },
  'cluster',
);

/** For what must not happen: looked at again and again for a second. */
async function staysTrue(condition: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + SETTLED_MS;
  while (Date.now() < endMs) assert.ok(await condition());
}
