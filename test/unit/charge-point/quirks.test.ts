import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Quirk } from '../../support/charge-point/quirks.ts';
import { charger } from './charger.ts';
import { scriptedCentralSystem } from './scripted-central-system.ts';

/** A central system that has seen one session of a charger with these quirks. */
async function session(t: TestContext, ...quirks: Quirk[]) {
  const central = await scriptedCentralSystem(t);
  const chargePoint = charger(t, central.url, { quirks });
  await chargePoint.ready();
  chargePoint.plugIn(1);
  await chargePoint.authorize('TagOne');
  await chargePoint.startTransaction({ connectorId: 1, idTag: 'TagOne' });
  await chargePoint.meter(1, 500);
  await chargePoint.meter(1, 501);
  await chargePoint.stopTransaction({ connectorId: 1, idTag: 'TagOne' });
  chargePoint.unplug(1);
  await chargePoint.call('Heartbeat', {});
  await chargePoint.flushed();
  await chargePoint.ready();
  const values = central.calls('MeterValues').map(({ payload }) => JSON.stringify(payload));
  const text = central.texts.join('\n');
  return { central, chargePoint, values, text, report: chargePoint.report() };
}

test('without quirks a session is what the specification says', async (t) => {
  const { values, text, report } = await session(t);
  assert.match(
    values[1] ?? '',
    /"transactionId":101.*"value":"2001","context":"Sample.Periodic","measurand":"Energy.Active.Import.Register","unit":"Wh"/,
  );
  assert.match(text, /"Heartbeat",\{\}/);
  assert.equal(report.transactions[0]?.energyWh, 1_001);
});

test('null-heartbeat, empty-frames, extra-field, long-serial-number and unknown-measurand show in the frames', async (t) => {
  const { central, text, values } = await session(
    t,
    'null-heartbeat',
    'empty-frames',
    'extra-field',
    'long-serial-number',
    'unknown-measurand',
  );
  assert.match(text, /"Heartbeat",null/);
  assert.ok(central.texts.includes(''));
  assert.equal(central.calls('BootNotification')[0]?.payload.vendorSpecific, 'extra');
  assert.equal(String(central.calls('BootNotification')[0]?.payload.chargePointSerialNumber).length, 40);
  assert.match(values[0] ?? '', /Cable\.Wear/);
});

test('timestamps can lack a zone or be stuck in 1970', async (t) => {
  assert.match((await session(t, 'zoneless-timestamps')).values[0] ?? '', /"timestamp":"[\dT:.-]+"/);
  assert.match((await session(t, 'clock-1970')).values[0] ?? '', /"timestamp":"1970-01-01T00:00:00.000Z"/);
});

test('the register can be in kWh, with a comma, split over phases or fall to 0', async (t) => {
  assert.match((await session(t, 'kwh')).values[1] ?? '', /"value":"2.001",[^}]*"unit":"kWh"/);
  assert.match((await session(t, 'comma-decimals')).values[1] ?? '', /"value":"2001,0".*"value":"230,1"/);
  const phases = (await session(t, 'phases-without-total')).report.samples.filter(({ measurand }) =>
    measurand.startsWith('Energy'),
  );
  assert.deepEqual(
    phases.slice(3).map(({ phase, value }) => [phase, value]),
    [
      ['L1', '667'],
      ['L2', '667'],
      ['L3', '667'],
    ],
  );
  const { report } = await session(t, 'register-reset');
  assert.deepEqual([report.transactions[0]?.meterStopWh, report.transactions[0]?.energyWh], [0, 1_001]);
});

test('MeterValues can carry transactionId 0 or none', async (t) => {
  assert.match((await session(t, 'transaction-id-zero')).values[0] ?? '', /"transactionId":0/);
  assert.doesNotMatch((await session(t, 'transaction-id-missing')).values[0] ?? '', /transactionId/);
});

test('a start whose conf was lost is sent again under a new id', async (t) => {
  const { central, report } = await session(t, 'start-conf-lost');
  const [first, second] = central.calls('StartTransaction');
  assert.notEqual(first?.id, second?.id);
  assert.deepEqual(first?.payload, second?.payload);
  assert.deepEqual(report.transactions[0]?.transactionIds, [101, 102]);
});

test('a stop can come before its start, or twice', async (t) => {
  const { central } = await session(t, 'stop-before-start');
  const order = central.received.map(({ action }) => action).filter((action) => action.endsWith('Transaction'));
  assert.deepEqual(order, ['StopTransaction', 'StartTransaction']);
  assert.equal(central.calls('StopTransaction')[0]?.payload.transactionId, -1);
  const twice = (await session(t, 'duplicate-stop')).central.calls('StopTransaction');
  assert.equal(twice.length, 2);
  assert.deepEqual(twice[0]?.payload, twice[1]?.payload);
});

test('idTags can be sent in upper or lower case', async (t) => {
  assert.equal((await session(t, 'upper-case-id-tag')).central.calls('StartTransaction')[0]?.payload.idTag, 'TAGONE');
  assert.equal((await session(t, 'lower-case-id-tag')).central.calls('StopTransaction')[0]?.payload.idTag, 'tagone');
});

test('the handshake can lack a subprotocol and end in a slash', async (t) => {
  const { central } = await session(t, 'no-subprotocol', 'trailing-slash');
  assert.equal(central.upgrades[0]?.headers['sec-websocket-protocol'], undefined);
  assert.equal(central.upgrades[0]?.url, '/ocpp/CP1/');
});

test('statuses can be sent newest first', async (t) => {
  const { central } = await session(t, 'statuses-out-of-order');
  const told = central.calls('StatusNotification').filter(({ payload }) => payload.connectorId === 1);
  assert.deepEqual(
    told.map(({ payload }) => payload.status),
    ['Available', 'Charging', 'Preparing', 'Available', 'Finishing'],
  );
});

test('Calls can be ignored while heartbeats go on', async (t) => {
  const central = await scriptedCentralSystem(t);
  const chargePoint = charger(t, central.url, { quirks: ['ignores-calls'] });
  await chargePoint.ready();
  const answer = central.command('ClearCache');
  await chargePoint.call('Heartbeat', {});
  await chargePoint.call('Heartbeat', {});
  assert.equal(await Promise.race([answer, Promise.resolve('no answer')]), 'no answer');
  assert.equal(chargePoint.report().commands.ClearCache, 1);
});
