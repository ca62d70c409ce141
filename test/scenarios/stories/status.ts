import assert from 'node:assert/strict';
import { until } from '../../support/until.ts';
import type { Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

type ShownConnector = {
  readonly connectorId: number;
  readonly status: string;
  readonly errorCode: string;
  readonly statusAt: string;
};

const at = (minutes: number) => new Date(Date.parse('2026-03-04T10:00:00Z') + minutes * 60_000).toISOString();
const notification = (status: string, more: object = {}) => ({ connectorId: 1, errorCode: 'NoError', status, ...more });
const connectorWhen = (stage: Stage, id: string, condition: (shown: ShownConnector) => boolean, connectorId = 1) =>
  until(async () => {
    const { items } = await stage.get<{ items: ShownConnector[] }>(`/api/v1/charge-points/${id}/connectors`);
    return items.find((shown) => shown.connectorId === connectorId && condition(shown));
  });

story('the newest status by charger time wins, whatever the order of arrival', async (t, stage) => {
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  await plug.ask('StatusNotification', notification('Charging', { timestamp: at(10) }));
  await plug.ask('StatusNotification', notification('Preparing', { timestamp: at(5) }));
  await plug.ask('StatusNotification', notification('Faulted', { timestamp: at(7), errorCode: 'GroundFailure' }));
  await plug.ask('StatusNotification', notification('Available', { connectorId: 2, timestamp: at(11) }));
  await connectorWhen(stage, id, ({ status }) => status === 'Available', 2);
  const shown = await connectorWhen(stage, id, () => true);
  assert.deepEqual([shown.status, shown.errorCode, shown.statusAt], ['Charging', 'NoError', at(10)]);
});

story('a status from 1970 or from the future never wins for good', async (t, stage) => {
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  await plug.ask('StatusNotification', notification('Charging', { timestamp: at(10) }));
  await connectorWhen(stage, id, ({ status }) => status === 'Charging');
  await plug.ask(
    'StatusNotification',
    notification('Faulted', { timestamp: '1970-01-01T00:00:00Z', errorCode: 'OtherError' }),
  );
  await plug.ask('StatusNotification', notification('Unavailable', { timestamp: '2199-01-01T00:00:00Z' }));
  await plug.ask('StatusNotification', notification('Finishing', { timestamp: new Date().toISOString() }));
  await connectorWhen(stage, id, ({ status }) => status === 'Finishing');
});

story('without a timestamp the time of arrival counts', async (t, stage) => {
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  await plug.ask('StatusNotification', notification('Preparing'));
  await plug.ask('StatusNotification', notification('Charging'));
  await connectorWhen(stage, id, ({ status }) => status === 'Charging');
});

story('connector 0 is the charge point itself', async (t, stage) => {
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  await plug.ask('StatusNotification', notification('Unavailable', { connectorId: 0, timestamp: at(1) }));
  await connectorWhen(stage, id, ({ status }) => status === 'Unavailable', 0);
});
