import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { undoAfter } from '../support/cleanup.ts';
import { until } from '../support/until.ts';
import { command } from './http.ts';
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

test('a gateway that is stopped answers who waits for a charger elsewhere, and waits for no request without an end', {
  timeout: 600_000,
}, async (t) => {
  const stage = await openStage('cluster', { ASK_TIMEOUT_MS: '2000' });
  undoAfter(t, () => stage.close());
  const [stopping, other] = stage.cluster.gateways;
  assert.ok(stopping && other);
  const id = stage.newId();
  const plug = await stage.plug(t, id, { gateway: 1 });
  await plug.ask('Heartbeat', {});
  const { hostname, port } = new URL(stopping.apiUrl);
  const endless = connect(Number(port), hostname).on('error', () => undefined);
  undoAfter(t, async () => void endless.destroy());
  endless.write('GET /api/v1/gateways HTTP/1.1\r\n');
  const waiting = command(stage, id, 'ClearCache', {}, { gateway: 0, query: '?timeout=600' });
  const asked = await plug.asked('ClearCache');
  const stopped = stopping.stop();
  const { status, body, headers } = await waiting;
  assert.deepEqual([status, body.type], [504, 'urn:voltgate:problem:no-answer']);
  assert.deepEqual(await stopped, { code: 0, signal: null });
  // The charger answers all the same, and that is what is kept.
  asked.answer({ status: 'Accepted' });
  await until(async () => {
    const shown = await fetch(`${other.apiUrl}/api/v1/commands/${headers.get('x-command-id')}`, {
      headers: { authorization: `Bearer ${stage.cluster.apiKey}` },
    });
    return ((await shown.json()) as { status: string }).status === 'answered';
  });
});

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
