import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idleTimeoutSeconds, isDead, longestSilenceMs } from '../../gateway/src/liveness.ts';

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

test('the socket library never closes a silent charger before it would have been noticed here', () => {
  for (const pingIntervalMs of [1_000, 4_000, 45_000, 300_000, 600_000]) {
    for (const heartbeatIntervalSeconds of [1, 10, 300, 360, 900, 86_400]) {
      const given = { pingIntervalMs, heartbeatIntervalSeconds };
      const seconds = idleTimeoutSeconds(given);
      if (seconds === 0) continue;
      assert.ok(seconds >= 8 && seconds <= 960, `${seconds} s`);
      for (const everPonged of [true, false])
        assert.ok(seconds * 1_000 > longestSilenceMs(everPonged, given) + pingIntervalMs, JSON.stringify(given));
    }
  }
});

test('where it cannot wait as long as a living charger may be silent, it waits for ever', () => {
  assert.equal(idleTimeoutSeconds(options), 805);
  assert.equal(idleTimeoutSeconds({ ...options, heartbeatIntervalSeconds: 900 }), 0);
  assert.equal(idleTimeoutSeconds({ ...options, pingIntervalMs: 600_000 }), 0);
});
