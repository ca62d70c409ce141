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
  const items = await until(async () => {
    const shown = await stage.get<{ items: ShownGateway[] }>('/api/v1/gateways');
    return shown.items.some(({ connections }) => connections > 0) && shown.items;
  });
  assert.deepEqual(
    items.map(({ gatewayId }) => gatewayId),
    stage.cluster.gateways.map(({ processId }) => processId).toSorted(),
  );
  for (const { state, version, leaseAgeMs, messagesPerSecond, startedAt } of items) {
    assert.equal(state, 'serving');
    assert.match(version, /^\d+\.\d+\.\d+/);
    assert.ok(leaseAgeMs >= 0 && leaseAgeMs < 15_000);
    assert.ok(messagesPerSecond >= 0);
    assert.ok(Date.parse(startedAt) <= Date.now());
  }
});
