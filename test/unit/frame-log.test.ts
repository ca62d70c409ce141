import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createFrameLog, type FrameLogOptions } from '@voltgate/gateway/frame-log.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import { readMessage, writeCall, writeCallError, writeCallResult } from '@voltgate/shared/ocpp16/message.ts';
import type { FrameRecord, Letter } from '@voltgate/shared/ports.ts';
import { knownChargePoint } from '../support/known-charge-point.ts';

const chargePoint = knownChargePoint('CP');
const caller = { chargePoint, connectionId: 'connection' };
const heartbeat = '[2,"h","Heartbeat",{}]';

function open(t: TestContext, given: Partial<FrameLogOptions> = {}) {
  const letters: Letter[] = [];
  const metrics = createMetrics();
  const frameLog = createFrameLog({
    gatewayId: 'gateway',
    tell: async (some) => void letters.push(...some),
    log: createLog('silent', {}),
    metrics,
    frameLog: 'on',
    frameLogRedactIdTags: true,
    frameLogMaxText: 100,
    frameLogBuffer: 1_000,
    frameLogRate: 10_000,
    ...given,
  });
  t.after(() => frameLog.close());
  const dropped = async () => (await metrics.framesDropped.get()).values[0]?.value ?? 0;
  const read = (text: string, traceId?: string) => frameLog.received(caller, readMessage(text), text, traceId);
  const records = async () => {
    await frameLog.close();
    return letters.flatMap(({ text }) => JSON.parse(text) as FrameRecord[]);
  };
  return { frameLog, read, records, letters, dropped };
}

test('an answer carries the action, the trace id and the age of its Call, in both directions', async (t) => {
  const { frameLog, read, records } = open(t);
  read('[2,"same","Authorize",{"idTag":"TAG"}]', 'trace-in');
  frameLog.sent(caller, writeCall('same', 'Reset', { type: 'Soft' }), 'trace-out');
  read('[3,"same",{"status":"Accepted"}]');
  frameLog.sent(caller, writeCallResult('same', { idTagInfo: { status: 'Invalid' } }));
  frameLog.closed(caller, 1001, 'bye');
  const shown = (await records()).map(({ direction, kind, action, traceId, messageId }) =>
    [direction, kind, action, traceId, messageId].join(' '),
  );
  assert.deepEqual(shown, [
    'in call Authorize trace-in same',
    'out call Reset trace-out same',
    'in result Reset trace-out same',
    'out result Authorize trace-in same',
    'in close   ',
  ]);
  const [, , conf] = await records();
  assert.ok(conf?.latencyMs !== null && (conf?.latencyMs ?? -1) >= 0);
});

test('errors carry their code, unreadable frames and long ones are cut', async (t) => {
  const { frameLog, read, records } = open(t, { frameLogMaxText: 5_000 });
  read('x'.repeat(9_000));
  read(`[2,"long","DataTransfer",{"vendorId":"V","data":"${'y'.repeat(9_000)}"}]`);
  frameLog.sent(caller, writeCallError('long', 'InternalError', 'a "quoted" reason'));
  read('[4,"nothing","GenericError","",{}]');
  const [unreadable, long, error, foreign] = await records();
  assert.deepEqual(
    [unreadable?.kind, unreadable?.errorCode, unreadable?.text.length],
    ['unreadable', 'FormationViolation', 2_048],
  );
  assert.equal(long?.text.length, 5_000);
  assert.deepEqual([error?.kind, error?.errorCode, error?.action], ['error', 'InternalError', 'DataTransfer']);
  assert.deepEqual([foreign?.errorCode, foreign?.action, foreign?.latencyMs], ['GenericError', '', null]);
});

test('more frames than the rate or the buffer allow are dropped and counted', async (t) => {
  const { read, records, dropped } = open(t, { frameLogRate: 10 });
  for (let count = 0; count < 25; count++) read(heartbeat);
  assert.equal((await records()).length, 10);
  assert.equal(await dropped(), 15);
  const small = open(t, { frameLogBuffer: 7 });
  for (let count = 0; count < 25; count++) small.read(heartbeat);
  assert.equal((await small.records()).length, 7);
  assert.equal(await small.dropped(), 18);
});

test('while the queue is away frames are dropped and counted, and closing does not wait for it', async (t) => {
  const { read, frameLog, dropped } = open(t, { tell: () => Promise.reject(new Error('away')) });
  for (let count = 0; count < 600; count++) read(heartbeat);
  await frameLog.close();
  assert.equal(await dropped(), 600);
});

test('switched off it keeps nothing', async (t) => {
  const { read, records } = open(t, { frameLog: 'off' });
  read(heartbeat);
  assert.deepEqual(await records(), []);
});
