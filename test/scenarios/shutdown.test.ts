import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { undoAfter } from '../support/cleanup.ts';
import { until } from '../support/until.ts';
import { Unplugged } from './plug.ts';
import { type Mode, openStage } from './stage.ts';

const at = () => new Date().toISOString();

for (const mode of ['standalone', 'cluster'] satisfies Mode[]) {
  describe(`${mode} that is stopped`, () => {
    test('answers what is under way, closes its sockets with 1001 and leaves no process', {
      timeout: 600_000,
    }, async (t) => {
      const stage = await openStage(mode);
      undoAfter(t, () => stage.close());
      const plugs = await Promise.all(Array.from({ length: 20 }, () => stage.plug(t, stage.newId())));
      const starts = plugs.map((plug, index) =>
        plug.ask('StartTransaction', { connectorId: 1, idTag: `stop-${index}`, meterStart: 0, timestamp: at() }),
      );
      // One is answered, so the others are under way.
      await Promise.any(starts);
      const stopped = stage.cluster.gateways.map((gateway) => gateway.stop());
      const outcomes = await Promise.allSettled(starts);
      // Every charger either has its answer, or was closed before its Call was looked at and sends it again.
      const lost = outcomes.filter((each) => each.status === 'rejected' && !(each.reason instanceof Unplugged));
      const codes = await Promise.all(plugs.map((plug) => plug.closed));
      assert.ok(
        codes.every(({ code }) => code === 1001),
        JSON.stringify(codes),
      );
      assert.deepEqual(lost, []);
      for (const ended of await Promise.all(stopped)) assert.equal(ended.code, 0);
    });
  });
}

test('a worker that is stopped finishes or hands back its jobs: nothing acknowledged is lost', {
  timeout: 600_000,
}, async (t) => {
  const stage = await openStage('cluster');
  undoAfter(t, () => stage.close());
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  const sample = (count: number) => ({
    connectorId: 1,
    meterValue: [
      {
        timestamp: new Date(Date.parse('2026-03-05T00:00:00Z') + count * 1_000).toISOString(),
        sampledValue: [{ value: `${count}` }],
      },
    ],
  });
  const [first, second] = stage.cluster.workers;
  assert.ok(first && second);
  for (let count = 0; count < 60; count++) {
    await plug.ask('MeterValues', sample(count));
    if (count === 15) assert.equal((await first.stop()).code, 0);
    if (count === 30) await first.restart();
    if (count === 45) assert.equal((await second.stop()).code, 0);
  }
  await until(async () => {
    const { items } = await stage.get<{ items: unknown[] }>(`/api/v1/charge-points/${id}/meter-values?limit=500`);
    return items.length === 60;
  });
});
