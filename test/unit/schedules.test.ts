import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLog } from '@voltgate/shared/log.ts';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import { startReaper } from '@voltgate/worker/reaper.ts';
import { startSchedules } from '@voltgate/worker/schedules.ts';

const away = () => Promise.reject(new Error('away'));
const HOUR_MS = 3_600_000;

test('a schedule that never succeeds shows since when, or nobody could tell that it is late', async (t: TestContext) => {
  const startedAt = Date.now() / 1_000;
  const common = { log: createLog('silent', {}), metrics: createMetrics(), intervalMs: HOUR_MS };
  t.after(
    startSchedules({
      ...common,
      store: {
        closeSuspects: away,
        ensurePartitions: away,
        dropPartitionsBefore: away,
        missFollowed: away,
        takeReapplications: away,
        dropFramesBefore: away,
        partitionDaysAhead: away,
      },
      aftermath: { touched: () => undefined },
      registry: { owner: away },
      bus: { publish: away },
      suspectDelayMs: HOUR_MS,
      reapplyDelayMs: HOUR_MS,
      meterValueRetentionDays: 0,
      frameRetentionDays: 0,
    }),
  );
  t.after(
    startReaper({
      ...common,
      registry: { reap: away, gateways: away },
      store: { presence: away, gatewaysOnline: away, onlineAt: away },
    }),
  );
  const { values } = await common.metrics.scheduleLastSuccess.get();
  assert.deepEqual(values.map(({ labels }) => labels.schedule).sort(), [
    'closeSuspects',
    'lookAhead',
    'missFollowed',
    'reap',
    'reapplyAvailability',
    'retain',
  ]);
  for (const { value } of values) assert.ok(value >= startedAt && value <= Date.now() / 1_000);
});
