import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTimestamp, isZoneless, readTimestamp } from '@voltgate/shared/ocpp16/timestamp.ts';
import fc from 'fast-check';

test('a timestamp is read with or without zone, fractions, seconds and colon', () => {
  const readings: readonly (readonly [string, string])[] = [
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31 12:00:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31t12:00:00z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00.5Z', '2026-01-31T12:00:00.500Z'],
    ['2026-01-31T12:00:00,5', '2026-01-31T12:00:00.500Z'],
    ['2026-01-31T12:00:00.123456789Z', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31T12:00:00-0230', '2026-01-31T14:30:00.000Z'],
    ['2026-12-31T23:59:60Z', '2026-12-31T23:59:59.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
  ];
  for (const [text, expected] of readings) {
    assert.ok(isTimestamp(text), text);
    assert.equal(readTimestamp(text).toISOString(), expected, text);
  }
});

test('what an offset carries beyond the years 1 to 9999 is their edge', () => {
  assert.equal(readTimestamp('0001-01-01T00:00:00+01:00').toISOString(), '0001-01-01T00:00:00.000Z');
  assert.equal(readTimestamp('0000-01-01T00:00:00Z').toISOString(), '0001-01-01T00:00:00.000Z');
  assert.equal(readTimestamp('9999-12-31T23:59:59-01:00').toISOString(), '9999-12-31T23:59:59.999Z');
});

test('a day that is in no calendar, and half a timestamp, are refused', () => {
  for (const text of [
    ...['', 'now', '2026-01-31', '12:00:00Z', '2026-02-29T00:00:00Z', '2026-04-31T00:00:00Z', '0000-00-00T00:00:00Z'],
    ...['2026-01-31T24:00:00Z', '2026-01-31T12:00.5Z', '2026-01-31T12:00:00+24:00', '2026-01-31T12:00:00Z\n'],
  ]) {
    assert.equal(isTimestamp(text), false, text);
    assert.throws(() => readTimestamp(text), RangeError);
  }
});

test('only a timestamp that says no zone is zone-less', () => {
  for (const text of ['2026-01-31T12:00:00', '2026-01-31T12:00', '2026-01-31 12:00:00.123'])
    assert.ok(isZoneless(text), text);
  for (const text of [
    '2026-01-31T12:00:00Z',
    '2026-01-31T12:00:00z',
    '2026-01-31T12:00-02:00',
    '2026-01-31T12:00:00+0200',
  ]) {
    assert.equal(isZoneless(text), false, text);
  }
});

test('what is accepted is always read, and what goes out is read back to the millisecond', () => {
  const moment = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });
  fc.assert(fc.property(moment, (at) => assert.equal(readTimestamp(at.toISOString()).getTime(), at.getTime())));
  const digits = fc.stringMatching(
    /^\d{4}-[01]\d-[0-3]\d[Tt ][0-2]\d:[0-6]\d(:[0-6]\d([.,]\d{1,9})?)?([Zz]|[+-][0-2]\d:?[0-5]\d)?$/,
  );
  fc.assert(
    fc.property(digits, (text) => {
      if (isTimestamp(text)) assert.ok(Number.isFinite(readTimestamp(text).getTime()), text);
    }),
    { numRuns: 2000 },
  );
});
