import assert from 'node:assert/strict';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import { until } from '../../support/until.ts';
import type { Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

type ShownOrphan = {
  readonly action: string;
  readonly sentTransactionId: string;
  readonly payload: string;
  readonly status: string;
  readonly matchedTransactionId: number | null;
};

const at = (minutes: number) => new Date(Date.parse('2026-03-02T10:00:00Z') + minutes * 60_000).toISOString();
const orphansOf = async (stage: Stage, id: string) =>
  (await stage.get<{ items: ShownOrphan[] }>(`/api/v1/orphans?chargePointId=${id}`)).items;

story('a Stop that comes before its Start ends in the same row', async (t, stage) => {
  const id = stage.newId();
  await upsertIdTag(stage.store.db, { idTag: 'early' });
  const plug = await stage.plug(t, id);
  assert.deepEqual(
    Object.keys(
      await plug.ask('StopTransaction', { transactionId: 4711, idTag: 'early', meterStop: 3_000, timestamp: at(30) }),
    ),
    ['idTagInfo'],
  );
  const { transactionId } = await plug.ask('StartTransaction', {
    connectorId: 1,
    idTag: 'Early',
    meterStart: 1_000,
    timestamp: at(0),
  });
  const shown = await stage.transaction(Number(transactionId), ({ status }) => status === 'stopped');
  assert.deepEqual(
    [shown.energyWh, shown.startedAt, shown.stoppedAt, shown.stoppedBy],
    [2_000, at(0), at(30), 'charger'],
  );
  const [orphan] = await orphansOf(stage, id);
  assert.deepEqual([orphan?.status, orphan?.matchedTransactionId], ['matched', transactionId]);
});

story(
  'a Stop with an unknown, 0, -1 or 2^63-1 id is answered normally and kept to the last digit',
  async (t, stage) => {
    const id = stage.newId();
    const plug = await stage.plug(t, id);
    const sent = ['999999999', '0', '-1', '9223372036854775807'];
    for (const [index, digits] of sent.entries()) {
      plug.send(
        `[2,"stop-${index}","StopTransaction",{"transactionId":${digits},"meterStop":5,"timestamp":"${at(index)}"}]`,
      );
    }
    await until(() => plug.frames.length === sent.length);
    for (const frame of plug.frames) assert.deepEqual([frame[0], frame[2]], [3, {}]);
    const orphans = await orphansOf(stage, id);
    assert.deepEqual(orphans.map(({ sentTransactionId }) => sentTransactionId).toSorted(), sent.toSorted());
    assert.ok(orphans.some(({ payload }) => payload.includes('9223372036854775807')));
    assert.ok(orphans.every(({ status }) => status === 'waiting'));
    assert.deepEqual(await stage.transactions(id), []);
  },
);

story('a retried unknown Stop is one orphan', async (t, stage) => {
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  for (let attempt = 0; attempt < 3; attempt++)
    await plug.ask('StopTransaction', { transactionId: 77_777_777, meterStop: 5, timestamp: at(0) });
  assert.equal((await orphansOf(stage, id)).length, 1);
});

story('a Stop with -1 after a Start whose conf was lost closes that transaction', async (t, stage) => {
  const id = stage.newId();
  await upsertIdTag(stage.store.db, { idTag: 'lost-conf' });
  const plug = await stage.plug(t, id);
  const { transactionId } = await plug.ask('StartTransaction', {
    connectorId: 1,
    idTag: 'lost-conf',
    meterStart: 100,
    timestamp: at(0),
  });
  await plug.ask('StopTransaction', { transactionId: -1, idTag: 'lost-conf', meterStop: 400, timestamp: at(10) });
  assert.equal((await stage.transaction(Number(transactionId), ({ status }) => status === 'stopped')).energyWh, 300);
});

story('an unknown id never closes a transaction that does not fit', async (t, stage) => {
  const id = stage.newId();
  for (const idTag of ['fit-a', 'fit-b']) await upsertIdTag(stage.store.db, { idTag });
  const plug = await stage.plug(t, id);
  const { transactionId } = await plug.ask('StartTransaction', {
    connectorId: 1,
    idTag: 'fit-a',
    meterStart: 1_000,
    timestamp: at(0),
  });
  for (const payload of [
    { transactionId: 0, idTag: 'fit-b', meterStop: 2_000, timestamp: at(10) },
    { transactionId: 0, idTag: 'fit-a', meterStop: 500, timestamp: at(10) },
    { transactionId: 0, idTag: 'fit-a', meterStop: 2_000, timestamp: at(-10) },
    { transactionId: 88_888_888, idTag: 'fit-a', meterStop: 2_000, timestamp: at(10) },
  ]) {
    assert.ok(await plug.ask('StopTransaction', payload));
  }
  assert.equal((await stage.transaction(Number(transactionId), () => true)).status, 'active');
  assert.equal((await orphansOf(stage, id)).filter(({ status }) => status === 'waiting').length, 4);
});
