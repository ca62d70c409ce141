import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { undoAfter } from '../support/cleanup.ts';
import { findK6, startK6 } from './k6.ts';

const skip = (await findK6()) === undefined ? 'k6 is missing: tools/install' : false;

/** Settings with which a run would load nothing, or for ever, and might well pass. */
const senseless: readonly { readonly script: string; readonly name: string; readonly values: readonly string[] }[] = [
  { script: 'steady-state', name: 'CHARGERS', values: ['', '0', '1.5', '-1', 'many'] },
  { script: 'steady-state', name: 'SOCKETS_PER_VU', values: ['0', '0.5'] },
  { script: 'steady-state', name: 'CONNECT_RATE', values: ['0'] },
  { script: 'steady-state', name: 'METER_INTERVAL_SECONDS', values: ['0'] },
  { script: 'steady-state', name: 'DURATION_SECONDS', values: ['0', ' '] },
  { script: 'transaction-day', name: 'SESSIONS', values: ['0', '2.5'] },
  { script: 'transaction-day', name: 'OFFLINE_SHARE', values: ['1.5', ''] },
  { script: 'slow-readers', name: 'SLOW_SHARE', values: ['20'] },
];

for (const { script, name, values } of senseless) {
  test(`k6 refuses ${script} with a senseless ${name}`, { skip, timeout: 120_000 }, async (t: TestContext) => {
    for (const value of values) {
      const run = await startK6(script, { [name]: value });
      undoAfter(t, () => run.stop());
      const { code, output } = await run.result;
      assert.notEqual(code, 0, `'${value}' was taken`);
      assert.match(output, new RegExp(`${name} must be `), `'${value}' was taken`);
    }
  });
}
