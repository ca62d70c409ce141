import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ApiOptions, type ApiStore, createApi } from '@voltgate/gateway/api/api.ts';

/** The API over a store whose first read fails, with the lines it logs. */
async function openBroken(t: { after(end: () => unknown): void }, isTransient: boolean) {
  const lines: Record<string, unknown>[] = [];
  const findApiKey = async () => {
    throw new Error('relation "secret" does not exist', { cause: new Error('password=hunter2') });
  };
  const store = { findApiKey, isTransient: () => isTransient } as unknown as ApiStore;
  const app = await createApi({ store, log: recordTo(lines), version: '0.0.0' });
  t.after(() => app.close());
  const response = await app.inject({ url: '/api/v1/charge-points', headers: { 'x-api-key': 'k' } });
  return { response, lines };
}

/** A logger that keeps its lines from info up, with the fields of its parents. */
function recordTo(lines: Record<string, unknown>[], fields: object = {}): ApiOptions['log'] {
  const keep = (line: object) => void lines.push({ ...fields, ...line });
  const drop = () => undefined;
  return {
    level: 'info',
    silent: drop,
    trace: drop,
    debug: drop,
    info: keep,
    warn: keep,
    error: keep,
    fatal: keep,
    child: (more: object) => recordTo(lines, { ...fields, ...more }),
  } as unknown as ApiOptions['log'];
}

test('an unexpected failure says nothing of its cause and is logged once with the trace id it gives', async (t) => {
  const { response, lines } = await openBroken(t, false);
  assert.equal(response.statusCode, 500);
  assert.match(String(response.headers['content-type']), /^application\/problem\+json/);
  for (const word of ['secret', 'hunter2', 'at ', '.ts', 'stack', 'Error:']) {
    assert.ok(!response.payload.includes(word), `${word} is not told`);
  }
  const { traceId } = response.json();
  assert.match(traceId, /^[0-9a-f]{32}$/);
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.traceId, traceId);
  assert.match(String(lines[0]?.err), /secret/);
});

test('a store that is away is a 503 problem that says when to try again', async (t) => {
  const { response, lines } = await openBroken(t, true);
  assert.equal(response.statusCode, 503);
  assert.equal(response.headers['retry-after'], '5');
  assert.equal(response.json().type, 'urn:voltgate:problem:unavailable');
  assert.ok(!response.payload.includes('secret'));
  assert.equal(lines.length, 1);
});
