import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTraceId } from '@voltgate/shared/trace.ts';
import { activeSpan, beginTrace, isTracing, startSpan, traceIdIn, within } from '@voltgate/shared/tracing.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const start = { name: 'x', kind: 'server', attributes: {} } as const;

test('trace ids are 32 hex digits, never twice, and random in every part that a sampler looks at', () => {
  const ids = Array.from({ length: 20_000 }, newTraceId);
  assert.ok(ids.every((id) => /^[0-9a-f]{32}$/.test(id)));
  assert.equal(new Set(ids).size, ids.length);
  for (const from of [0, 8, 16, 24]) {
    const low = ids.filter((id) => Number.parseInt(id.slice(from, from + 8), 16) < 2 ** 31).length;
    assert.ok(low > 9_000 && low < 11_000, `${low} of ${ids.length} in the lower half at ${from}`);
  }
});

test('the trace id of a valid traceparent is read', () => {
  assert.equal(traceIdIn(`00-${traceId}-00f067aa0ba902b7-00`), traceId);
  assert.equal(traceIdIn(`cc-${traceId}-00f067aa0ba902b7-01-what-the-future-says`), traceId);
});

const invalid = [
  '',
  traceId,
  `ff-${traceId}-00f067aa0ba902b7-01`,
  `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-00f067aa0ba902b7-01`,
  `00-${traceId}-00f067aa0ba902b7`,
  `00-${traceId}-00f067aa0ba902b7-01-more`,
];

for (const traceparent of invalid) {
  test(`no trace id is read from '${traceparent}'`, () => {
    assert.equal(traceIdIn(traceparent), undefined);
  });
}

test('without a collector there are trace ids and no spans', () => {
  assert.equal(isTracing(), false);
  assert.match(beginTrace(start).traceId, /^[0-9a-f]{32}$/);
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
  assert.deepEqual(beginTrace({ ...start, traceparent }), { traceId });
  assert.equal(startSpan({ ...start, traceparent }), undefined);
  assert.equal(
    within(undefined, () => activeSpan()),
    undefined,
  );
});
