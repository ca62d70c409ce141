import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { readConfig } from '@voltgate/shared/config.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { createMemoryJobs } from '@voltgate/shared/memory/jobs.ts';
import type { Letter } from '@voltgate/shared/ports.ts';
import { traceJobs } from '@voltgate/shared/trace-jobs.ts';
import { activeSpan, beginTrace, type Span, startTracing, within } from '@voltgate/shared/tracing.ts';
import { traceHandled } from '@voltgate/worker/trace-handled.ts';
import { type Collector, startCollector } from '../support/collector.ts';
import { until } from '../support/until.ts';

let collector: Collector;
let close: (() => Promise<void>) | undefined;

before(async () => {
  collector = await startCollector();
  const environment = {
    DATABASE_URL: 'postgres://localhost/none',
    REDIS_URL: 'redis://localhost',
    OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
  };
  close = await startTracing(readConfig('worker', environment), 'worker', 'w-1', createLog('silent', {}));
});

beforeEach(() => void collector.spans.splice(0));

after(async () => {
  await close?.();
  await collector?.close();
});

function begin(name: string): Span {
  const { span } = beginTrace({ name, kind: 'server', attributes: {} });
  assert.ok(span);
  return span;
}

function letters(count: number, traceparentOf: (index: number) => string | undefined): Letter[] {
  return Array.from({ length: count }, (_, index) => ({
    action: 'MeterValues',
    chargePointId: `CP-${index}`,
    connectionId: 'c',
    receivedAtMs: 0,
    traceId: '',
    traceparent: traceparentOf(index),
    text: '',
  }));
}

/** Through the queue and the worker; resolves when the collector has the span that was begun after it. */
async function carry(set: readonly Letter[]): Promise<readonly string[]> {
  const jobs = traceJobs(createMemoryJobs({ maxWaiting: 10 }));
  const tell = (given: readonly Letter[]) => traceHandled('MeterValues', given, async () => undefined);
  await jobs.work({ tell, ask: async () => undefined }, { tellConcurrency: 1, askConcurrency: 1 });
  await jobs.tell(set);
  begin('last').end();
  await until(() => collector.spans.some(({ name }) => name === 'last'));
  return collector.spans.map(({ name }) => name).filter((name) => name !== 'last');
}

test('a set of 200 that is not sampled makes no spans', async () => {
  assert.deepEqual(await carry(letters(200, () => undefined)), []);
  const hex = (index: number, digits: number) => (index + 1).toString(16).padStart(digits, '0');
  assert.deepEqual(await carry(letters(200, (index) => `00-${hex(index, 32)}-${hex(index, 16)}-00`)), []);
});

test('a set of 200 that is sampled makes spans for 32 of them, linked to the first', async () => {
  const names = await carry(letters(200, () => begin('frame').traceparent));
  const counted = [...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]);
  assert.deepEqual(Object.fromEntries(counted), { 'tell publish': 32, 'ocpp.handle MeterValues': 32 });
  const [first, ...others] = collector.spans.filter(({ name }) => name === 'ocpp.handle MeterValues');
  assert.deepEqual(first?.links, []);
  assert.ok(others.every(({ links }) => links[0] === first?.spanId));
});

test('what was begun in a span is none of it once it is over, and work without a span is none of its caller', () => {
  const span = begin('frame');
  within(span, () => {
    assert.equal(activeSpan(), span);
    assert.equal(
      within(undefined, () => activeSpan()),
      undefined,
    );
    span.end();
    assert.equal(activeSpan(), undefined);
  });
});
