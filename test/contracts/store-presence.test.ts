import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DisconnectCategory, PresenceChange } from '@voltgate/shared/ports.ts';
import type { PostgresStore } from '@voltgate/shared/store/postgres.ts';
import fc from 'fast-check';
import { minute } from '../support/store-messages.ts';
import { withEveryPool } from '../support/test-store.ts';

const seed = Number(process.env.FAST_CHECK_SEED ?? 20260131);

const online = (epoch: number, values: Partial<PresenceChange> = {}): PresenceChange => ({
  chargePointId: 'CP1',
  epoch,
  online: true,
  atMs: minute(epoch).getTime(),
  gatewayId: `g${epoch % 2}`,
  connectionId: `c${epoch}`,
  address: `10.0.0.${epoch}`,
  reason: null,
  category: null,
  ...values,
});
const offline = (epoch: number, values: Partial<PresenceChange> = {}): PresenceChange => ({
  ...online(epoch),
  online: false,
  atMs: minute(epoch + 0.5).getTime(),
  reason: `reason ${epoch}`,
  category: 'connection-lost',
  ...values,
});
/** What a worker concludes from silence. */
const died = (epoch: number, values: Partial<PresenceChange> = {}) =>
  offline(epoch, { address: null, category: 'gateway-died' satisfies DisconnectCategory, ...values });

async function presenceOf(store: PostgresStore, chargePointId = 'CP1') {
  const [row] = await store.sql`
    select online, presence_at, epoch, gateway_id, connection_id, address, last_disconnect_at, last_disconnect_reason,
      last_disconnect_category
    from charge_point where charge_point_id = ${chargePointId}`;
  return row && { ...row };
}

withEveryPool('presence', (openStore) => {
  test('a charge point that came and went shows when, where and why', async (t) => {
    const store = await openStore(t);
    await store.identify('CP1', true);
    await store.presence([online(1)]);
    const came = {
      online: true,
      presenceAt: minute(1),
      epoch: 1,
      gatewayId: 'g1',
      connectionId: 'c1',
      address: '10.0.0.1',
    };
    assert.partialDeepStrictEqual(await presenceOf(store), { ...came, lastDisconnectAt: null });
    await store.presence([offline(1, { reason: 'a "quoted\\" \0 text' })]);
    assert.deepEqual(await presenceOf(store), {
      ...came,
      online: false,
      presenceAt: minute(1.5),
      lastDisconnectAt: minute(1.5),
      lastDisconnectReason: 'a "quoted\\" \uFFFD text',
      lastDisconnectCategory: 'connection-lost',
    });
  });

  test('an older epoch never takes a charge point offline, or online', async (t) => {
    const store = await openStore(t);
    await store.identify('CP1', true);
    await store.presence([online(5)]);
    await store.presence([offline(4, { atMs: minute(60).getTime() })]);
    assert.partialDeepStrictEqual(await presenceOf(store), { online: true, epoch: 5, connectionId: 'c5' });
    await store.presence([offline(5)]);
    await store.presence([online(4)]);
    assert.partialDeepStrictEqual(await presenceOf(store), { online: false, epoch: 5, connectionId: 'c5' });
  });

  test('within one epoch offline wins, whatever the clocks say, and only of the same connection', async (t) => {
    const store = await openStore(t);
    await store.identify('CP1', true);
    await store.presence([offline(5, { connectionId: 'other' }), online(6)]);
    await store.presence([offline(6, { connectionId: 'other' })]);
    assert.partialDeepStrictEqual(await presenceOf(store), { online: true, connectionId: 'c6' });
    await store.presence([offline(6, { atMs: minute(0).getTime() })]);
    await store.presence([online(6, { atMs: minute(50).getTime() })]);
    assert.partialDeepStrictEqual(await presenceOf(store), {
      online: false,
      presenceAt: minute(0),
      address: '10.0.0.6',
    });
  });

  test('the last disconnect is kept while the charge point is online again', async (t) => {
    const store = await openStore(t);
    await store.identify('CP1', true);
    await store.presence([online(1), offline(1), online(2)]);
    assert.partialDeepStrictEqual(await presenceOf(store), {
      online: true,
      connectionId: 'c2',
      lastDisconnectAt: minute(1.5),
      lastDisconnectReason: 'reason 1',
    });
  });

  test('a gateway that was thought dead brings its charge points back under the next epoch', async (t) => {
    const store = await openStore(t);
    await store.identify('CP1', true);
    await store.presence([online(1)]);
    await store.presence([died(1)]);
    assert.partialDeepStrictEqual(await presenceOf(store), { online: false, lastDisconnectCategory: 'gateway-died' });
    await store.presence([online(2, { connectionId: 'c1', gatewayId: 'g1' })]);
    assert.partialDeepStrictEqual(await presenceOf(store), { online: true, epoch: 2, connectionId: 'c1' });
  });

  test('unknown charge points are left out, nobody is created', async (t) => {
    const store = await openStore(t);
    await store.identify('CP1', true);
    await store.presence([online(1, { chargePointId: 'nobody' }), online(1)]);
    await store.presence([]);
    assert.deepEqual(
      (await store.sql`select charge_point_id from charge_point`).map((row) => row.chargePointId),
      ['CP1'],
    );
    assert.partialDeepStrictEqual(await presenceOf(store), { online: true });
  });

  test('changes that come twice, in any order and in any sets, end in the same row', async (t) => {
    const store = await openStore(t);
    const life = [1, 2, 3, 4].flatMap((epoch) => [
      online(epoch),
      offline(epoch),
      died(epoch, { atMs: minute(epoch + 0.7).getTime() }),
    ]);
    const kept = fc.subarray(life, { minLength: 1 });
    let run = 0;
    t.diagnostic(`seed ${seed}`);
    await fc.assert(
      fc.asyncProperty(
        kept.chain((changes) =>
          fc.record({
            changes: fc.constant(changes),
            shuffled: fc.shuffledSubarray([...changes, ...changes], { minLength: changes.length * 2 }),
            size: fc.integer({ min: 1, max: 4 }),
          }),
        ),
        async ({ changes, shuffled, size }) => {
          run += 1;
          const of = (chargePointId: string, set: readonly PresenceChange[]) =>
            store.presence(set.map((change) => ({ ...change, chargePointId })));
          for (const id of [`ordered${run}`, `shuffled${run}`]) await store.identify(id, true);
          for (const change of changes) await of(`ordered${run}`, [change]);
          for (let from = 0; from < shuffled.length; from += size)
            await of(`shuffled${run}`, shuffled.slice(from, from + size));
          assert.deepEqual(await presenceOf(store, `shuffled${run}`), await presenceOf(store, `ordered${run}`));
        },
      ),
      { numRuns: 40, seed },
    );
  });

  test('sets that cross each other neither deadlock nor lose the newest', async (t) => {
    const store = await openStore(t);
    const ids = Array.from({ length: 50 }, (_, count) => `CP-${count}`);
    for (const id of ids) await store.identify(id, true);
    await Promise.all(
      Array.from({ length: 10 }, (_, epoch) => {
        const order = epoch % 2 === 0 ? ids : ids.toReversed();
        return store.presence(order.map((chargePointId) => online(epoch + 1, { chargePointId })));
      }),
    );
    const rows = await store.sql`select distinct epoch, connection_id, online from charge_point`;
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [{ epoch: 10, connectionId: 'c10', online: true }],
    );
  });
});
