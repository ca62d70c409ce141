import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { until } from '../../support/until.ts';
import { command } from '../http.ts';
import type { Plug } from '../plug.ts';
import type { Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

type Shown = {
  readonly action: string;
  readonly payload: { readonly connectorId: number; readonly type: string };
  readonly status: string;
  readonly requestedBy: string;
};

/** It was online, booted, and answers every command. */
async function plugged(t: TestContext, stage: Stage, id: string): Promise<Plug> {
  const plug = await stage.plug(t, id);
  plug.answerAll(() => ({ status: 'Accepted' }));
  await plug.ask('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
  return plug;
}

async function reboot(t: TestContext, stage: Stage, id: string, before: Plug): Promise<Plug> {
  before.socket.terminate();
  return await plugged(t, stage, id);
}

async function told(stage: Stage, id: string, payload: object): Promise<void> {
  const answer = await command(stage, id, 'ChangeAvailability', payload);
  assert.deepEqual([answer.status, answer.body], [200, { status: 'Accepted' }]);
  // What the answer teaches is kept with its record.
  await until(async () => (await historyOf(stage, id)).every(({ status }) => status === 'answered'));
}

const historyOf = async (stage: Stage, id: string) =>
  (await stage.get<{ items: readonly Shown[] }>(`/api/v1/charge-points/${id}/commands`)).items;

const changesOf = (plug: Plug) => plug.frames.filter(([type]) => type === 2).map(([, , , payload]) => payload);

/** Resolves when every schedule that had something to say after the last boot has said it. */
const settled = (stage: Stage, id: string) =>
  until(async () => {
    const rows = await stage.store.sql`
      select 1 from availability_intent i join charge_point p using (charge_point_id)
      where charge_point_id = ${id} and i.type = 'Inoperative' and i.reapplied_boot_at is distinct from p.boot_at`;
    return rows.length === 0;
  });

const inoperative = { connectorId: 1, type: 'Inoperative' };

story(
  'a connector that was to be Inoperative is told so again after a boot, until it is Operative',
  async (t, stage) => {
    const id = stage.newId();
    const first = await plugged(t, stage, id);
    await told(stage, id, inoperative);
    const second = await reboot(t, stage, id, first);
    await second.ask('StatusNotification', { connectorId: 1, status: 'Available', errorCode: 'NoError' });
    await until(() => changesOf(second).length > 0);
    const again = await until(async () => {
      const items = await historyOf(stage, id);
      return items.length === 2 && items[0]?.status === 'answered' && items[0];
    });
    assert.partialDeepStrictEqual(again, { action: 'ChangeAvailability', requestedBy: 'availability' });
    assert.deepEqual(again.payload, inoperative);

    await told(stage, id, { connectorId: 1, type: 'Operative' });
    const third = await reboot(t, stage, id, second);
    // The schedule takes intents of all charge points in one round: this one's turn has passed with another's.
    const other = stage.newId();
    const otherFirst = await plugged(t, stage, other);
    await told(stage, other, inoperative);
    const otherSecond = await reboot(t, stage, other, otherFirst);
    await until(() => changesOf(otherSecond).length > 0);
    assert.deepEqual(changesOf(third), []);
    assert.deepEqual(changesOf(second), [inoperative, { connectorId: 1, type: 'Operative' }]);
  },
);

story('a connector that shows after a boot that it is out of service is not told so again', async (t, stage) => {
  const id = stage.newId();
  const first = await plugged(t, stage, id);
  await told(stage, id, inoperative);
  first.socket.terminate();
  const second = await stage.plug(t, id);
  second.send(JSON.stringify([2, 'b', 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' }]));
  await second.ask('StatusNotification', { connectorId: 1, status: 'Unavailable', errorCode: 'NoError' });
  await settled(stage, id);
  await second.ask('Heartbeat', {});
  assert.deepEqual(changesOf(second), []);
  assert.equal((await historyOf(stage, id)).length, 1);
});

story('a whole charge point out of service is told so again, then which connectors were not', async (t, stage) => {
  const id = stage.newId();
  const first = await plugged(t, stage, id);
  // The second outdates the first, and the third is an exception from it.
  const intents = [inoperative, { connectorId: 0, type: 'Inoperative' }, { connectorId: 2, type: 'Operative' }];
  for (const intent of intents) await told(stage, id, intent);
  const second = await reboot(t, stage, id, first);
  await until(() => changesOf(second).length === 2);
  await settled(stage, id);
  assert.deepEqual(changesOf(second), intents.slice(1));
});
