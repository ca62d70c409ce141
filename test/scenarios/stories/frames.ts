import assert from 'node:assert/strict';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import { until } from '../../support/until.ts';
import type { Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

type ShownFrame = {
  readonly direction: string;
  readonly kind: string;
  readonly action: string;
  readonly messageId: string;
  readonly text: string;
  readonly latencyMs: number | null;
  readonly errorCode: string | null;
  readonly traceId: string | null;
};

/** Waits until so many frames of the charge point are in the log; the oldest first. */
async function framesOf(stage: Stage, id: string, count: number, query = ''): Promise<readonly ShownFrame[]> {
  return await until(
    async () => {
      const { items } = await stage.get<{ items: ShownFrame[] }>(`/api/v1/frames?chargePointId=${id}${query}`);
      if (items.length >= count) return items.toReversed();
      throw new Error(`${items.length} frames`);
    },
    { what: `${count} frames of ${id}` },
  );
}

story('every frame is in the log, an answer with the action, latency and trace id of its Call', async (t, stage) => {
  const id = stage.newId();
  const idTag = `frames-${id.slice(3)}`;
  await upsertIdTag(stage.store.db, { idTag });
  const plug = await stage.plug(t, id);
  const payload = { connectorId: 1, idTag, meterStart: 0, timestamp: new Date().toISOString() };
  const { transactionId } = await plug.ask('StartTransaction', payload);
  plug.send('hello');
  await plug.call('MakeCoffee', {});
  plug.close();
  const frames = await framesOf(stage, id, 6);
  assert.deepEqual(
    frames.map(({ direction, kind, action }) => `${direction} ${kind} ${action}`),
    [
      'in call StartTransaction',
      'out result StartTransaction',
      'in unreadable ',
      'in call MakeCoffee',
      'out error MakeCoffee',
      'in close ',
    ],
  );
  const [start, conf, , , error] = frames;
  const { traceId } = await stage.transaction(Number(transactionId), () => true);
  assert.deepEqual([start?.traceId, conf?.traceId], [traceId, traceId]);
  assert.ok(conf?.latencyMs !== null && Number(conf?.latencyMs) >= 0);
  assert.equal(error?.errorCode, 'NotImplemented');
  assert.ok(!frames.some(({ text }) => text.includes(idTag)));
  const faults = await framesOf(stage, id, 2, '&errors=true');
  assert.deepEqual(
    faults.map(({ kind }) => kind),
    ['unreadable', 'error'],
  );
});

story('the log is given as CSV, whole and quoted', async (t, stage) => {
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  for (let count = 0; count < 3; count++) await plug.ask('Heartbeat', {});
  await framesOf(stage, id, 6);
  const url = `${stage.cluster.gateways[0]?.apiUrl}/api/v1/frames?chargePointId=${id}`;
  const headers = { authorization: `Bearer ${stage.cluster.apiKey}` };
  for (const response of [
    await fetch(`${url}&format=csv`, { headers }),
    await fetch(url, { headers: { ...headers, accept: 'text/csv' } }),
  ]) {
    assert.match(response.headers.get('content-type') ?? '', /^text\/csv/);
    const lines = (await response.text()).trim().split('\r\n');
    assert.equal(lines.length, 7);
    assert.match(lines[0] ?? '', /^"id","at","chargePointId"/);
    assert.ok(lines.slice(1).every((line) => line.includes('""Heartbeat""') || line.includes('""currentTime""')));
  }
  const some = await fetch(`${url}&format=csv&limit=2`, { headers });
  assert.equal((await some.text()).trim().split('\r\n').length, 3);
});
