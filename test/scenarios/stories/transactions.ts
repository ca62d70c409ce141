import assert from 'node:assert/strict';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import { type Plug, Unplugged } from '../plug.ts';
import type { Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

type StartConf = {
  readonly transactionId: number;
  readonly idTagInfo: { readonly status: string; readonly parentIdTag?: string };
};

const at = (minutes: number) => new Date(Date.parse('2026-03-01T10:00:00Z') + minutes * 60_000).toISOString();
const start = (idTag: string, more: object = {}) => ({
  connectorId: 1,
  idTag,
  meterStart: 1_000,
  timestamp: at(0),
  ...more,
});
const stop = (transactionId: number, more: object = {}) => ({
  transactionId,
  meterStop: 8_500,
  timestamp: at(60),
  ...more,
});

let tags = 0;
async function newTag(stage: Stage, more: object = {}): Promise<string> {
  const idTag = `Tag-${stage.mode.slice(0, 3)}-${++tags}`;
  await upsertIdTag(stage.store.db, { idTag, ...more });
  return idTag;
}

const startOn = async (plug: Plug, payload: object) =>
  (await plug.ask('StartTransaction', payload)) as unknown as StartConf;

story('a transaction from start to stop has the energy the charger measured', async (t, stage) => {
  const [id, idTag] = [stage.newId(), await newTag(stage)];
  const plug = await stage.plug(t, id);
  assert.equal(((await plug.ask('Authorize', { idTag })).idTagInfo as { status: string }).status, 'Accepted');
  const { transactionId, idTagInfo } = await startOn(plug, start(idTag));
  assert.equal(idTagInfo.status, 'Accepted');
  assert.ok(transactionId > 0 && transactionId <= 2_147_483_647);
  const running = await stage.transaction(transactionId, ({ status }) => status === 'active');
  assert.equal(running.energyWh, null);
  assert.equal(
    ((await plug.ask('StopTransaction', stop(transactionId, { idTag }))).idTagInfo as { status: string }).status,
    'Accepted',
  );
  const shown = await stage.transaction(transactionId, ({ status }) => status === 'stopped');
  assert.deepEqual(
    [shown.chargePointId, shown.connectorId, shown.idTag, shown.meterStartWh, shown.meterStopWh, shown.energyWh],
    [id, 1, idTag, 1_000, 8_500, 7_500],
  );
  assert.deepEqual([shown.startedAt, shown.stoppedAt, shown.stopReason], [at(0), at(60), 'Local']);
});

story('a retried Start with a new message id gets the same transactionId and the same idTagInfo', async (t, stage) => {
  const [id, idTag] = [stage.newId(), await newTag(stage, { maxActiveTransactions: 1 })];
  const first = await startOn(await stage.plug(t, id), start(idTag));
  assert.equal(first.idTagInfo.status, 'Accepted');
  // Computed anew it would be ConcurrentTx: the tag has its one transaction running.
  const retried = await startOn(await stage.plug(t, id), start(idTag.toUpperCase()));
  assert.deepEqual(retried, first);
  assert.equal((await stage.transactions(id)).length, 1);
});

story(
  'the same Start on connection after connection, each taking over the last, is one transaction',
  async (t, stage) => {
    const [id, idTag] = [stage.newId(), await newTag(stage)];
    const same = start(idTag);
    const said: Promise<number | undefined>[] = [];
    for (const gateway of [0, 1, 2, 0]) {
      const plug = await stage.plug(t, id, { gateway });
      const answered = startOn(plug, same).then(({ transactionId }) => transactionId);
      // Closed by its successor, before or after its Start was handled.
      said.push(answered.catch((error: unknown) => void assert.ok(error instanceof Unplugged, `${error}`)));
    }
    const ids = await Promise.all(said);
    // Opened within milliseconds, any of them may be the last to claim the charge point; that one is answered.
    assert.equal(new Set(ids.filter((each) => each !== undefined)).size, 1);
    assert.equal((await stage.transactions(id)).length, 1);
  },
);

story('a tag with one transaction allowed gets ConcurrentTx for a second, wherever both start', async (t, stage) => {
  const idTag = await newTag(stage, { maxActiveTransactions: 1 });
  const plugs = await Promise.all(
    Array.from({ length: 10 }, (_, gateway) => stage.plug(t, stage.newId(), { gateway })),
  );
  const confs = await Promise.all(plugs.map((plug) => startOn(plug, start(idTag))));
  const statuses = confs.map(({ idTagInfo }) => idTagInfo.status).toSorted();
  assert.deepEqual(statuses, ['Accepted', ...Array.from({ length: 9 }, () => 'ConcurrentTx')]);
  assert.equal(new Set(confs.map(({ transactionId }) => transactionId)).size, 10);
});

story('a refused idTag still gets a transactionId, and its energy is kept', async (t, stage) => {
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  const cases = [
    ['Invalid', 'nobody-knows-it'],
    ['Blocked', await newTag(stage, { status: 'Blocked' })],
    ['Expired', await newTag(stage, { expiresAt: new Date('2020-01-01T00:00:00Z') })],
  ] as const;
  for (const [index, [status, idTag]] of cases.entries()) {
    assert.equal(((await plug.ask('Authorize', { idTag })).idTagInfo as { status: string }).status, status);
    const { transactionId, idTagInfo } = await startOn(plug, start(idTag, { connectorId: index + 1 }));
    assert.equal(idTagInfo.status, status);
    assert.ok(transactionId > 0);
    await plug.ask('StopTransaction', stop(transactionId, { reason: 'DeAuthorized' }));
    assert.equal((await stage.transaction(transactionId, (shown) => shown.status === 'stopped')).energyWh, 7_500);
  }
});

story('a tag of the same group stops what another started; idTags know no case', async (t, stage) => {
  const parentIdTag = await newTag(stage);
  const [one, two] = [await newTag(stage, { parentIdTag }), await newTag(stage, { parentIdTag })];
  const plug = await stage.plug(t, stage.newId());
  const { transactionId, idTagInfo } = await startOn(plug, start(one));
  assert.equal(idTagInfo.parentIdTag?.toLowerCase(), parentIdTag.toLowerCase());
  const conf = await plug.ask('StopTransaction', stop(transactionId, { idTag: two.toUpperCase() }));
  assert.equal((conf.idTagInfo as { status: string }).status, 'Accepted');
  const shown = await stage.transaction(transactionId, ({ status }) => status === 'stopped');
  assert.ok(!shown.flags.includes('foreign-stop-tag'));
});

story('a duplicate Stop gets the same answer and has no second effect', async (t, stage) => {
  const idTag = await newTag(stage);
  const plug = await stage.plug(t, stage.newId());
  const { transactionId } = await startOn(plug, start(idTag));
  const first = await plug.ask('StopTransaction', stop(transactionId, { idTag }));
  const second = await plug.ask(
    'StopTransaction',
    stop(transactionId, { idTag, meterStop: 99_999, timestamp: at(90) }),
  );
  assert.deepEqual(second, first);
  assert.equal((await stage.transaction(transactionId, ({ status }) => status === 'stopped')).energyWh, 7_500);
});

story('two connectors charge at once, each with its own transaction and energy', async (t, stage) => {
  const [one, two] = [await newTag(stage), await newTag(stage)];
  const plug = await stage.plug(t, stage.newId());
  const first = await startOn(plug, start(one, { connectorId: 1, meterStart: 0 }));
  const second = await startOn(plug, start(two, { connectorId: 2, meterStart: 500 }));
  assert.notEqual(first.transactionId, second.transactionId);
  await plug.ask('StopTransaction', stop(second.transactionId, { meterStop: 700 }));
  assert.equal((await stage.transaction(first.transactionId, () => true)).status, 'active');
  await plug.ask('StopTransaction', stop(first.transactionId, { meterStop: 11_000 }));
  assert.equal((await stage.transaction(second.transactionId, ({ status }) => status === 'stopped')).energyWh, 200);
  assert.equal((await stage.transaction(first.transactionId, ({ status }) => status === 'stopped')).energyWh, 11_000);
});

story('one charger never stops the transaction of another', async (t, stage) => {
  const [idTag, other] = [await newTag(stage), stage.newId()];
  const plug = await stage.plug(t, stage.newId());
  const { transactionId } = await startOn(plug, start(idTag));
  assert.ok(await (await stage.plug(t, other)).ask('StopTransaction', stop(transactionId, { idTag })));
  assert.equal((await stage.transaction(transactionId, () => true)).status, 'active');
});

story('two charges of a clock stuck in 1970 stay two', async (t, stage) => {
  const [id, idTag] = [stage.newId(), await newTag(stage)];
  const plug = await stage.plug(t, id);
  const stuck = start(idTag, { timestamp: '1970-01-01T00:00:05Z' });
  const first = await startOn(plug, stuck);
  await plug.ask('StopTransaction', stop(first.transactionId, { meterStop: 1_000, timestamp: '1970-01-01T00:00:09Z' }));
  const second = await startOn(plug, stuck);
  assert.notEqual(second.transactionId, first.transactionId);
  await plug.ask(
    'StopTransaction',
    stop(second.transactionId, { meterStop: 4_000, timestamp: '1970-01-01T00:30:00Z' }),
  );
  assert.equal((await stage.transaction(second.transactionId, ({ status }) => status === 'stopped')).energyWh, 3_000);
});

story('transactionData of a Stop is kept with the transaction', async (t, stage) => {
  const idTag = await newTag(stage);
  const plug = await stage.plug(t, stage.newId());
  const { transactionId } = await startOn(plug, start(idTag));
  const transactionData = [
    { timestamp: at(0), sampledValue: [{ value: '1000', context: 'Transaction.Begin' }] },
    { timestamp: at(60), sampledValue: [{ value: '8.5', unit: 'kWh', context: 'Transaction.End' }] },
  ];
  await plug.ask('StopTransaction', stop(transactionId, { transactionData }));
  const { items } = await stage.get<{ items: { value: number; context: string }[] }>(
    `/api/v1/transactions/${transactionId}/meter-values`,
  );
  assert.deepEqual(
    items.map(({ value }) => value).toSorted((a, b) => a - b),
    [1_000, 8_500],
  );
});
