import assert from 'node:assert/strict';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import { until } from '../../support/until.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

story('one trace id goes from the frame through the job and the log lines to the rows', async (t, stage) => {
  const id = stage.newId();
  const idTag = `trace-${id.slice(3)}`;
  await upsertIdTag(stage.store.db, { idTag });
  const plug = await stage.plug(t, id);
  const timestamp = new Date().toISOString();
  const conf = await plug.ask('StartTransaction', { connectorId: 1, idTag, meterStart: 0, timestamp });
  const transactionId = Number(conf.transactionId);
  const { traceId } = await stage.transaction(transactionId, () => true);
  assert.match(traceId, /^[0-9a-f]{32}$/);
  await until(() => {
    const messages = stage.logs.filter((line) => line.traceId === traceId).map(({ msg }) => msg);
    return messages.includes('call answered') && messages.includes('letter handled');
  });
  await plug.ask('MeterValues', {
    connectorId: 1,
    transactionId,
    meterValue: [{ timestamp, sampledValue: [{ value: '10' }] }],
  });
  const sample = await until(
    async () =>
      (await stage.get<{ items: { traceId: string }[] }>(`/api/v1/transactions/${transactionId}/meter-values`))
        .items[0],
  );
  assert.match(sample.traceId, /^[0-9a-f]{32}$/);
  assert.notEqual(sample.traceId, traceId);
  await until(() => stage.logs.some((line) => line.traceId === sample.traceId && line.msg === 'letter handled'));
});
