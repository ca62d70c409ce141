import assert from 'node:assert/strict';
import { until } from '../../support/until.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

type ShownGateway = {
  readonly gatewayId: string;
  readonly state: string;
  readonly version: string;
  readonly leaseAgeMs: number;
  readonly connections: number;
  readonly messagesPerSecond: number;
  readonly startedAt: string;
};

story('every living gateway is listed, with its age and its load', async (t, stage) => {
  await stage.plug(t, stage.newId());
  const expected = stage.cluster.gateways.map(({ processId }) => processId).toSorted();
  const items = await until(async () => {
    const { items: shown } = await stage.get<{ items: ShownGateway[] }>('/api/v1/gateways');
    // One that another story has ended is listed until its lease ends.
    if (shown.length > expected.length) return false;
    return shown.some(({ connections }) => connections > 0) && shown;
  });
  assert.deepEqual(
    items.map(({ gatewayId }) => gatewayId),
    expected,
  );
  for (const { state, version, leaseAgeMs, messagesPerSecond, startedAt } of items) {
    assert.equal(state, 'serving');
    assert.match(version, /^\d+\.\d+\.\d+/);
    assert.ok(leaseAgeMs >= 0 && leaseAgeMs < 15_000);
    assert.ok(messagesPerSecond >= 0);
    assert.ok(Date.parse(startedAt) <= Date.now());
  }
});
