import assert from 'node:assert/strict';
import { test } from 'node:test';
import { charger } from './charger.ts';
import { eventually, scriptedCentralSystem } from './scripted-central-system.ts';

const TRANSACTION_MESSAGES = ['StartTransaction', 'MeterValues', 'StopTransaction'];
const retrying = { configuration: { TransactionMessageRetryInterval: '2' } };

test('what happened offline is sent in order, with the transactionId and the times of the events', async (t) => {
  const central = await scriptedCentralSystem(t);
  let nowMs = Date.UTC(2026, 0, 1);
  const chargePoint = charger(t, central.url, { clock: () => nowMs });
  await chargePoint.ready();
  await chargePoint.goOffline();
  assert.equal(await chargePoint.startTransaction({ connectorId: 1, idTag: 'TAG1' }), null);
  nowMs += 60_000;
  assert.equal(await chargePoint.meter(1, 250), false);
  nowMs += 60_000;
  const stopped = await chargePoint.stopTransaction({ connectorId: 1, wh: 30 });
  assert.equal(stopped?.stopConfirmed, false);
  nowMs += 3_600_000;
  assert.equal(chargePoint.report().pending, 3);
  chargePoint.goOnline();
  await chargePoint.flushed();
  const told = central.received.filter(({ action }) => TRANSACTION_MESSAGES.includes(action));
  assert.deepEqual(
    told.map(({ action }) => action),
    TRANSACTION_MESSAGES,
  );
  const [start, meter, stop] = told.map(({ payload }) => payload);
  assert.deepEqual(start, { connectorId: 1, idTag: 'TAG1', meterStart: 1_000, timestamp: '2026-01-01T00:00:00.000Z' });
  assert.equal(meter?.transactionId, 101);
  assert.match(JSON.stringify(meter?.meterValue), /"timestamp":"2026-01-01T00:01:00.000Z".*"value":"1250"/);
  assert.deepEqual(stop, { transactionId: 101, meterStop: 1_280, timestamp: '2026-01-01T00:02:00.000Z' });
});

test('a CALLERROR is followed by the same message under a new id, later each time, and the others wait', async (t) => {
  const times: number[] = [];
  const central = await scriptedCentralSystem(t, {
    StartTransaction: (_payload, nth) => {
      times.push(Date.now());
      return nth < 4 ? 'InternalError' : { transactionId: 7, idTagInfo: { status: 'Accepted' } };
    },
  });
  const chargePoint = charger(t, central.url, { ...retrying, transactionMessageAttempts: Number.POSITIVE_INFINITY });
  await chargePoint.ready();
  const started = chargePoint.startTransaction({ connectorId: 1, idTag: 'TAG1' });
  const metered = chargePoint.meter(1, 5);
  assert.equal(await started, 7);
  assert.equal(await metered, true);
  const starts = central.calls('StartTransaction');
  assert.equal(new Set(starts.map(({ id }) => id)).size, 4);
  assert.equal(new Set(starts.map(({ payload }) => JSON.stringify(payload))).size, 1);
  const waits = times.slice(1).map((ms, index) => ms - (times[index] ?? 0));
  assert.ok(
    [20, 40, 60].every((leastMs, index) => (waits[index] ?? 0) >= leastMs - 2),
    `waits: ${waits}`,
  );
  const { retries, dropped, callErrors } = chargePoint.report();
  assert.deepEqual({ retries, dropped, callErrors }, { retries: 3, dropped: 0, callErrors: 3 });
  const order = central.received.map(({ action }) => action).filter((action) => TRANSACTION_MESSAGES.includes(action));
  assert.deepEqual(order, [...Array(4).fill('StartTransaction'), 'MeterValues']);
});

test('a message whose attempts are exhausted is dropped and counted, and the next one follows', async (t) => {
  const central = await scriptedCentralSystem(t, { StartTransaction: () => 'InternalError' });
  const chargePoint = charger(t, central.url, retrying);
  await chargePoint.ready();
  assert.equal(await chargePoint.startTransaction({ connectorId: 1, idTag: 'TAG1' }), null);
  await chargePoint.stopTransaction({ connectorId: 1 });
  assert.equal(central.calls('StartTransaction').length, 3);
  assert.equal(central.calls('StopTransaction')[0]?.payload.transactionId, -1);
  assert.equal(chargePoint.report().dropped, 1);
});

test('a message that was not answered is sent again after the reconnect, with the same content', async (t) => {
  const central = await scriptedCentralSystem(t, {
    StopTransaction: (_payload, nth) => (nth === 1 ? null : {}),
  });
  const chargePoint = charger(t, central.url);
  await chargePoint.ready();
  await chargePoint.startTransaction({ connectorId: 1, idTag: 'TAG1' });
  const stopped = chargePoint.stopTransaction({ connectorId: 1, wh: 10 });
  await eventually(() => central.calls('StopTransaction').length === 1, 'the stop');
  central.dropAll();
  await stopped;
  await chargePoint.flushed();
  const [first, second] = central.calls('StopTransaction');
  assert.notEqual(first?.id, second?.id);
  assert.deepEqual(first?.payload, second?.payload);
  const { retries, dropped, reconnects } = chargePoint.report();
  assert.deepEqual({ retries, dropped, reconnects }, { retries: 1, dropped: 0, reconnects: 1 });
});

test('silence uses up no attempt', async (t) => {
  const central = await scriptedCentralSystem(t, { MeterValues: (_payload, nth) => (nth < 6 ? null : {}) });
  const chargePoint = charger(t, central.url, { callTimeoutMs: 300, transactionMessageAttempts: 1 });
  await chargePoint.ready();
  await chargePoint.startTransaction({ connectorId: 1, idTag: 'TAG1' });
  await chargePoint.meter(1, 5);
  await chargePoint.flushed();
  assert.equal(central.calls('MeterValues').length, 6);
  assert.equal(chargePoint.report().dropped, 0);
});

test('a crash forgets the transaction and what was not sent; with its queue kept the rest is told', async (t) => {
  const central = await scriptedCentralSystem(t);
  for (const [keepsQueue, expected] of [
    [false, 0],
    [true, 2],
  ] as const) {
    const chargePoint = charger(t, central.url, { id: `CP-${keepsQueue}` });
    await chargePoint.ready();
    central.received.length = 0;
    await chargePoint.goOffline();
    await chargePoint.startTransaction({ connectorId: 1, idTag: 'TAG1' });
    await chargePoint.meter(1, 5);
    chargePoint.crash({ keepsQueue });
    assert.equal(chargePoint.transaction(1), undefined);
    chargePoint.start();
    await chargePoint.ready();
    await chargePoint.flushed();
    assert.equal(central.calls('BootNotification').length, 1);
    assert.equal(central.received.filter(({ action }) => TRANSACTION_MESSAGES.includes(action)).length, expected);
    const { lost, transactions } = chargePoint.report();
    assert.deepEqual([lost, transactions[0]?.forgotten], [2 - expected, true]);
  }
});

test('a crash sends no close frame, and a half-open one not even a FIN', async (t) => {
  const central = await scriptedCentralSystem(t);
  const codes: number[] = [];
  central.server.on('connection', (socket) => socket.on('close', (code) => codes.push(code)));
  const chargePoint = charger(t, central.url);
  await chargePoint.ready();
  chargePoint.crash({ halfOpen: true });
  chargePoint.start();
  await chargePoint.ready();
  assert.deepEqual([codes.length, central.server.clients.size], [0, 2]);
  chargePoint.crash();
  await eventually(() => codes.length === 1, 'the close');
  assert.deepEqual(codes, [1006]);
});
