import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage, writeCall, writeCallError, writeCallResult } from '@voltgate/shared/ocpp16/message.ts';
import fc from 'fast-check';

test('a Call, a CallResult and a CallError are read', () => {
  assert.deepEqual(readMessage('[2,"1","Heartbeat",{"a":1}]'), {
    type: 'call',
    messageId: '1',
    action: 'Heartbeat',
    payload: { a: 1 },
  });
  assert.deepEqual(readMessage('[3,"1",{"a":1}]'), { type: 'result', messageId: '1', payload: { a: 1 } });
  assert.deepEqual(readMessage('[4,"1","GenericError","why",{"a":1}]'), {
    type: 'error',
    messageId: '1',
    code: 'GenericError',
    description: 'why',
    details: { a: 1 },
  });
});

test('a null or absent payload is an empty one', () => {
  for (const text of ['[2,"1","Heartbeat",null]', '[2,"1","Heartbeat"]']) {
    assert.deepEqual(readMessage(text), { type: 'call', messageId: '1', action: 'Heartbeat', payload: {} });
  }
  for (const text of ['[3,"1",null]', '[3,"1"]']) {
    assert.deepEqual(readMessage(text), { type: 'result', messageId: '1', payload: {} });
  }
});

test('a CallError with nothing or nonsense in it is still a CallError', () => {
  const expected = { type: 'error', messageId: '1', code: 'GenericError', description: '', details: {} };
  assert.deepEqual(readMessage('[4,"1"]'), expected);
  assert.deepEqual(readMessage('[4,"1",{"toString":1,"valueOf":1},7,null]'), expected);
});

test('what is no message but has an id can be refused by that id', () => {
  const unreadable = (text: string) => {
    const message = readMessage(text);
    return message.type === 'unreadable' ? [message.messageId, message.code] : message;
  };
  assert.deepEqual(unreadable('[2,"1",7,{}]'), ['1', 'FormationViolation']);
  assert.deepEqual(unreadable('[2,"1","Heartbeat",{},{}]'), ['1', 'FormationViolation']);
  assert.deepEqual(unreadable('[5,"1",{}]'), ['1', 'ProtocolError']);
  assert.deepEqual(unreadable('["2","1","Heartbeat",{}]'), ['1', 'ProtocolError']);
  for (const text of [
    '',
    '{',
    '{}',
    'null',
    '"text"',
    '[]',
    '[2]',
    '[2,7,"Heartbeat",{}]',
    `[2,"${'x'.repeat(129)}","Heartbeat",{}]`,
  ]) {
    assert.deepEqual(unreadable(text), [undefined, 'FormationViolation'], text);
  }
});

test('a transaction id beyond 2^53 keeps every digit on the way in and out', () => {
  const text = '[2,"1","MeterValues",{"transactionId":9007199254740993}]';
  const message = readMessage(text);
  assert.equal(message.type, 'call');
  if (message.type !== 'call') return;
  assert.deepEqual(message.payload, { transactionId: 9007199254740993n });
  assert.equal(writeCall('1', 'MeterValues', message.payload), text);
});

test('a description is cut at 255 characters and the text stays JSON', () => {
  const text = writeCallError('1', 'InternalError', '🔌'.repeat(200));
  assert.equal(JSON.parse(text)[3].length, 255);
  assert.equal(writeCallError('1', 'InternalError', 'why'), '[4,"1","InternalError","why",{}]');
});

test('no text makes reading throw', () => {
  const values = fc.tuple(fc.constantFrom(2, 3, 4, 5), fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), fc.jsonValue());
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        values.map((value) => JSON.stringify(value)),
      ),
      (text) => void readMessage(text),
    ),
  );
});

test('what was read is written as it was', () => {
  // A payload without null prototypes, empty slots and -0, which JSON does not say.
  const payload = fc
    .dictionary(fc.string(), fc.jsonValue())
    .map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  fc.assert(
    fc.property(fc.string({ maxLength: 36 }), fc.string(), payload, (messageId, action, content) => {
      const call = readMessage(writeCall(messageId, action, content));
      assert.ok(call.type === 'call' && call.messageId === messageId && call.action === action);
      assert.equal(writeCall(messageId, action, call.payload), writeCall(messageId, action, content));
      const result = readMessage(writeCallResult(messageId, content));
      assert.ok(result.type === 'result');
      assert.equal(writeCallResult(messageId, result.payload), writeCallResult(messageId, content));
    }),
  );
});
