import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import type { GatewayState, Owner, Registry } from '@voltgate/shared/ports.ts';
import { registryAdapters } from '../support/adapters.ts';
import { until } from '../support/until.ts';

const LONG_MS = 60_000;
const CLAIMS = 10_000;

const state = (gatewayId: string, values: Partial<GatewayState> = {}): GatewayState => ({
  gatewayId,
  version: '1',
  startedAtMs: 1,
  renewedAtMs: 2,
  state: 'serving',
  connections: 3,
  messagesPerSecond: 4.5,
  apiUrl: 'http://127.0.0.1:1',
  ...values,
});

/** A claim as the owner it makes. */
async function claim(registry: Registry, chargePointId: string, gatewayId: string): Promise<Owner> {
  const connectionId = randomUUID();
  const { epoch } = await registry.claim(chargePointId, gatewayId, connectionId);
  return { gatewayId, connectionId, epoch };
}

for (const adapter of registryAdapters) {
  describe(`Registry: ${adapter.name}`, { skip: adapter.skip }, () => {
    test('a claim gives the owner before and a greater epoch, not below the time', async (t) => {
      const [one, two] = await adapter.open(t, 2);
      await one.renew(state('a'), LONG_MS);
      await two.renew(state('b c'), LONG_MS);
      const id = `ü {p1} ${randomUUID()}`;
      const first = await one.claim(id, 'a', 'c1');
      assert.equal(first.previous, null);
      assert.ok(Math.abs(first.epoch - Date.now()) < 30_000);
      const second = await two.claim(id, 'b c', 'c2');
      assert.deepEqual(second.previous, { gatewayId: 'a', connectionId: 'c1', epoch: first.epoch });
      assert.ok(second.epoch > first.epoch);
      assert.deepEqual(await one.owner(id), { gatewayId: 'b c', connectionId: 'c2', epoch: second.epoch });
    });

    test('twenty claims of one charge point at one time end with one owner, and every epoch is another', async (t) => {
      const processes = await adapter.open(t, 2);
      await processes[0].renew(state('a'), LONG_MS);
      const id = randomUUID();
      const claims = await Promise.all(
        Array.from({ length: 20 }, async (_, count) => {
          const connectionId = `c${count}`;
          const { epoch, previous } = await (processes[count % 2] ?? processes[0]).claim(id, 'a', connectionId);
          return { connectionId, epoch, previous };
        }),
      );
      const ordered = claims.toSorted((a, b) => a.epoch - b.epoch);
      assert.equal(new Set(ordered.map(({ epoch }) => epoch)).size, 20);
      for (const [index, { previous }] of ordered.entries()) {
        const before = ordered[index - 1];
        assert.deepEqual(
          previous && [previous.connectionId, previous.epoch],
          before ? [before.connectionId, before.epoch] : null,
        );
      }
      assert.equal((await processes[1].owner(id))?.connectionId, ordered.at(-1)?.connectionId);
    });

    test('takeovers are counted over all processes, window by window, until nobody owns it', async (t) => {
      const [one, two] = await adapter.open(t, 2);
      await one.renew(state('a'), LONG_MS);
      await two.renew(state('b'), LONG_MS);
      const id = randomUUID();
      const counted: (number | undefined)[] = [];
      const since = new Set<number>();
      for (const [turn, registry] of [one, two, one, two].entries()) {
        const { takeovers } = await registry.claim(id, turn % 2 ? 'b' : 'a', `c${turn}`);
        counted.push(takeovers?.count);
        if (takeovers) since.add(takeovers.sinceMs);
      }
      assert.deepEqual(counted, [undefined, 1, 2, 3]);
      assert.equal(since.size, 1);
      assert.ok(Math.abs(Date.now() - Math.max(...since)) < 30_000);
      assert.equal((await two.claim(id, 'b', 'c3')).takeovers, null);
      // A window that is over: it begins anew.
      const begun = await until(async () => {
        const { takeovers } = await one.claim(id, 'a', randomUUID(), 1);
        return takeovers?.count === 1 && !since.has(takeovers.sinceMs) && takeovers;
      });
      assert.ok(begun.sinceMs > Math.max(...since));
      await two.claim(id, 'b', 'last');
      assert.equal(await two.release(id, 'last'), true);
      assert.equal((await one.claim(id, 'a', 'again')).takeovers, null);
      assert.equal((await two.claim(id, 'b', 'other')).takeovers?.count, 1);
      await two.resign('b');
      await until(async () => (await one.reap()).length === 1);
      await one.claim(id, 'a', 'anew');
      assert.equal((await one.claim(id, 'a', 'newest')).takeovers?.count, 1);
    });

    test('only the owner releases: a zombie leaves its successor alone', async (t) => {
      const [registry] = await adapter.open(t, 1);
      await registry.renew(state('a'), LONG_MS);
      await registry.renew(state('b'), LONG_MS);
      const id = randomUUID();
      const first = await claim(registry, id, 'a');
      const second = await claim(registry, id, 'b');
      assert.equal(await registry.release(id, first.connectionId), false);
      assert.deepEqual(await registry.owner(id), second);
      assert.equal(await registry.release(id, second.connectionId), true);
      assert.equal(await registry.owner(id), null);
      assert.equal(await registry.release(id, second.connectionId), false);
    });

    test('an owner counts only while the lease of its gateway lives', async (t) => {
      const [one, two] = await adapter.open(t, 2);
      const id = randomUUID();
      await one.renew(state('a'), LONG_MS);
      const owner = await claim(one, id, 'a');
      assert.deepEqual(await two.owner(id), owner);
      await one.renew(state('a'), 300);
      await until(async () => (await two.owner(id)) === null);
      assert.equal(await one.renew(state('a'), LONG_MS), false);
      assert.deepEqual(await two.owner(id), owner);
      await one.resign('a');
      await until(async () => (await two.owner(id)) === null);
    });

    test('gateways with a lease are listed with what they said last', async (t) => {
      const [one, two] = await adapter.open(t, 2);
      assert.deepEqual(await one.gateways(), []);
      assert.equal(await one.renew(state('a'), LONG_MS), false);
      assert.equal(await one.renew(state('a', { state: 'draining', connections: 7 }), LONG_MS), true);
      await one.renew(state('b'), LONG_MS);
      const listed = (await two.gateways()).toSorted((x, y) => x.gatewayId.localeCompare(y.gatewayId));
      assert.deepEqual(listed, [state('a', { state: 'draining', connections: 7 }), state('b')]);
      await one.resign('b');
      assert.deepEqual(
        (await two.gateways()).map(({ gatewayId }) => gatewayId),
        ['a'],
      );
    });

    test('what a dead gateway owned is released once, however many reap, and the living keep theirs', async (t) => {
      const [one, two] = await adapter.open(t, 2);
      await one.renew(state('dead'), LONG_MS);
      await one.renew(state('alive'), LONG_MS);
      const ids = Array.from({ length: 1_000 }, (_, count) => `CP-${count}`);
      const owners = new Map(await Promise.all(ids.map(async (id) => [id, await claim(one, id, 'dead')] as const)));
      const taken = await claim(one, 'CP-7', 'alive');
      assert.deepEqual(await one.reap(), []);
      await one.resign('dead');
      const released = (await Promise.all([one.reap(), two.reap(), one.reap()])).flat();
      owners.delete('CP-7');
      assert.equal(released.length, owners.size);
      for (const { chargePointId, owner } of released) assert.deepEqual(owner, owners.get(chargePointId));
      assert.equal(new Set(released.map(({ chargePointId }) => chargePointId)).size, owners.size);
      assert.deepEqual(await two.owner('CP-7'), taken);
      assert.deepEqual(await two.reap(), []);
    });

    test('a gateway that comes back before it is reaped keeps what it owns', async (t) => {
      const [registry] = await adapter.open(t, 1);
      const id = randomUUID();
      await registry.renew(state('a'), LONG_MS);
      const owner = await claim(registry, id, 'a');
      await registry.resign('a');
      assert.equal(await registry.renew(state('a'), LONG_MS), false);
      assert.deepEqual(await registry.reap(), []);
      assert.deepEqual(await registry.owner(id), owner);
    });

    test('a gateway that was reaped claims everything anew, but for what somebody newer owns', async (t) => {
      const [registry] = await adapter.open(t, 1);
      await registry.renew(state('a'), LONG_MS);
      await registry.renew(state('b'), LONG_MS);
      const owned = await Promise.all(
        Array.from({ length: 500 }, async (_, count) => ({
          chargePointId: `CP-${count}`,
          owner: await claim(registry, `CP-${count}`, 'a'),
        })),
      );
      await registry.resign('a');
      assert.equal((await registry.reap()).length, owned.length);
      const newer = await claim(registry, 'CP-7', 'b');
      assert.equal(await registry.renew(state('a'), LONG_MS), false);
      assert.deepEqual(await registry.reclaim(owned), ['CP-7']);
      assert.deepEqual(await registry.reclaim(owned), ['CP-7']);
      assert.equal(await registry.renew(state('a'), LONG_MS), true);
      assert.deepEqual(await registry.owner('CP-7'), newer);
      for (const { chargePointId, owner } of owned.slice(8, 20))
        assert.deepEqual(await registry.owner(chargePointId), owner);
    });

    test('a claim anew under the next epoch moves the entry on and never back', async (t) => {
      const [registry] = await adapter.open(t, 1);
      await registry.renew(state('a'), LONG_MS);
      const id = randomUUID();
      const owner = await claim(registry, id, 'a');
      const next = { ...owner, epoch: owner.epoch + 1 };
      assert.deepEqual(await registry.reclaim([{ chargePointId: id, owner: next }]), []);
      assert.deepEqual(await registry.reclaim([{ chargePointId: id, owner }]), []);
      assert.deepEqual(await registry.owner(id), next);
      const zombie = { ...owner, connectionId: randomUUID() };
      assert.deepEqual(await registry.reclaim([{ chargePointId: id, owner: zombie }]), [id]);
      assert.deepEqual(await registry.owner(id), next);
    });

    test(`${CLAIMS} charge points are claimed and released fast`, async (t) => {
      const [registry] = await adapter.open(t, 1);
      await registry.renew(state('a'), LONG_MS);
      const ids = Array.from({ length: CLAIMS }, (_, count) => `CP-${count}`);
      const perSecond = async (what: string, run: (id: string) => Promise<unknown>) => {
        const startedAt = performance.now();
        await Promise.all(ids.map(run));
        t.diagnostic(`${Math.round((CLAIMS / (performance.now() - startedAt)) * 1_000)} ${what}/s`);
      };
      await perSecond('claims', (id) => registry.claim(id, 'a', id));
      await perSecond('owners read', async (id) => assert.equal((await registry.owner(id))?.connectionId, id));
      await perSecond('releases', async (id) => assert.equal(await registry.release(id, id), true));
    });
  });
}
