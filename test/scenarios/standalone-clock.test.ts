import assert from 'node:assert/strict';
import { test } from 'node:test';
import { undoAfter } from '../support/cleanup.ts';
import { until } from '../support/until.ts';
import { openStage } from './stage.ts';

const DAY_MS = 86_400_000;

test('a standalone that starts in the past, as a computer without a clock does, knows who is there', {
  timeout: 600_000,
}, async (t) => {
  const stage = await openStage('standalone');
  undoAfter(t, () => stage.close());
  const id = stage.newId();
  const isOnline = async () => (await stage.get<{ online: boolean }>(`/api/v1/charge-points/${id}`)).online;
  await stage.plug(t, id);
  await until(isOnline);
  const [gateway] = stage.cluster.gateways;
  await gateway?.stop();
  await stage.store.sql`update charge_point set epoch = ${Date.now() + DAY_MS} where charge_point_id = ${id}`;
  await gateway?.restart();
  assert.equal(await isOnline(), false);
  const plug = await stage.plug(t, id);
  await until(isOnline);
  plug.close();
  await until(async () => !(await isOnline()));
  await stage.plug(t, id);
  await until(isOnline);
});
