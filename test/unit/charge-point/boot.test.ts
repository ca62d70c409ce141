import assert from 'node:assert/strict';
import { test } from 'node:test';
import { charger } from './charger.ts';
import { eventually, scriptedCentralSystem } from './scripted-central-system.ts';

test('a charger boots and tells the status of every connector, each with a timestamp', async (t) => {
  const central = await scriptedCentralSystem(t);
  await charger(t, central.url, { connectors: 3 }).ready();
  assert.deepEqual(
    central.received.map(({ action, payload }) => `${action} ${payload.connectorId ?? ''}`.trim()),
    [
      'BootNotification',
      'StatusNotification 0',
      'StatusNotification 1',
      'StatusNotification 2',
      'StatusNotification 3',
    ],
  );
  for (const { payload } of central.calls('StatusNotification')) assert.match(String(payload.timestamp), /\.\d{3}Z$/);
});

test('it offers ocpp1.6 and its id and password, percent-encoded in the path and as Basic auth', async (t) => {
  const central = await scriptedCentralSystem(t);
  await charger(t, central.url, { id: 'CP 1/ä', password: 'secret' }).ready();
  const request = central.upgrades[0];
  assert.equal(request?.url, '/ocpp/CP%201%2F%C3%A4');
  assert.equal(request?.headers['sec-websocket-protocol'], 'ocpp1.6');
  assert.equal(request?.headers.authorization, `Basic ${Buffer.from('CP 1/ä:secret').toString('base64')}`);
});

test('while Pending or Rejected it asks again at the interval and says nothing else', async (t) => {
  const statuses = ['Pending', 'Rejected', 'Accepted'];
  const central = await scriptedCentralSystem(t, {
    BootNotification: (_payload, nth) => ({
      status: statuses[nth - 1] ?? 'Accepted',
      currentTime: new Date().toISOString(),
      interval: 5,
    }),
  });
  const begunMs = Date.now();
  await charger(t, central.url).ready();
  assert.ok(Date.now() - begunMs >= 100, 'two waits of five seconds of 10 ms');
  assert.deepEqual(
    central.received.slice(0, 4).map(({ action }) => action),
    ['BootNotification', 'BootNotification', 'BootNotification', 'StatusNotification'],
  );
});

test('a BootNotification that is refused or not answered is sent again', async (t) => {
  const central = await scriptedCentralSystem(t, {
    BootNotification: (_payload, nth) =>
      nth === 1
        ? 'InternalError'
        : nth === 2
          ? null
          : { status: 'Accepted', currentTime: '2026-01-01T00:00:00Z', interval: 9 },
  });
  const chargePoint = charger(t, central.url, { callTimeoutMs: 500, timeoutsBeforeReconnect: 9 });
  await chargePoint.ready();
  assert.equal(central.calls('BootNotification').length, 3);
  const { callErrors, timeouts, callErrorCodes } = chargePoint.report();
  assert.deepEqual(
    { callErrors, timeouts, callErrorCodes },
    { callErrors: 1, timeouts: 1, callErrorCodes: { InternalError: 1 } },
  );
});

test('its clock is that of the central system', async (t) => {
  const central = await scriptedCentralSystem(t, {
    BootNotification: () => ({ status: 'Accepted', currentTime: '2031-05-06T07:08:09Z', interval: 300 }),
  });
  await charger(t, central.url).ready();
  assert.match(String(central.calls('StatusNotification')[0]?.payload.timestamp), /^2031-05-06T07:08:/);
});

test('it heartbeats at the interval of the boot, and any message puts the next one off', async (t) => {
  const central = await scriptedCentralSystem(t, {
    BootNotification: () => ({ status: 'Accepted', currentTime: new Date().toISOString(), interval: 200 }),
  });
  const chargePoint = charger(t, central.url);
  await chargePoint.ready();
  // An interval is two seconds here.
  for (const endMs = Date.now() + 2_500; Date.now() < endMs; ) {
    await chargePoint.call('DataTransfer', { vendorId: 'x' });
    await chargePoint.wait(0.02);
  }
  assert.equal(central.calls('Heartbeat').length, 0);
  await eventually(() => central.calls('Heartbeat').length >= 2, 'heartbeats');
});
