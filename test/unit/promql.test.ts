import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExpression } from '../deploy/promql.ts';

test('names, labels and grouping of an expression are found, and its functions and words are not', () => {
  const { series, groupedBy } = readExpression(
    'histogram_quantile(0.99, sum by (way, le) (rate(a_bucket{way!="x y", job=~".*z.*"}[5m]))) > 1e3 and on (instance) b:c unless time() - d offset 5m',
  );
  assert.deepEqual(series, [
    { name: 'a_bucket', labels: ['way', 'job'] },
    { name: 'b:c', labels: [] },
    { name: 'd', labels: [] },
  ]);
  assert.deepEqual(groupedBy, ['way', 'le', 'instance']);
});
