import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson, writeJson } from '@voltgate/shared/ocpp16/json.ts';
import fc from 'fast-check';

test('integers beyond 2^53 become bigint, all others stay numbers', () => {
  assert.equal(parseJson('9007199254740991'), 9007199254740991);
  assert.equal(parseJson('9007199254740993'), 9007199254740993n);
  assert.equal(parseJson('-9007199254740993'), -9007199254740993n);
  assert.equal(parseJson('1e20'), 1e20);
  assert.equal(parseJson('9007199254740992.5'), 2 ** 53);
  assert.equal(parseJson('0.1250000000000000'), 0.125);
});

test('digits inside a text stay text', () => {
  assert.deepEqual(parseJson('{"imsi":"12345678901234567890"}'), { imsi: '12345678901234567890' });
});

test('any integer keeps its digits through reading and writing', () => {
  fc.assert(
    fc.property(fc.bigInt(), (integer) => {
      assert.equal(writeJson(parseJson(`[${integer}]`)), `[${integer}]`);
    }),
  );
});

test('any value JSON can say is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json({ noUnicodeString: false }), (text) => {
      const hasLongDigits = /\d{16}/.test(text);
      if (!hasLongDigits) assert.deepEqual(parseJson(text), JSON.parse(text));
    }),
  );
});

test('no JSON is a SyntaxError, a circle a TypeError', () => {
  assert.throws(() => parseJson('{'), SyntaxError);
  assert.throws(() => parseJson('{"a":12345678901234567890'), SyntaxError);
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  assert.throws(() => writeJson(circle), TypeError);
});
