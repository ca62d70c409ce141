import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CallAnswer, createOutgoingCalls, type OutgoingCall } from '@voltgate/gateway/outgoing-calls.ts';
import { until } from '../support/until.ts';

type Sent = readonly [2, string, string, unknown];

/** The Calls to one socket, and what was written to it. */
function wire(maxQueue = 50) {
  const sent: Sent[] = [];
  const signs: string[] = [];
  const calls = createOutgoingCalls({
    maxQueue,
    send: (frame) => void sent.push(JSON.parse(frame) as Sent),
    onAnswered: () => void signs.push('answered'),
    onUnanswered: () => void signs.push('unanswered'),
  });
  const result = (messageId: string, payload: unknown = {}) => calls.answered({ type: 'result', messageId, payload });
  return { sent, calls, signs, result, ids: () => sent.map(([, id]) => id) };
}

const request = (commandId: string, action = 'ClearCache', more: Partial<OutgoingCall> = {}): OutgoingCall => ({
  commandId,
  action,
  payload: {},
  timeoutMs: 5_000,
  traceId: '0'.repeat(32),
  ...more,
});

test('the next Call is sent when the one before it was answered', async () => {
  const { calls, result, ids } = wire();
  const first = calls.call(request('a'));
  const second = calls.call(request('b'));
  assert.deepEqual(ids(), ['a']);
  assert.equal(calls.pending(), 2);
  assert.equal(result('a', { status: 'Accepted' }), true);
  assert.deepEqual(ids(), ['a', 'b']);
  const outcome = await first;
  assert.deepEqual(outcome.outcome === 'answered' && outcome.payload, { status: 'Accepted' });
  calls.answered({ type: 'error', messageId: 'b', code: 'NotSupported', description: 'no', details: {} });
  const { outcome: kind, ...rest } = await second;
  assert.equal(kind, 'rejected');
  assert.ok('code' in rest && rest.code === 'NotSupported' && rest.description === 'no');
  assert.equal(calls.pending(), 0);
});

test('what ends something overtakes what only reads, and equals keep their order', async () => {
  const { calls, result, sent } = wire();
  const actions = [
    'ClearCache',
    'GetConfiguration',
    'GetDiagnostics',
    'ChangeConfiguration',
    'RemoteStartTransaction',
    'ReserveNow',
    'RemoteStopTransaction',
    'Reset',
  ];
  const all = actions.map((action, index) => calls.call(request(String(index), action)));
  for (const _ of actions) result(sent.at(-1)?.[1] ?? '');
  assert.deepEqual(
    sent.map(([, , action]) => action),
    [
      'ClearCache',
      'RemoteStopTransaction',
      'Reset',
      'RemoteStartTransaction',
      'ReserveNow',
      'ChangeConfiguration',
      'GetConfiguration',
      'GetDiagnostics',
    ],
  );
  for (const outcome of await Promise.all(all)) assert.equal(outcome.outcome, 'answered');
});

test('a full queue refuses at once, and the refused command may be tried again', async () => {
  const { calls, result } = wire(1);
  void calls.call(request('a'));
  void calls.call(request('b'));
  assert.deepEqual(await calls.call(request('c')), { outcome: 'queue-full' });
  result('a');
  const again = calls.call(request('c'));
  result('b');
  result('c');
  assert.equal((await again).outcome, 'answered');
});

test('a late answer is attached to its own command and does not disturb the Call in flight', async () => {
  const { calls, result, ids, signs } = wire();
  const lateAnswers: CallAnswer[] = [];
  const slow = calls.call(request('slow', 'Reset', { timeoutMs: 20, onLate: (answer) => lateAnswers.push(answer) }));
  const next = calls.call(request('next'));
  assert.deepEqual(await slow, { outcome: 'timed-out' });
  assert.deepEqual(signs, ['unanswered']);
  assert.deepEqual(ids(), ['slow', 'next']);
  assert.equal(result('slow', { status: 'Accepted' }), true);
  assert.deepEqual(
    lateAnswers.map((answer) => answer.outcome === 'answered' && answer.payload),
    [{ status: 'Accepted' }],
  );
  assert.deepEqual(signs, ['unanswered', 'answered']);
  assert.equal(result('slow'), false, 'a second late answer belongs to nothing');
  result('next', { status: 'Rejected' });
  const outcome = await next;
  assert.deepEqual(outcome.outcome === 'answered' && outcome.payload, { status: 'Rejected' });
});

test('late answers are awaited for a bounded number of Calls', async () => {
  const { calls, result } = wire();
  const lateAnswers: CallAnswer[] = [];
  for (let index = 0; index < 20; index += 1) {
    const more = { timeoutMs: 1, onLate: (answer: CallAnswer) => void lateAnswers.push(answer) };
    assert.equal((await calls.call(request(String(index), 'Reset', more))).outcome, 'timed-out');
  }
  for (let index = 0; index < 20; index += 1) result(String(index));
  assert.equal(lateAnswers.length, 16);
});

test('what waits past its deadline is never sent', async () => {
  const { calls, result, ids } = wire();
  const first = calls.call(request('first'));
  const outcome = await calls.call(request('second', 'ClearCache', { timeoutMs: 10 }));
  assert.deepEqual(outcome, { outcome: 'expired' });
  result('first');
  await first;
  assert.deepEqual(ids(), ['first']);
  assert.equal(calls.pending(), 0);
});

test('a close aborts what is in flight as sent and what waits as not sent, and everything after it', async () => {
  const { calls, ids, result } = wire();
  const all = ['a', 'b'].map((id) => calls.call(request(id)));
  calls.closed('gone');
  all.push(calls.call(request('c')));
  assert.deepEqual(await Promise.all(all), [
    { outcome: 'aborted', sent: true, reason: 'gone' },
    { outcome: 'aborted', sent: false, reason: 'gone' },
    { outcome: 'aborted', sent: false, reason: 'gone' },
  ]);
  assert.deepEqual(ids(), ['a']);
  assert.equal(result('a'), false);
});

test('a write that closes the socket ends its Call', async () => {
  const calls = createOutgoingCalls({ maxQueue: 5, send: () => calls.closed('the charge point does not read') });
  const sent: string[] = [];
  const outcome = await calls.call(request('a', 'Reset', { onSent: () => void sent.push('a') }));
  assert.equal(outcome.outcome, 'aborted');
  assert.deepEqual(sent, []);
});

test('a command that comes twice is executed once', async () => {
  const { calls, result, ids } = wire();
  const first = calls.call(request('a'));
  assert.deepEqual(await calls.call(request('a')), { outcome: 'duplicate' });
  result('a');
  await first;
  assert.deepEqual(await calls.call(request('a')), { outcome: 'duplicate' });
  assert.deepEqual(ids(), ['a']);
});

test('an answer to nothing is none of ours', async () => {
  const { calls, result } = wire();
  assert.equal(result('nobody'), false);
  const pending = calls.call(request('a'));
  assert.equal(result('nobody'), false);
  result('a');
  await until(() => calls.pending() === 0);
  await pending;
});
