import assert from 'node:assert/strict';
import { lockChargePoint } from '@voltgate/shared/store/locks.ts';
import { until } from '../../support/until.ts';
import { Refused } from '../plug.ts';
import { openStage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

/** Long enough to be refused by a gateway that is stopping, and to read its metrics. */
const DELAY_MS = 5_000;

story(
  'a stopping gateway closes its chargers with 1001 at its pace, and another one takes them',
  async (t) => {
    const own = await openStage('cluster', { DRAIN_RATE: '20', DRAIN_DELAY_MS: String(DELAY_MS) });
    t.after(() => own.close());
    const ids = Array.from({ length: 20 }, () => own.newId());
    const plugs = await Promise.all(ids.map((id) => own.plug(t, id, { gateway: 0 })));
    const [old] = own.cluster.gateways;
    const stoppedAtMs = performance.now();
    const stopped = old?.stop();
    const refusal = until(() =>
      own.plug(t, own.newId(), { gateway: 0 }).then(
        () => undefined,
        (error: unknown) => error instanceof Refused && error,
      ),
    );
    assert.equal((await refusal).status, 503);
    assert.ok(Number((await refusal).headers['retry-after']) > 0);
    await until(async () => (await fetch(`${old?.opsUrl}/readyz`)).status === 503);
    const metrics = await (await fetch(`${old?.opsUrl}/metrics`)).text();
    assert.match(metrics, /^voltgate_draining 1$/m);
    const deadline = Number(/^voltgate_drain_deadline_timestamp_seconds (\S+)$/m.exec(metrics)?.[1]);
    assert.ok(Math.abs(deadline * 1_000 - Date.now()) < 60_000, `the drain has until ${deadline}`);

    let lastAtMs = 0;
    const moved = await Promise.all(
      plugs.map(async (plug, index) => {
        assert.equal((await plug.closed).code, 1001);
        lastAtMs = performance.now();
        return own.plug(t, ids[index] ?? '', { gateway: 1 });
      }),
    );
    // From the signal on: no noise makes this shorter.
    const tookMs = lastAtMs - stoppedAtMs;
    assert.ok(tookMs > DELAY_MS + 700, `20 sockets at 20 per second closed within ${tookMs} ms`);
    assert.equal((await stopped)?.code, 0);
    await Promise.all(moved.map((plug) => plug.ask('Heartbeat', {})));
    const rows = () => own.store.sql<{ online: boolean; gatewayId: string }[]>`
    select online, gateway_id from charge_point where charge_point_id in ${own.store.sql(ids)}`;
    await until(async () =>
      (await rows()).every(({ online, gatewayId }) => online && gatewayId === own.cluster.gateways[1]?.processId),
    );
  },
  'cluster',
);

story('a Call under way is answered before its stopping gateway closes the socket', async (t, stage) => {
  const own = await openStage(stage.mode);
  t.after(() => own.close());
  const id = own.newId();
  const plug = await own.plug(t, id, { gateway: 0 });
  await plug.ask('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
  // Whoever starts a transaction waits for this lock: the Call is under way until the gateway is stopping.
  const { calling, stopped } = await own.store.sql.begin(async (tx) => {
    await lockChargePoint(tx, id);
    const start = plug.ask('StartTransaction', {
      connectorId: 1,
      idTag: 'NOBODY',
      meterStart: 0,
      timestamp: new Date().toISOString(),
    });
    await until(async () => {
      const [waiting] = await tx`
        select from pg_locks where locktype = 'advisory' and classid = 1 and not granted
        and database = (select oid from pg_database where datname = current_database())`;
      return waiting !== undefined;
    });
    const stop = own.cluster.gateways[0]?.stop();
    await until(() => own.logs.some(({ msg }) => msg === 'draining'));
    return { calling: () => start, stopped: () => stop };
  });
  assert.equal(typeof (await calling()).transactionId, 'number');
  assert.equal((await plug.closed).code, 1001);
  assert.equal((await stopped())?.code, 0);
});
