import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDead, longestSilenceMs } from '../../gateway/src/liveness.ts';

const options = { pingIntervalMs: 45_000, heartbeatIntervalSeconds: 300 };

test('a charger that answers pings is dead after two of them and a grace', () => {
  assert.equal(longestSilenceMs(true, options), 95_000);
  assert.equal(isDead({ lastSeenAtMs: 0, everPonged: true }, options, 95_000), false);
  assert.equal(isDead({ lastSeenAtMs: 0, everPonged: true }, options, 95_001), true);
});

test('a charger that never ponged is judged by its heartbeats', () => {
  assert.equal(longestSilenceMs(false, options), 750_000);
  assert.equal(isDead({ lastSeenAtMs: 0, everPonged: false }, options, 749_000), false);
});

test('a charger that never ponged is never cut within 2.5 ping intervals', () => {
  assert.equal(longestSilenceMs(false, { pingIntervalMs: 600_000, heartbeatIntervalSeconds: 10 }), 1_500_000);
});
