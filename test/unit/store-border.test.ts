import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Location, Measurand, Phase, ReadingContext, UnitOfMeasure } from '@voltgate/shared/ocpp16/types.ts';
import { numbers, texts, times } from '@voltgate/shared/store/arrays.ts';
import {
  cleanJson,
  cleanText,
  int32,
  moment,
  ownTransactionId,
  payloadText,
  traceUuid,
} from '@voltgate/shared/store/border.ts';
import { replaces, type StatusStamp } from '@voltgate/shared/store/connector-order.ts';
import { isTransient } from '@voltgate/shared/store/transient.ts';
import { specifiedWords } from '@voltgate/shared/store/words.ts';

test('text loses what Postgres cannot hold and nothing else', () => {
  assert.equal(cleanText('a\0b\uD800c'), 'a\uFFFDb\uFFFDc');
  assert.equal(cleanText('Ünïcode 🚗 "\\'), 'Ünïcode 🚗 "\\');
  assert.equal(
    cleanJson({ 'k\0': ['\0', { x: '\uDC00' }], n: 2n ** 70n, ok: '\\u0000' }),
    `{"k\uFFFD":["\uFFFD",{"x":"\uFFFD"}],"n":${2n ** 70n},"ok":"\\\\u0000"}`,
  );
  assert.equal(cleanJson(undefined), 'null');
});

test('times stay within the years 1 to 9999', () => {
  assert.equal(moment(new Date('0000-05-05T00:00:00Z')).toISOString(), '0001-01-01T00:00:00.000Z');
  assert.equal(moment(new Date('+010000-01-01T00:00:00Z')).toISOString(), '9999-12-31T23:59:59.999Z');
  const usual = new Date();
  assert.equal(moment(usual), usual);
});

test('numbers stay within int32', () => {
  assert.deepEqual([2 ** 40, -(2 ** 40), 7].map(int32), [2_147_483_647, -2_147_483_647, 7]);
  assert.deepEqual([1, 0, -1, 2 ** 31, 1n, undefined].map(ownTransactionId), [1, null, null, null, null, null]);
});

test('a trace id that is none is dropped', () => {
  assert.equal(traceUuid('0123456789abcdef0123456789abcdef'), '0123456789abcdef0123456789abcdef');
  assert.equal(traceUuid('x'), null);
});

test('the payload of a frame does not depend on its message id', () => {
  assert.equal(
    payloadText('[2,"1","A",{"transactionId":12345678901234567890}]'),
    '{"transactionId":12345678901234567890}',
  );
  assert.equal(
    payloadText('[2, "2", "A", {"transactionId": 12345678901234567890}]'),
    '{"transactionId":12345678901234567890}',
  );
  assert.equal(payloadText('not a frame\0'), 'not a frame\uFFFD');
});

test('array literals hold null, quotes, backslashes, commas and the word null', () => {
  assert.equal(texts(['a', null, 'NULL', '"', '\\', 'a,b', '']), '{"a",NULL,"NULL","\\"","\\\\","a,b",""}');
  assert.equal(numbers([1, null, 1.5, Number.NaN, Infinity]), '{1,NULL,1.5,NaN,Infinity}');
  assert.equal(times([new Date(0), null]), '{1970-01-01T00:00:00.000Z,NULL}');
});

test('transient is what says nothing against the statement', () => {
  const coded = (code: string) => Object.assign(new Error(code), { code });
  for (const code of [
    'CONNECTION_CLOSED',
    'CONNECT_TIMEOUT',
    'ECONNREFUSED',
    'EPIPE',
    '08006',
    '40001',
    '40P01',
    '53300',
    '55P03',
    '57014',
    '57P01',
    '58030',
    '25006',
    '42P01',
  ]) {
    assert.ok(isTransient(coded(code)), code);
  }
  for (const code of ['22P02', '23505', '22021', '42601', 'UNDEFINED_VALUE'])
    assert.ok(!isTransient(coded(code)), code);
  assert.ok(isTransient(new Error('query failed', { cause: coded('40P01') })));
  for (const thrown of [new Error('plain'), 'text', null, undefined, { code: '40001' }])
    assert.ok(!isTransient(thrown));
});

test('every word of the specification has a code', () => {
  const wordsOf = (union: { anyOf: readonly { const: string }[] }) => union.anyOf.map((option) => option.const).sort();
  const coded = (kind: keyof typeof specifiedWords) => specifiedWords[kind].slice(1).toSorted();
  assert.deepEqual(coded('measurand'), wordsOf(Measurand as never));
  assert.deepEqual(coded('phase'), wordsOf(Phase as never));
  assert.deepEqual(coded('location'), wordsOf(Location as never));
  assert.deepEqual(coded('context'), wordsOf(ReadingContext as never));
  assert.deepEqual(coded('unit'), wordsOf(UnitOfMeasure as never));
});

test('codes given out once never change', () => {
  assert.equal(specifiedWords.measurand.indexOf('Energy.Active.Import.Register'), 1);
  assert.equal(specifiedWords.measurand.indexOf('RPM'), 22);
  assert.equal(specifiedWords.phase.indexOf('L3-L1'), 10);
  assert.equal(specifiedWords.location.indexOf('Body'), 5);
  assert.equal(specifiedWords.context.indexOf('Other'), 8);
  assert.equal(specifiedWords.unit.indexOf('Percent'), 17);
});

test('two statuses are ordered by time, life and plausibility of the clock', () => {
  const at = (minutes: number) => new Date(Date.UTC(2026, 0, 31, 12, minutes));
  const stamp = (effective: number, received: number, plausible = true): StatusStamp => ({
    effectiveAt: plausible ? at(effective) : new Date(effective),
    receivedAt: at(received),
    plausible,
  });
  assert.ok(replaces(stamp(2, 2), stamp(1, 3), null));
  assert.ok(!replaces(stamp(1, 3), stamp(2, 2), null));
  assert.ok(replaces(stamp(1, 3), stamp(1, 2), null));
  assert.ok(!replaces(stamp(1, 2), stamp(1, 2), null));
  assert.ok(!replaces(stamp(5, 9, false), stamp(1, 1), null));
  assert.ok(replaces(stamp(5, 9, false), stamp(1, 1), at(8)));
  assert.ok(!replaces(stamp(1, 1), stamp(5, 9, false), at(8)));
  assert.ok(replaces(stamp(1, 1), stamp(5, 2, false), null));
  assert.ok(replaces(stamp(1, 9, false), stamp(5, 2, false), at(8)));
});
