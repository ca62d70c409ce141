import assert from 'node:assert/strict';
import { upsertChargePoint, upsertIdTag } from '@voltgate/shared/store/administration.ts';
import type { Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

const boot = { chargePointVendor: 'V', chargePointModel: 'M' };
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

async function openTransaction(t: Parameters<Stage['plug']>[0], stage: Stage) {
  const id = stage.newId();
  const idTag = `boot-${id.slice(3)}`;
  await upsertIdTag(stage.store.db, { idTag });
  const plug = await stage.plug(t, id);
  const conf = await plug.ask('StartTransaction', { connectorId: 1, idTag, meterStart: 1_000, timestamp: ago(30) });
  const transactionId = Number(conf.transactionId);
  await plug.ask('MeterValues', {
    connectorId: 1,
    transactionId,
    meterValue: [{ timestamp: ago(20), sampledValue: [{ value: '4000' }] }],
  });
  await stage.transaction(transactionId, ({ liveEnergyWh }) => liveEnergyWh === 3_000);
  return { id, plug, transactionId, idTag };
}

story('Pending and Rejected are answered with the retry interval, and harm no other message', async (t, stage) => {
  for (const registrationStatus of ['Pending', 'Rejected'] as const) {
    const id = stage.newId();
    await upsertChargePoint(stage.store.db, { chargePointId: id, registrationStatus });
    const plug = await stage.plug(t, id);
    const conf = await plug.ask('BootNotification', boot);
    assert.deepEqual([conf.status, conf.interval], [registrationStatus, 60]);
    assert.ok(
      (await plug.ask('StartTransaction', { connectorId: 1, idTag: 'x', meterStart: 0, timestamp: ago(1) }))
        .transactionId,
    );
  }
});

story('what was open at a boot becomes suspect and is closed with its last meter value', async (t, stage) => {
  const { plug, transactionId } = await openTransaction(t, stage);
  await plug.ask('BootNotification', boot);
  const shown = await stage.transaction(transactionId, ({ status }) => status === 'stopped');
  assert.deepEqual([shown.meterStopWh, shown.energyWh, shown.stoppedBy], [4_000, 3_000, 'policy']);
});

story('a Stop that comes after an automatic close corrects it', async (t, stage) => {
  const { plug, transactionId } = await openTransaction(t, stage);
  await plug.ask('BootNotification', boot);
  await stage.transaction(transactionId, ({ stoppedBy }) => stoppedBy === 'policy');
  await plug.ask('StopTransaction', { transactionId, meterStop: 5_200, timestamp: ago(10), reason: 'PowerLoss' });
  const shown = await stage.transaction(transactionId, ({ stoppedBy }) => stoppedBy === 'charger');
  assert.deepEqual([shown.meterStopWh, shown.energyWh, shown.stopReason], [5_200, 4_200, 'PowerLoss']);
});

story('a suspect transaction that goes on metering is alive again', async (t, stage) => {
  const { plug, transactionId } = await openTransaction(t, stage);
  await plug.ask('BootNotification', boot);
  const alive = () =>
    plug.ask('MeterValues', {
      connectorId: 1,
      transactionId,
      meterValue: [{ timestamp: new Date().toISOString(), sampledValue: [{ value: '4500' }] }],
    });
  await alive();
  await stage.transaction(transactionId, ({ liveEnergyWh, status }) => liveEnergyWh === 3_500 && status === 'active');
});

story('the registration status outlives the connection and the gateway', async (t, stage) => {
  const id = stage.newId();
  await upsertChargePoint(stage.store.db, { chargePointId: id, registrationStatus: 'Pending' });
  for (const gateway of [0, 1]) {
    const plug = await stage.plug(t, id, { gateway });
    assert.equal((await plug.ask('BootNotification', boot)).status, 'Pending');
  }
});
