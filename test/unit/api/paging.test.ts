import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from '@sinclair/typebox';
import { isReadableTime, pagesOf } from '@voltgate/gateway/api/paging.ts';

const pages = pagesOf('numbers', Type.Integer());
const itself = (value: number) => value;

test('a cursor leads to the item after the last one shown', () => {
  const first = pages.read({ limit: 2 });
  assert.deepEqual(first, { place: null, limit: 3, from: undefined, to: undefined });
  const { items, nextCursor } = pages.write(first, [1, 2, 3], itself, itself);
  assert.deepEqual(items, [1, 2]);
  assert.match(String(nextCursor), /^[A-Za-z0-9_-]+$/);
  assert.equal(pages.read({ cursor: String(nextCursor) }).place, 2);
});

test('the last page has no cursor, full or not', () => {
  const slice = pages.read({ limit: 2 });
  for (const rows of [[], [1], [1, 2]]) assert.equal(pages.write(slice, rows, itself, itself).nextCursor, null);
});

test('a cursor of another list or of no list is refused by name', () => {
  const other = pagesOf('others', Type.Integer());
  const cursor = String(other.write(other.read({ limit: 1 }), [1, 2], itself, itself).nextCursor);
  for (const text of [cursor, '', 'x', 'bnVsbA', cursor.slice(1)]) {
    assert.throws(
      () => pages.read({ cursor: text }),
      (error: { errors?: { field: string }[] }) => error.errors?.[0]?.field === 'cursor',
    );
  }
});

test('a time needs its zone, a day that exists and a year that can be written', () => {
  for (const text of [
    '2026-01-31T12:00:00Z',
    '2026-01-31T12:00Z',
    '2026-01-31 12:00:00.123456+05:30',
    '2026-01-31t12:00:00z',
    '2024-02-29T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
  ]) {
    assert.ok(isReadableTime(text), text);
  }
  for (const text of [
    '',
    '2026-01-31',
    '2026-01-31T12:00:00',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-31T25:00:00Z',
    '2026-01-31T12:00:60Z',
    '2026-01-31T12:00:00 05:30',
    '0000-12-31T23:00:00Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '+010000-01-01T00:00:00Z',
    '1769860800000',
  ]) {
    assert.ok(!isReadableTime(text), text);
  }
});
