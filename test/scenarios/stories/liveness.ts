import assert from 'node:assert/strict';
import { until } from '../../support/until.ts';
import { openStage, type Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

story(
  'a charger whose line went dead without a word is shown offline; silent ones without pongs stay',
  async (t, stage) => {
    const own = await openStage(stage.mode, { PING_INTERVAL_MS: '2000', HEARTBEAT_INTERVAL_SECONDS: '60' });
    t.after(() => own.close());
    const [dead, mute, living] = [own.newId(), own.newId(), own.newId()];
    // Half open: nothing is read any more, so nothing is answered, and no FIN is ever sent.
    const deadPlug = await own.plug(t, dead);
    await new Promise((resolve) => deadPlug.socket.once('ping', resolve));
    const mutePlug = await own.plug(t, mute, { autoPong: false });
    const livingPlug = await own.plug(t, living);
    deadPlug.socket.pause();
    await until(async () => (await presenceOf(own, dead))?.online === false);
    assert.equal((await presenceOf(own, dead))?.category, 'no-pong');
    for (const [id, plug] of [
      [mute, mutePlug],
      [living, livingPlug],
    ] as const) {
      assert.equal((await presenceOf(own, id))?.online, true);
      assert.ok((await plug.ask('Heartbeat', {})).currentTime);
    }
  },
);

story('a charger that never pongs is closed after 2.5 silent heartbeat intervals, not before', async (t, stage) => {
  const own = await openStage(stage.mode, { PING_INTERVAL_MS: '1000', HEARTBEAT_INTERVAL_SECONDS: '4' });
  t.after(() => own.close());
  const id = own.newId();
  const plug = await own.plug(t, id, { autoPong: false });
  const saidAtMs = performance.now();
  await plug.ask('Heartbeat', {});
  await plug.closed;
  const silenceMs = performance.now() - saidAtMs;
  assert.ok(silenceMs >= 10_000 && silenceMs < 20_000, `closed after ${silenceMs} ms`);
  await until(async () => (await presenceOf(own, id))?.category === 'no-pong');
});

story('a charger that does not read its answers is disconnected, and the others are served', async (t, stage) => {
  const own = await openStage(stage.mode, { MAX_BACKPRESSURE_BYTES: '65536', MESSAGES_PER_SECOND: '100000' });
  t.after(() => own.close());
  const [deaf, other] = [own.newId(), await own.plug(t, own.newId(), { gateway: 0 })];
  const plug = await own.plug(t, deaf, { gateway: 0 });
  plug.socket.on('error', () => undefined);
  await until(async () => (await presenceOf(own, deaf))?.online);
  plug.socket.pause();
  const call = JSON.stringify([2, 'x'.repeat(36), 'NoSuchActionButALongName'.repeat(2), {}]);
  await until(
    async () => {
      for (let count = 0; count < 2_000; count += 1) plug.send(call);
      return (await presenceOf(own, deaf))?.online === false;
    },
    { withinMs: 40_000, everyMs: 20 },
  );
  assert.equal((await presenceOf(own, deaf))?.category, 'too-slow');
  assert.ok((await other.ask('Heartbeat', {})).currentTime);
});

story('a charger that ignores every Call is disconnected to come back afresh', async (t, stage) => {
  const own = await openStage(stage.mode, { UNANSWERED_CALLS_LIMIT: '2' });
  t.after(() => own.close());
  const id = own.newId();
  const plug = await own.plug(t, id);
  await plug.ask('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
  await until(async () => (await presenceOf(own, id))?.online);
  const command = () =>
    fetch(`${own.cluster.gateways[0]?.apiUrl}/api/v1/charge-points/${id}/commands/ClearCache?timeout=1`, {
      method: 'POST',
      headers: { authorization: `Bearer ${own.cluster.apiKey}`, 'content-type': 'application/json' },
      body: '{}',
    });
  assert.equal((await command()).status, 504);
  assert.equal((await command()).status, 504);
  assert.equal((await plug.closed).code, 4004);
  await until(async () => (await presenceOf(own, id))?.category === 'no-answers');
});

async function presenceOf(stage: Stage, id: string) {
  const rows = await stage.store.sql<{ online: boolean; category: string | null }[]>`
    select online, last_disconnect_category as category from charge_point where charge_point_id = ${id}`;
  return rows[0];
}
