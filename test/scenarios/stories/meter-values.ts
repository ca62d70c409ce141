import assert from 'node:assert/strict';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import { until } from '../../support/until.ts';
import type { Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

type ShownSample = {
  readonly connectorId: number;
  readonly transactionId: number | null;
  readonly measurand: string;
  readonly phase: string | null;
  readonly context: string;
  readonly unit: string;
  readonly value: number | null;
  readonly rawValue: string;
};

const at = (minutes: number) => new Date(Date.parse('2026-03-03T10:00:00Z') + minutes * 60_000).toISOString();
const sampledAt = (minutes: number, ...sampledValue: object[]) => ({ timestamp: at(minutes), sampledValue });

async function begin(t: Parameters<Stage['plug']>[0], stage: Stage, meterStart = 1_000) {
  const id = stage.newId();
  const idTag = `meter-${id.slice(3)}`;
  await upsertIdTag(stage.store.db, { idTag });
  const plug = await stage.plug(t, id);
  const conf = await plug.ask('StartTransaction', { connectorId: 1, idTag, meterStart, timestamp: at(0) });
  const transactionId = Number(conf.transactionId);
  const meter = (...meterValue: object[]) => plug.ask('MeterValues', { connectorId: 1, transactionId, meterValue });
  const stop = (meterStop: number, minutes = 60) =>
    plug.ask('StopTransaction', { transactionId, meterStop, timestamp: at(minutes) });
  return { id, plug, transactionId, meter, stop };
}

const samplesOf = async (stage: Stage, path: string) =>
  (await stage.get<{ items: ShownSample[] }>(`/api/v1/${path}/meter-values`)).items;
const samplesWhen = (stage: Stage, path: string, count: number) =>
  until(async () => {
    const samples = await samplesOf(stage, path);
    return samples.length >= count && samples;
  });

story('kWh and Wh are one energy; what was sent is kept beside it', async (t, stage) => {
  const { transactionId, meter } = await begin(t, stage);
  await meter(sampledAt(1, { value: '1500' }));
  await meter(sampledAt(2, { value: '2.345', unit: 'kWh', measurand: 'Energy.Active.Import.Register' }));
  await stage.transaction(transactionId, ({ liveEnergyWh }) => liveEnergyWh === 1_345);
  const samples = await samplesWhen(stage, `transactions/${transactionId}`, 2);
  assert.deepEqual(
    samples.map(({ value, unit }) => [value, unit]).toSorted(),
    [
      [1_500, 'Wh'],
      [2_345, 'Wh'],
    ].toSorted(),
  );
  assert.ok(samples.some(({ rawValue }) => rawValue === '2.345'));
});

story('three phases without a total are summed for the live energy', async (t, stage) => {
  const { transactionId, meter } = await begin(t, stage, 0);
  await meter(sampledAt(1, ...['L1', 'L2', 'L3'].map((phase, index) => ({ value: `${(index + 1) * 100}`, phase }))));
  assert.equal(
    (await stage.transaction(transactionId, ({ liveEnergyWh }) => liveEnergyWh !== null && liveEnergyWh > 0))
      .liveEnergyWh,
    600,
  );
});

story('an older sample that comes later never turns the live energy back', async (t, stage) => {
  const { transactionId, meter } = await begin(t, stage, 0);
  await meter(sampledAt(10, { value: '5000' }));
  await meter(sampledAt(5, { value: '2000' }));
  await samplesWhen(stage, `transactions/${transactionId}`, 2);
  assert.equal(
    (await stage.transaction(transactionId, ({ liveEnergyWh }) => liveEnergyWh !== null && liveEnergyWh > 0))
      .liveEnergyWh,
    5_000,
  );
});

story('Transaction.Begin beside Sample.Periodic: the context decides', async (t, stage) => {
  const { transactionId, meter } = await begin(t, stage, 0);
  await meter(sampledAt(1, { value: '0', context: 'Transaction.Begin' }, { value: '700', context: 'Sample.Periodic' }));
  assert.equal(
    (await stage.transaction(transactionId, ({ liveEnergyWh }) => liveEnergyWh !== null && liveEnergyWh > 0))
      .liveEnergyWh,
    700,
  );
});

story('a register that was reset in the middle loses no energy and is flagged', async (t, stage) => {
  const { transactionId, meter, stop } = await begin(t, stage, 10_000);
  await meter(sampledAt(10, { value: '12000' }));
  await meter(sampledAt(20, { value: '14000' }));
  await meter(sampledAt(30, { value: '500' }));
  await samplesWhen(stage, `transactions/${transactionId}`, 3);
  await stop(1_500);
  const shown = await stage.transaction(transactionId, ({ status }) => status === 'stopped');
  assert.equal(shown.energyWh, 4_000 + 1_500);
  assert.ok(shown.flags.includes('register-reset'), shown.flags.join());
});

story('samples without a transaction, with transaction 0 and of the main meter are kept', async (t, stage) => {
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  const meterValue = [sampledAt(1, { value: '1' })];
  await plug.ask('MeterValues', { connectorId: 1, meterValue });
  await plug.ask('MeterValues', { connectorId: 2, transactionId: 0, meterValue });
  await plug.ask('MeterValues', { connectorId: 0, meterValue });
  const samples = await samplesWhen(stage, `charge-points/${id}`, 3);
  assert.deepEqual(samples.map(({ connectorId, transactionId }) => [connectorId, transactionId]).toSorted(), [
    [0, null],
    [1, null],
    [2, null],
  ]);
});

story('a repeated message adds nothing', async (t, stage) => {
  const { transactionId, meter } = await begin(t, stage);
  const value = sampledAt(
    1,
    { value: '1500' },
    { value: '230', measurand: 'Voltage', unit: 'V' },
    { value: '16', measurand: 'Current.Import', unit: 'A', phase: 'L1' },
  );
  for (let attempt = 0; attempt < 3; attempt++) await meter(value);
  await meter(sampledAt(2, { value: '1600' }));
  await samplesWhen(stage, `transactions/${transactionId}`, 4);
  assert.equal((await samplesOf(stage, `transactions/${transactionId}`)).length, 4);
});

story('commas, empty and signed values are kept as sent', async (t, stage) => {
  const { transactionId, meter } = await begin(t, stage, 0);
  await meter(
    sampledAt(1, { value: '1,5', unit: 'kWh' }),
    sampledAt(2, { value: '' }),
    sampledAt(3, { value: 'MEUCIQ==', format: 'SignedData' }),
  );
  const samples = await samplesWhen(stage, `transactions/${transactionId}`, 3);
  assert.deepEqual(
    samples.map(({ value, rawValue }) => [value, rawValue]).toSorted(),
    [
      [1_500, '1,5'],
      [null, ''],
      [null, 'MEUCIQ=='],
    ].toSorted(),
  );
});

story('a sample from 1970 or the future never becomes the newest', async (t, stage) => {
  const { transactionId, meter } = await begin(t, stage, 0);
  await meter(sampledAt(5, { value: '900' }));
  await meter(
    { timestamp: '2099-01-01T00:00:00Z', sampledValue: [{ value: '77' }] },
    { timestamp: '1970-01-01T00:00:00Z', sampledValue: [{ value: '55' }] },
  );
  await samplesWhen(stage, `transactions/${transactionId}`, 3);
  assert.equal(
    (await stage.transaction(transactionId, ({ liveEnergyWh }) => liveEnergyWh !== null && liveEnergyWh > 0))
      .liveEnergyWh,
    900,
  );
});

story('a timestamp without a zone is UTC', async (t, stage) => {
  const { transactionId, meter } = await begin(t, stage, 0);
  await meter({ timestamp: '2026-03-03T10:05:00', sampledValue: [{ value: '900' }] });
  const [sample] = await samplesWhen(stage, `transactions/${transactionId}`, 1);
  assert.equal((sample as unknown as { sampledAt: string }).sampledAt, '2026-03-03T10:05:00.000Z');
});
