import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type CutProxy, createCutProxy } from '../../chaos/cut-proxy.ts';
import { until } from '../../support/until.ts';
import { command } from '../http.ts';
import type { Plug } from '../plug.ts';
import { openStage, type Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

const EVERYBODY = ['gateway-1', 'gateway-2', 'gateway-3', 'worker-1', 'worker-2'];
/** Far less than a command to Redis may take: whoever waits for that is never so quick. */
const AT_ONCE_MS = 500;

/** A stage with a network between Redis and these processes. */
async function stageBehindProxy(
  t: TestContext,
  ids: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly own: Stage; readonly proxy: CutProxy }> {
  let proxy: CutProxy | undefined;
  const own = await openStage('cluster', { REDIS_TIMEOUT_MS: '3000', ...env }, async (redisUrl) => {
    const between = await createCutProxy(redisUrl);
    proxy = between;
    return Object.fromEntries(ids.map((id) => [id, between.url]));
  });
  t.after(async () => {
    proxy?.heal();
    await own.close();
    proxy?.close();
  });
  assert.ok(proxy);
  return { own, proxy };
}

const ways = {
  'is silent': (proxy: CutProxy) => proxy.cut(),
  'is gone': (proxy: CutProxy) => proxy.refuse(),
} as const;

for (const [how, lose] of Object.entries(ways)) {
  story(
    `while Redis ${how} chargers stay and come unowned, commands are refused at once; when it is back all is as before`,
    async (t) => {
      // Who may connect was learnt before.
      const { own, proxy } = await stageBehindProxy(t, EVERYBODY, { IDENTITY_CACHE_MS: '600000' });
      const [oldId, youngId] = [own.newId(), own.newId()];
      const old = await booted(t, own, oldId, 0);
      const before = await booted(t, own, youngId, 1);
      before.close();
      await until(async () => (await row(own, youngId))?.online === false);

      lose(proxy);
      await until(() => gatewaysThatSaid(own, 'registry is away; sockets stay up') === 3);
      const young = await own.plug(t, youngId, { gateway: 1 });
      young.answerAll(() => ({ status: 'Accepted' }));
      for (const plug of [old, young]) {
        assert.ok((await plug.ask('Heartbeat', {})).currentTime);
        const outcome = await plug.call('StartTransaction', startOf());
        assert.equal(outcome.type === 'error' && outcome.code, 'InternalError');
      }
      for (const gateway of own.cluster.gateways.keys()) {
        for (const id of [oldId, youngId]) {
          await until(
            async () => {
              const startedAtMs = performance.now();
              const { status, body } = await command(own, id, 'ClearCache', {}, { gateway });
              assert.equal(status, 503, JSON.stringify(body));
              return performance.now() - startedAtMs < AT_ONCE_MS;
            },
            { what: `refused within ${AT_ONCE_MS} ms` },
          );
        }
      }

      proxy.heal();
      await until(async () => {
        const { online, gatewayId } = (await row(own, youngId)) ?? {};
        return online === true && gatewayId === own.cluster.gateways[1]?.processId;
      });
      for (const gateway of own.cluster.gateways.keys()) {
        for (const id of [oldId, youngId])
          await until(async () => (await command(own, id, 'ClearCache', {}, { gateway })).status === 200);
      }
      for (const plug of [old, young]) assert.ok((await plug.ask('StartTransaction', startOf())).transactionId);
      assert.equal(old.socket.readyState, old.socket.OPEN);
    },
    'cluster',
  );
}

story(
  'a takeover the old gateway never hears of is found by its audit: the zombie is closed and changes nothing',
  async (t) => {
    const { own, proxy } = await stageBehindProxy(t, ['gateway-1']);
    const id = own.newId();
    const old = await booted(t, own, id, 0);
    await until(async () => (await row(own, id))?.online);
    // Redis goes on believing that it listens, so nobody tells it again.
    proxy.cut(':subscribe');
    const young = await booted(t, own, id, 1);
    assert.equal((await old.closed).code, 4001);
    const said = await until(() =>
      own.logs.find((line) => line.msg === 'taken over by another gateway' && line.chargePointId === id),
    );
    // Told by a message, it would know the newer epoch.
    assert.deepEqual([said.process, said.newerEpoch], ['gateway-1', undefined]);
    const young1 = own.cluster.gateways[1]?.processId;
    await until(async () => (await row(own, id))?.gatewayId === young1);
    // What the zombie could have told is told by now: presence is gathered for less than the road of a whole charge.
    const { transactionId } = await young.ask('StartTransaction', startOf());
    await young.ask('StopTransaction', { transactionId, meterStop: 1, timestamp: new Date().toISOString() });
    await own.transaction(Number(transactionId), ({ status }) => status === 'stopped');
    assert.deepEqual(await row(own, id), { online: true, gatewayId: young1, category: null });
    assert.equal((await command(own, id, 'ClearCache', {}, { gateway: 2 })).status, 200);
  },
  'cluster',
);

/** A charger that says who it is and accepts every command. */
async function booted(t: TestContext, stage: Stage, id: string, gateway: number): Promise<Plug> {
  const plug = await stage.plug(t, id, { gateway });
  plug.answerAll(() => ({ status: 'Accepted' }));
  await plug.ask('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
  return plug;
}

const startOf = () => ({ connectorId: 1, idTag: 'ANY', meterStart: 0, timestamp: new Date().toISOString() });

const gatewaysThatSaid = (stage: Stage, msg: string) =>
  new Set(stage.logs.filter((line) => line.msg === msg).map(({ process }) => process)).size;

async function row(stage: Stage, id: string) {
  const rows = await stage.store.sql<{ online: boolean; gatewayId: string | null; category: string | null }[]>`
    select online, gateway_id, last_disconnect_category as category from charge_point where charge_point_id = ${id}`;
  return rows[0] && { ...rows[0] };
}
