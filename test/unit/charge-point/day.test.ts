import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runDay } from '../../support/charge-point/run-day.ts';
import { charger } from './charger.ts';
import { eventually, type Fields, scriptedCentralSystem } from './scripted-central-system.ts';

const DAY = { sessions: 3, sessionSeconds: 1_800, meterIntervalSeconds: 300, idTag: 'TAG1' };
/** 11 kW for half an hour. */
const SESSION_WH = 5_500;
const fast = { speed: 20_000, startAt: new Date('2026-01-01T00:00:00Z') };

test('the report of a day is exactly what the central system was told', async (t) => {
  const central = await scriptedCentralSystem(t);
  const chargePoint = charger(t, central.url, fast);
  await chargePoint.ready();
  const report = await runDay(chargePoint, DAY);
  assert.deepEqual([report.energyWh, report.pending, report.dropped, report.retries], [3 * SESSION_WH, 0, 0, 0]);
  const starts = central.calls('StartTransaction').map(({ payload }) => payload);
  const stops = central.calls('StopTransaction').map(({ payload }) => payload);
  assert.deepEqual(
    report.transactions.map(({ transactionId, meterStartWh, meterStopWh, startedAt, stoppedAt, energyWh }) => ({
      told: [transactionId, meterStartWh, meterStopWh, startedAt, stoppedAt],
      energyWh,
    })),
    starts.map((start, index) => ({
      told: [101 + index, start.meterStart, stops[index]?.meterStop, start.timestamp, stops[index]?.timestamp],
      energyWh: SESSION_WH,
    })),
  );
  const told = central
    .calls('MeterValues')
    .flatMap(({ payload }) =>
      (payload.meterValue as { timestamp: string; sampledValue: Fields[] }[]).flatMap(({ timestamp, sampledValue }) =>
        sampledValue.map(({ measurand, value }) => [payload.transactionId, timestamp, measurand, value]),
      ),
    );
  assert.equal(told.length, 3 * 6 * 3);
  assert.deepEqual(
    report.samples.map(({ transactionId, timestamp, measurand, value }) => [
      transactionId,
      timestamp,
      measurand,
      value,
    ]),
    told,
  );
  assert.equal(new Set(told.map(([, timestamp]) => timestamp)).size, 18, 'no two readings share a timestamp');
  const lengthMs = Date.parse(String(stops[0]?.timestamp)) - Date.parse(String(starts[0]?.timestamp));
  assert.ok(lengthMs >= 1_700_000, `charger time runs fast: ${lengthMs} ms`);
});

test('a day goes on through lost connections and refusals, and nothing is lost or counted twice', async (t) => {
  let said = 0;
  const central = await scriptedCentralSystem(t, {
    MeterValues: () => (++said % 5 === 0 ? 'InternalError' : {}),
    StopTransaction: (_payload, nth) => (nth === 1 ? 'InternalError' : {}),
  });
  const chargePoint = charger(t, central.url, {
    ...fast,
    transactionMessageAttempts: Number.POSITIVE_INFINITY,
    configuration: { TransactionMessageRetryInterval: '1' },
  });
  await chargePoint.ready();
  const cutting = setInterval(central.dropAll, 60);
  t.after(() => clearInterval(cutting));
  setTimeout(() => clearInterval(cutting), 400);
  const report = await runDay(chargePoint, DAY);
  assert.deepEqual([report.energyWh, report.dropped, report.pending], [3 * SESSION_WH, 0, 0]);
  assert.deepEqual(
    report.transactions.map(({ energyWh, meterStartWh, meterStopWh }) => [energyWh, (meterStopWh ?? 0) - meterStartWh]),
    Array(3).fill([SESSION_WH, SESSION_WH]),
  );
  assert.ok(report.retries > 0 && report.reconnects > 0, `${report.retries} retries, ${report.reconnects} reconnects`);
  assert.equal(report.samplesAcknowledged, 3 * 6 * 3);
});

test('a refused idTag begins no session', async (t) => {
  const central = await scriptedCentralSystem(t, { Authorize: () => ({ idTagInfo: { status: 'Blocked' } }) });
  const chargePoint = charger(t, central.url, fast);
  await chargePoint.ready();
  const report = await runDay(chargePoint, DAY);
  assert.deepEqual([report.transactions.length, report.authorizationsRefused], [0, 3]);
});

test('a transaction whose idTag is refused stops by itself', async (t) => {
  const central = await scriptedCentralSystem(t, {
    StartTransaction: () => ({ transactionId: 5, idTagInfo: { status: 'ConcurrentTx' } }),
  });
  const chargePoint = charger(t, central.url);
  await chargePoint.ready();
  assert.equal(await chargePoint.startTransaction({ connectorId: 1, idTag: 'TAG1' }), 5);
  await chargePoint.flushed();
  assert.deepEqual(
    [chargePoint.transaction(1), central.calls('StopTransaction')[0]?.payload.reason],
    [undefined, 'DeAuthorized'],
  );
});

test('by the clock, energy is power times time and the register never falls', async (t) => {
  const central = await scriptedCentralSystem(t);
  let nowMs = 0;
  const chargePoint = charger(t, central.url, { clock: () => nowMs, powerW: 7_000, registerWh: 0 });
  await chargePoint.ready();
  await chargePoint.startTransaction({ connectorId: 1, idTag: 'TAG1' });
  for (let minute = 1; minute <= 60; minute += 1) {
    nowMs = minute * 60_000;
    await chargePoint.meter(1);
  }
  const stopped = await chargePoint.stopTransaction({ connectorId: 1, transactionData: true });
  assert.deepEqual([stopped?.meterStopWh, stopped?.energyWh], [7_000, 7_000]);
  const registers = chargePoint
    .report()
    .samples.filter(({ measurand, message }) => measurand.startsWith('Energy') && message === 'MeterValues');
  assert.deepEqual(
    registers.map(({ value }) => value),
    Array.from({ length: 60 }, (_, minute) => String(Math.floor((7_000 * (minute + 1)) / 60))),
  );
  assert.equal(
    JSON.stringify(central.calls('StopTransaction')[0]?.payload.transactionData).match(/Transaction\.(Begin|End)/g)
      ?.length,
    2,
  );
});

test('it takes readings by itself once MeterValueSampleInterval is set', async (t) => {
  const central = await scriptedCentralSystem(t);
  const chargePoint = charger(t, central.url, { speed: 1_000 });
  await chargePoint.ready();
  await chargePoint.startTransaction({ connectorId: 1, idTag: 'TAG1' });
  assert.equal(central.calls('MeterValues').length, 0);
  await central.ask('ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '5' });
  await eventually(() => central.calls('MeterValues').length >= 3, 'readings');
});
