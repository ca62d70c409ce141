import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '@voltgate/shared/metrics.ts';

test('beyond the bound, and when they are too long, words from outside are counted as other', async () => {
  const { deviations, registry } = createMetrics();
  for (let model = 0; model < 150; model += 1) deviations.inc({ kind: 'over-long', vendor: 'V', model: `M${model}` });
  deviations.inc({ kind: 'over-long', vendor: 'V', model: 'M0' });
  deviations.inc({ kind: 'extra-field', vendor: 'x'.repeat(51), model: 'M0' });
  const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('voltgate_deviations_total{'));
  assert.equal(lines.length, 102);
  const value = (labels: string) =>
    lines
      .find((line) => line.includes(`{${labels}}`))
      ?.split(' ')
      .at(-1);
  assert.equal(value('kind="over-long",vendor="V",model="M0"'), '2');
  assert.equal(value('kind="over-long",vendor="other",model="other"'), '50');
  assert.equal(value('kind="extra-field",vendor="other",model="other"'), '1');
});
