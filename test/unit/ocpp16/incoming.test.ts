import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incomingActions } from '@voltgate/shared/ocpp16/incoming/index.ts';
import type { Store } from '@voltgate/shared/ports.ts';

const facts = {
  chargePointId: 'CP1',
  connectionId: 'c1',
  receivedAt: new Date('2026-01-31T12:00:05.000Z'),
  traceId: '0'.repeat(32),
};
const at = '2026-01-31T12:00:00Z';
const settings = { heartbeatIntervalSeconds: 300, bootRetryIntervalSeconds: 60 };

/** What handlers say to the store, method by method; `answers` is what it says back. */
function listen(answers: Readonly<Record<string, unknown>> = {}) {
  const said: { method: string; content: unknown[] }[] = [];
  const store = new Proxy({} as Store, {
    get:
      (_, method: string) =>
      async (...content: unknown[]) => {
        said.push({ method, content });
        return answers[method];
      },
  });
  return { store, said };
}

async function ask(action: string, payload: unknown, answers?: Readonly<Record<string, unknown>>) {
  const definition = incomingActions.get(action);
  assert.ok(definition?.way === 'ask');
  assert.equal(definition.validate(payload), undefined);
  const { store, said } = listen(answers);
  const text = JSON.stringify([2, 'm1', action, payload]);
  return { answer: await definition.handle(store, { ...facts, payload, text }, settings), said, text };
}

async function tell(action: string, ...payloads: unknown[]) {
  const definition = incomingActions.get(action);
  assert.ok(definition?.way === 'tell');
  const { store, said } = listen();
  await definition.handle(
    store,
    payloads.map((payload) => ({ ...facts, payload, text: 'frame' })),
  );
  assert.equal(said.length, 1, 'one call of the store for the whole set');
  return { method: said[0]?.method, content: said[0]?.content[0] as Record<string, unknown>[] };
}

describe('asked actions', () => {
  test('Authorize is decided for the time it came in', async () => {
    const { answer, said } = await ask('Authorize', { idTag: 'A' }, { authorize: { status: 'Blocked' } });
    assert.deepEqual(answer, { idTagInfo: { status: 'Blocked' } });
    assert.deepEqual(said, [{ method: 'authorize', content: ['A', facts.receivedAt] }]);
  });

  test('BootNotification is answered with the heartbeat interval only when Accepted', async () => {
    const payload = { chargePointVendor: 'V', chargePointModel: 'M', firmwareVersion: '1' };
    for (const [boot, interval] of [
      ['Accepted', 300],
      ['Pending', 60],
      ['Rejected', 60],
    ] as const) {
      const outcome = { registrationStatus: boot, suspected: [] };
      const { answer, said } = await ask('BootNotification', payload, { boot: outcome });
      const { currentTime, ...rest } = answer as { currentTime: string };
      assert.deepEqual(rest, { status: boot, interval });
      assert.match(currentTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      const nothing = {
        serialNumber: null,
        boxSerialNumber: null,
        iccid: null,
        imsi: null,
        meterType: null,
        meterSerialNumber: null,
      };
      assert.deepEqual(said[0]?.content, [{ ...facts, vendor: 'V', model: 'M', firmwareVersion: '1', ...nothing }]);
    }
  });

  test('DataTransfer is kept and its vendor said to be unknown', async () => {
    const payload = { vendorId: 'V', data: 'x' };
    const { answer, said } = await ask('DataTransfer', payload);
    assert.deepEqual(answer, { status: 'UnknownVendorId' });
    const event = { ...facts, kind: 'DataTransfer', requestId: 'm1', at: facts.receivedAt, payload };
    assert.deepEqual(said, [{ method: 'events', content: [[event]] }]);
  });

  test('SignCertificate is kept and rejected', async () => {
    const { answer, said } = await ask('SignCertificate', { csr: 'pem' });
    assert.deepEqual(answer, { status: 'Rejected' });
    assert.deepEqual(said, [{ method: 'certificateRequest', content: [{ ...facts, csr: 'pem' }] }]);
  });

  test('StartTransaction is answered with what the store gave', async () => {
    const given = { transactionId: 7, idTagInfo: { status: 'Invalid' } };
    const payload = { connectorId: 1, idTag: 'A', meterStart: 10, timestamp: at };
    const { answer, said } = await ask('StartTransaction', payload, { startTransaction: given });
    assert.deepEqual(answer, given);
    const start = { connectorId: 1, idTag: 'A', meterStartWh: 10, startedAt: new Date(at), reservationId: null };
    assert.deepEqual(said[0]?.content, [{ ...facts, ...start }]);
  });

  test('StopTransaction without a reason is Local, and its transactionData is kept', async () => {
    const transactionData = [{ timestamp: at, sampledValue: [{ value: '1', unit: 'kWh' }] }];
    const payload = { meterStop: 20, timestamp: at, transactionId: 7, transactionData };
    const { answer, said, text } = await ask('StopTransaction', payload, { stopTransaction: {} });
    assert.deepEqual(answer, {});
    const { samples, ...stop } = (said[0]?.content[0] ?? {}) as { samples: { value: number }[] };
    assert.deepEqual(stop, {
      ...facts,
      transactionId: 7,
      idTag: null,
      meterStopWh: 20,
      stoppedAt: new Date(at),
      reason: 'Local',
      text,
    });
    assert.deepEqual(
      samples.map(({ value }) => value),
      [1000],
    );
  });

  test('StopTransaction is answered with an idTagInfo when the store gives one', async () => {
    const payload = { meterStop: 20, timestamp: at, transactionId: 2n ** 60n, idTag: 'A', reason: 'Remote' };
    const definition = incomingActions.get('StopTransaction');
    assert.ok(definition?.way === 'ask');
    const { store, said } = listen({ stopTransaction: { idTagInfo: { status: 'Accepted' } } });
    const answer = await definition.handle(store, { ...facts, payload, text: '' }, settings);
    assert.deepEqual(answer, { idTagInfo: { status: 'Accepted' } });
    assert.equal((said[0]?.content[0] as { transactionId: bigint } | undefined)?.transactionId, 2n ** 60n);
  });
});

describe('told actions', () => {
  test('MeterValues become readings with normalised samples', async () => {
    const meterValue = [{ timestamp: at, sampledValue: [{ value: '1,5', unit: 'kWh' }] }];
    const { method, content } = await tell(
      'MeterValues',
      { connectorId: 0, meterValue },
      { connectorId: 1, transactionId: 0, meterValue },
    );
    assert.equal(method, 'meterReadings');
    assert.deepEqual(
      content.map(({ connectorId, transactionId, text }) => [connectorId, transactionId, text]),
      [
        [0, undefined, 'frame'],
        [1, 0, 'frame'],
      ],
    );
    const samples = content[0]?.samples as { value: number }[] | undefined;
    assert.equal(samples?.[0]?.value, 1500);
  });

  test('StatusNotification without a timestamp has no time of its own', async () => {
    const payload = { connectorId: 1, errorCode: 'NoError', status: 'Available' };
    const { method, content } = await tell('StatusNotification', payload, {
      ...payload,
      timestamp: '2026-01-31T12:00:00',
      info: 'i',
    });
    assert.equal(method, 'connectorStatuses');
    const rest = { ...facts, ...payload, vendorId: null, vendorErrorCode: null };
    assert.deepEqual(content, [
      { ...rest, info: null, statusAt: null },
      { ...rest, info: 'i', statusAt: new Date(at) },
    ]);
  });

  for (const action of [
    'DiagnosticsStatusNotification',
    'FirmwareStatusNotification',
    'LogStatusNotification',
    'SignedFirmwareStatusNotification',
  ]) {
    test(`${action} is kept as an event of its receive time`, async () => {
      const { method, content } = await tell(action, { status: 'Idle' }, { status: 'Uploading', requestId: 5 });
      assert.equal(method, 'events');
      assert.deepEqual(content, [
        { ...facts, kind: action, requestId: 'Idle', at: facts.receivedAt, payload: { status: 'Idle' } },
        {
          ...facts,
          kind: action,
          requestId: '5',
          at: facts.receivedAt,
          payload: { status: 'Uploading', requestId: 5 },
        },
      ]);
    });
  }

  test('two security events of one second stay two', async () => {
    const payload = { type: 'InvalidMessages', timestamp: at };
    const { content } = await tell('SecurityEventNotification', payload, { ...payload, techInfo: 'x' });
    assert.deepEqual(
      content.map((event) => event.requestId),
      ['InvalidMessages', 'InvalidMessages x'],
    );
    assert.deepEqual(content[0]?.at, new Date(at));
  });
});
