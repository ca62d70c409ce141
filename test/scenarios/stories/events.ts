import assert from 'node:assert/strict';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import { until } from '../../support/until.ts';
import type { Stage } from '../stage.ts';
import { storybook } from '../story.ts';
import { watchEvents } from '../watch.ts';

const { stories, story } = storybook();

export { stories };

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

async function charge(t: Parameters<Stage['plug']>[0], stage: Stage, id: string) {
  const idTag = `live-${id.slice(3)}`;
  await upsertIdTag(stage.store.db, { idTag });
  const plug = await stage.plug(t, id);
  await plug.ask('StatusNotification', { connectorId: 1, status: 'Preparing', errorCode: 'NoError' });
  const conf = await plug.ask('StartTransaction', { connectorId: 1, idTag, meterStart: 1_000, timestamp: ago(30) });
  return { plug, idTag, transactionId: Number(conf.transactionId) };
}

story('whoever watches any gateway sees a charge live: status, start, energy, stop', async (t, stage) => {
  const id = stage.newId();
  const watches = await Promise.all(
    stage.cluster.gateways.map((_, gateway) => watchEvents(t, stage, `chargePointId=${id}`, { gateway })),
  );
  const { plug, transactionId, idTag } = await charge(t, stage, id);
  const meterValue = [{ timestamp: ago(20), sampledValue: [{ value: '4000' }] }];
  await plug.ask('MeterValues', { connectorId: 1, transactionId, meterValue });
  for (const { events } of watches) await until(() => events.some(({ kind }) => kind === 'energy'));
  await plug.ask('StopTransaction', { transactionId, idTag, meterStop: 5_000, timestamp: ago(10) });
  for (const { events } of watches) {
    await until(() => events.some(({ data }) => data.change === 'stopped'));
    const find = (kind: string, change?: string) =>
      events.find((event) => event.kind === kind && event.data.change === change)?.data;
    assert.equal(find('connector-status')?.status, 'Preparing');
    assert.equal(find('transaction', 'started')?.transactionId, transactionId);
    assert.deepEqual([find('energy')?.transactionId, find('energy')?.liveEnergyWh], [transactionId, 3_000]);
    assert.equal(find('transaction', 'stopped')?.energyWh, 4_000);
    assert.ok(events.every(({ chargePointId }) => chargePointId === id));
    assert.equal(new Set(events.map((event) => event.id)).size, events.length);
  }
});

story('a charge that a boot left open is seen to become suspect and to be closed by policy', async (t, stage) => {
  const id = stage.newId();
  const watch = await watchEvents(t, stage, `chargePointId=${id}&kind=transaction`);
  const { plug, transactionId } = await charge(t, stage, id);
  await plug.ask('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
  const seen = (change: string) => until(() => watch.events.find(({ data }) => data.change === change)?.data);
  assert.deepEqual(await seen('suspect'), { change: 'suspect', transactionId, connectorId: 1 });
  const stopped = await seen('stopped');
  assert.deepEqual([stopped.transactionId, stopped.stoppedBy, stopped.energyWh], [transactionId, 'policy', 0]);
  assert.equal(watch.events.length, 3);
});

story('only the kinds asked for are shown', async (t, stage) => {
  const id = stage.newId();
  const watch = await watchEvents(t, stage, `chargePointId=${id}&kind=transaction&kind=orphan`);
  const { plug } = await charge(t, stage, id);
  await plug.ask('StopTransaction', { transactionId: 987_654_321, meterStop: 5, timestamp: ago(1) });
  await until(() => watch.events.length >= 2);
  assert.deepEqual(watch.events.map(({ kind }) => kind).toSorted(), ['orphan', 'transaction']);
  const orphan = watch.events.find(({ kind }) => kind === 'orphan');
  assert.equal(orphan?.data.sentTransactionId, '987654321');
});

story('a charge point is seen to come and to go', async (t, stage) => {
  const id = stage.newId();
  const watch = await watchEvents(t, stage, `chargePointId=${id}&kind=presence`);
  const plug = await stage.plug(t, id);
  await until(() => watch.events.some(({ data }) => data.online === true));
  plug.close();
  await until(() => watch.events.some(({ data }) => data.online === false));
});

story('a client that comes back is shown what it missed; one that was away too long is told so', async (t, stage) => {
  const id = stage.newId();
  const query = `chargePointId=${id}&kind=connector-status`;
  const plug = await stage.plug(t, id);
  const say = (status: string) => plug.ask('StatusNotification', { connectorId: 1, status, errorCode: 'NoError' });
  const first = await watchEvents(t, stage, query);
  await say('Available');
  const seen = await until(() => first.events[0]);
  first.stop();
  await first.ended;
  const meanwhile = await watchEvents(t, stage, query);
  await say('Preparing');
  await say('Charging');
  await until(() => meanwhile.events.length === 2);
  const back = await watchEvents(t, stage, query, { lastEventId: seen.id });
  await until(() => back.events.length === 2);
  assert.deepEqual(
    back.events.map(({ data }) => data.status),
    ['Preparing', 'Charging'],
  );
  assert.deepEqual(back.names, ['connector-status', 'connector-status']);
  const late = await watchEvents(t, stage, query, { lastEventId: '0' });
  await until(() => late.names.includes('gap'));
});

story('the stream needs an API key and knows its parameters', async (_t, stage) => {
  const url = `${stage.cluster.gateways[0]?.apiUrl}/api/v1/events`;
  assert.equal((await fetch(url)).status, 401);
  const headers = { authorization: `Bearer ${stage.cluster.apiKey}` };
  assert.equal((await fetch(`${url}?kind=gossip`, { headers })).status, 400);
});
