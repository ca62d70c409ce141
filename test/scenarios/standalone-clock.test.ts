import assert from 'node:assert/strict';
import { test } from 'node:test';
import { undoAfter } from '../support/cleanup.ts';
import { entries, startProgram } from '../support/programs.ts';
import { until } from '../support/until.ts';
import { plugIn } from './plug.ts';
import { openStage } from './stage.ts';

const DAY_MS = 86_400_000;

test('a standalone that starts in the past, as a computer without a clock does, knows who is there', {
  timeout: 600_000,
}, async (t) => {
  const stage = await openStage('standalone');
  undoAfter(t, () => stage.close());
  const { sql } = stage.store;
  const id = stage.newId();
  const isOnline = async () => {
    const [row] = await sql<{ online: boolean }[]>`select online from charge_point where charge_point_id = ${id}`;
    return row?.online === true;
  };
  await stage.plug(t, id);
  await until(isOnline);
  await stage.cluster.gateways[0]?.stop();
  assert.equal(await isOnline(), false);
  await sql`update charge_point set epoch = ${Date.now() + DAY_MS} where charge_point_id = ${id}`;

  const ports = { HOST: '127.0.0.1', OCPP_PORT: '0', API_PORT: '0', OPS_PORT: '0' };
  const env = { ...ports, DATABASE_URL: stage.databaseUrl, ALLOW_PROFILE_0: 'true' };
  const { child, ready } = await startProgram('in the past', { entry: entries.standalone, env });
  undoAfter(t, () => child.stop());
  for (let turn = 0; turn < 3; turn++) {
    const plug = await plugIn(`${ready.ocppUrl}/${id}`);
    await until(isOnline);
    plug.close();
    await until(async () => !(await isOnline()));
  }
});
