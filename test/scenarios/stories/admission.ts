import assert from 'node:assert/strict';
import { hashPassword } from '@voltgate/shared/credential.ts';
import { upsertChargePoint } from '@voltgate/shared/store/administration.ts';
import { Refused } from '../plug.ts';
import { openStage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

const refusalOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => undefined,
    (error: unknown) => {
      assert.ok(error instanceof Refused, String(error));
      return error;
    },
  );

story('upgrades beyond the rate are refused with 503 and a time to come back', async (t, stage) => {
  const own = await openStage(stage.mode, { UPGRADES_PER_SECOND: '1' });
  t.after(() => own.close());
  const startedAtMs = performance.now();
  const refusals = await Promise.all(
    Array.from({ length: 100 }, () => refusalOf(own.plug(t, own.newId(), { gateway: 0 }))),
  );
  const refused = refusals.filter((each) => each !== undefined);
  const taken = refusals.length - refused.length;
  // The burst, and one in every second that this took.
  const most = 2 + Math.ceil((performance.now() - startedAtMs) / 1_000);
  assert.ok(taken >= 1 && taken <= most, `${taken} taken, ${most} allowed`);
  assert.ok(refused.length > 0);
  for (const { status, headers } of refused) {
    assert.equal(status, 503);
    assert.ok(Number(headers['retry-after']) > 0);
  }
});

story('an address that guesses passwords gets 429 for a while, others get in', async (t, stage) => {
  const id = stage.newId();
  await upsertChargePoint(stage.store.db, { chargePointId: id, credential: await hashPassword('right') });
  const headers = (password: string, address: string) => ({
    authorization: `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`,
    'X-Forwarded-For': address,
  });
  const guess = () => refusalOf(stage.plug(t, id, { gateway: 0, headers: headers('wrong', '198.51.100.1') }));
  for (let count = 0; count < 50; count += 1) assert.equal((await guess())?.status, 401);
  const refused = await guess();
  assert.equal(refused?.status, 429);
  assert.ok(Number(refused?.headers['retry-after']) >= 60);
  await stage.plug(t, id, { gateway: 0, headers: headers('right', '198.51.100.2') });
});

story('a charger that sends without end is closed as a flood, and others are served', async (t, stage) => {
  const plug = await stage.plug(t, stage.newId());
  const other = await stage.plug(t, stage.newId());
  // Answered at once, so it is the rate that counts and not what waits.
  for (let count = 0; count < 5_000; count += 1) plug.send(JSON.stringify([2, `${count}`, 'Heartbeat', {}]));
  assert.equal((await plug.closed).code, 4008);
  assert.ok((await other.ask('Heartbeat', {})).currentTime);
});
