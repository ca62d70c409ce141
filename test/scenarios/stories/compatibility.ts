import assert from 'node:assert/strict';
import { until } from '../../support/until.ts';
import { http } from '../http.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

story('remote-start starts, and is 404 when the charge point is not connected', async (t, stage) => {
  const id = stage.newId();
  const offline = await http(stage, `/api/remote-start/${id}`, { body: { idTag: 'x' } });
  assert.equal(offline.status, 404);
  const plug = await stage.plug(t, id);
  await plug.ask('Heartbeat', {});
  const pending = http(stage, `/api/remote-start/${id}`, { body: { idTag: 'x', connectorId: 1 }, gateway: 1 });
  const asked = await plug.asked('RemoteStartTransaction');
  assert.deepEqual(asked.payload, { idTag: 'x', connectorId: 1 });
  asked.answer({ status: 'Accepted' });
  const { status, body } = await pending;
  assert.deepEqual([status, body], [200, { status: 'Accepted' }]);
  plug.close();
  await plug.closed;
  await until(async () => (await http(stage, `/api/remote-start/${id}`, { body: { idTag: 'x' } })).status === 404);
});

story('any operation can be requested by name', async (t, stage) => {
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  await plug.ask('Heartbeat', {});
  const path = `/api/charge-points/${id}/request`;
  plug.answerAll(() => ({ status: 'Accepted' }));
  const { status, body } = await http(stage, path, { body: { action: 'ClearCache' } });
  assert.deepEqual([status, body], [200, { status: 'Accepted' }]);
  const wrong = await http(stage, path, { body: { action: 'Reset', payload: { type: 'Medium' } } });
  assert.equal(wrong.status, 400);
  assert.match(String(wrong.body.detail), /type must be one of Hard, Soft/);
  assert.equal((await http(stage, path, { body: { action: 'MakeCoffee' } })).status, 404);
});

story('connected charge points and the newest frames are listed', async (t, stage) => {
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  await plug.ask('Heartbeat', {});
  const listed = async (path: string, has: (item: Record<string, unknown>) => boolean) => {
    const items = await stage.get<readonly Record<string, unknown>[]>(path);
    return items.some(has);
  };
  await until(() => listed('/api/charge-points', (item) => item.id === id));
  await until(() => listed('/api/logs?limit=500', (item) => item.chargePointId === id && item.action === 'Heartbeat'));
});

story('the simple routes ask for a key as well', async (_t, stage) => {
  for (const path of ['/api/charge-points', '/api/logs'])
    assert.equal((await http(stage, path, { method: 'GET', apiKey: 'nobody' })).status, 401);
  assert.equal((await http(stage, '/api/remote-start/x', { body: {}, apiKey: 'nobody' })).status, 401);
});
