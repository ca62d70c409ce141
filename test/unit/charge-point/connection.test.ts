import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { backoffMs } from '../../support/charge-point/backoff.ts';
import { CallErrorReceived, CallTimedOut, NotConnected } from '../../support/charge-point/charge-point.ts';
import { charger } from './charger.ts';
import { eventually, scriptedCentralSystem } from './scripted-central-system.ts';

test('after a lost connection it comes back without a boot', async (t) => {
  const central = await scriptedCentralSystem(t);
  const chargePoint = charger(t, central.url);
  await chargePoint.ready();
  central.dropAll();
  await eventually(() => chargePoint.report().reconnects === 1, 'a reconnect');
  await chargePoint.ready();
  assert.equal(central.calls('BootNotification').length, 1);
});

test('a status that changed while offline is told once, with the time of the change', async (t) => {
  const central = await scriptedCentralSystem(t);
  const chargePoint = charger(t, central.url, { clock: () => Date.UTC(2026, 0, 1) });
  await chargePoint.ready();
  await chargePoint.goOffline();
  chargePoint.plugIn(1);
  chargePoint.setStatus(1, 'Faulted', { errorCode: 'GroundFailure' });
  chargePoint.goOnline();
  await chargePoint.ready();
  const told = central.calls('StatusNotification').slice(3);
  assert.deepEqual(
    told.map(({ payload }) => [payload.connectorId, payload.status, payload.errorCode, payload.timestamp]),
    [[1, 'Faulted', 'GroundFailure', '2026-01-01T00:00:00.000Z']],
  );
});

test('only one Call is in flight, however many are asked for', async (t) => {
  const central = await scriptedCentralSystem(t, {
    DataTransfer: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return { status: 'Accepted' };
    },
  });
  const chargePoint = charger(t, central.url);
  await chargePoint.ready();
  const all = Array.from({ length: 50 }, (_, n) =>
    chargePoint.call('DataTransfer', { vendorId: 'x', data: String(n) }),
  );
  chargePoint.plugIn(1);
  await Promise.all(all);
  assert.equal(central.open.most, 1);
  assert.deepEqual(
    central.calls('DataTransfer').map(({ payload }) => payload.data),
    [...Array(50).keys()].map(String),
  );
});

test('a raw Call says why it failed', async (t) => {
  const central = await scriptedCentralSystem(t, {
    DataTransfer: ({ vendorId }) => (vendorId === 'refuse' ? 'NotSupported' : null),
  });
  const chargePoint = charger(t, central.url, { callTimeoutMs: 500, timeoutsBeforeReconnect: 9 });
  await chargePoint.ready();
  await assert.rejects(chargePoint.call('DataTransfer', { vendorId: 'refuse' }), (error) => {
    assert.ok(error instanceof CallErrorReceived);
    assert.deepEqual([error.code, error.description], ['NotSupported', 'scripted']);
    return true;
  });
  await assert.rejects(chargePoint.call('DataTransfer', { vendorId: 'silence' }), CallTimedOut);
  await chargePoint.goOffline();
  await assert.rejects(chargePoint.call('DataTransfer', { vendorId: 'x' }), NotConnected);
});

test('two Calls unanswered in a row make it open a new socket', async (t) => {
  const central = await scriptedCentralSystem(t, { DataTransfer: () => null });
  const chargePoint = charger(t, central.url, { callTimeoutMs: 500 });
  await chargePoint.ready();
  await assert.rejects(chargePoint.call('DataTransfer', { vendorId: 'x' }), CallTimedOut);
  assert.equal(chargePoint.report().reconnects, 0);
  await assert.rejects(chargePoint.call('DataTransfer', { vendorId: 'x' }), CallTimedOut);
  await eventually(() => chargePoint.report().reconnects === 1, 'a reconnect');
});

test('a late answer and an invented one are counted and disturb nothing', async (t) => {
  const central = await scriptedCentralSystem(t);
  const chargePoint = charger(t, central.url);
  await chargePoint.ready();
  for (const socket of central.server.clients) {
    socket.send('[3,"never-asked",{}]');
    socket.send('not json');
  }
  await chargePoint.call('Heartbeat', {});
  const { unexpectedAnswers, unreadableFrames } = chargePoint.report();
  assert.deepEqual({ unexpectedAnswers, unreadableFrames }, { unexpectedAnswers: 1, unreadableFrames: 1 });
});

test('a refused upgrade is counted, waited out as asked and tried again', async (t) => {
  let refusals = 0;
  const http = createServer();
  http.on('upgrade', (_request, socket) => {
    refusals += 1;
    socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.after(() => http.close());
  const chargePoint = charger(t, `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ocpp`);
  await eventually(() => refusals >= 3, 'three tries');
  assert.ok(chargePoint.report().refusedConnects >= 2);
  await assert.rejects(chargePoint.ready(10), /HTTP 503/);
});

test('the wait between two tries doubles up to the most and is spread by chance', () => {
  const backoff = { minMs: 100, maxMs: 1_000 };
  const waits = (random: number) => [0, 1, 2, 3, 4, 400].map((failures) => backoffMs(failures, backoff, () => random));
  assert.deepEqual(waits(1), [100, 200, 400, 800, 1_000, 1_000]);
  assert.deepEqual(waits(0), [50, 100, 200, 400, 500, 500]);
});

test('pings are answered, unless it never pongs', async (t) => {
  const central = await scriptedCentralSystem(t);
  const pongs: string[] = [];
  for (const [id, quirks] of [
    ['CP1', []],
    ['CP2', ['no-pong']],
  ] as const) {
    await charger(t, central.url, { id, quirks }).ready();
    const socket = [...central.server.clients].at(-1);
    socket?.on('pong', () => pongs.push(id));
    socket?.ping();
  }
  await eventually(() => pongs.length > 0, 'a pong');
  assert.deepEqual(pongs, ['CP1']);
});

test('nextMessage finds a frame in either direction, and the newest frames are kept up to the limit', async (t) => {
  const central = await scriptedCentralSystem(t);
  const chargePoint = charger(t, central.url, { keepFrames: 4 });
  await chargePoint.ready();
  const next = chargePoint.nextMessage(({ direction, message }) => direction === 'received' && message.type === 'call');
  await central.ask('ClearCache');
  assert.equal((await next).message.type, 'call');
  const kept = chargePoint.frames();
  assert.equal(kept.length, 4);
  assert.deepEqual(
    kept.map(({ message }) => message.type),
    ['call', 'result', 'call', 'result'],
  );
  await assert.rejects(
    chargePoint.nextMessage(() => true, 5),
    { name: 'WaitedTooLong' },
  );
});
