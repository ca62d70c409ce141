import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chargePointChannel } from '@voltgate/shared/channels.ts';
import { createMemoryBus } from '@voltgate/shared/memory/bus.ts';
import { createMemoryRegistry } from '@voltgate/shared/memory/registry.ts';
import type { Bus, Registry } from '@voltgate/shared/ports.ts';
import { withinMs } from '@voltgate/shared/within.ts';
import { openConnections } from '../support/connections.ts';
import { until } from '../support/until.ts';

const ID = 'CP-1';
const GATEWAY = 'A';

test('connections that come and go while the bus is away wait for nothing, and one channel is opened', async (t) => {
  const memory = createMemoryBus();
  const { promise: back, resolve: comeBack } = Promise.withResolvers<void>();
  let subscriptions = 0;
  const bus: Bus = {
    ...memory,
    async subscribe(channel, listener) {
      subscriptions += 1;
      await back;
      return await memory.subscribe(channel, listener);
    },
  };
  const registry = createMemoryRegistry();
  const { connections, plug } = await openConnections(t, { gatewayId: GATEWAY, bus, registry });
  // Some are closed, others are replaced.
  for (let count = 0; count < 10; count += 1) {
    plug(ID);
    plug(ID).close();
  }
  assert.ok(await withinMs(10_000, connections.ownership.settle(60_000)), 'nothing is under way');
  assert.equal(subscriptions, 1);

  const last = plug(ID);
  comeBack();
  await until(() => last.connection.epoch !== undefined);
  assert.equal((await registry.owner(ID))?.connectionId, last.connection.connectionId);
  last.close();
  await until(async () => (await registry.owner(ID)) === null);
  assert.equal(await memory.publish(chargePointChannel(ID), ''), 0);
});

test('a channel that opens when nobody wants it any more is left', async (t) => {
  const memory = createMemoryBus();
  const { promise: back, resolve: comeBack } = Promise.withResolvers<void>();
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const bus: Bus = {
    ...memory,
    async subscribe(channel, listener) {
      await back;
      const unsubscribe = await memory.subscribe(channel, listener);
      return async () => {
        await unsubscribe();
        leave();
      };
    },
  };
  const { plug } = await openConnections(t, { gatewayId: GATEWAY, bus, registry: createMemoryRegistry() });
  plug(ID).close();
  comeBack();
  await left;
  assert.equal(await memory.publish(chargePointChannel(ID), ''), 0);
});

test('a channel that could not be opened is opened later for whoever is connected then', async (t) => {
  const memory = createMemoryBus();
  const { promise: first, reject: fail } = Promise.withResolvers<never>();
  let subscriptions = 0;
  const bus: Bus = {
    ...memory,
    subscribe: (...given) => (++subscriptions === 1 ? first : memory.subscribe(...given)),
  };
  const { connections, plug } = await openConnections(t, { gatewayId: GATEWAY, bus, registry: createMemoryRegistry() });
  plug(ID);
  const young = plug(ID);
  fail(new Error('refused'));
  await connections.ownership.settle(10_000);
  await connections.ownership.catchUp();
  await until(() => young.connection.epoch !== undefined);
});

test('a claim that was lost on its way back is released when its connection has gone meanwhile', async (t) => {
  const memory = createMemoryRegistry();
  const { promise: lost, reject: lose } = Promise.withResolvers<never>();
  const registry: Registry = {
    ...memory,
    async claim(...given) {
      await memory.claim(...given);
      return await lost;
    },
  };
  const { connections, plug } = await openConnections(t, { gatewayId: GATEWAY, bus: createMemoryBus(), registry });
  const gone = plug(ID);
  await until(async () => (await registry.owner(ID)) !== null);
  gone.close();
  lose(new Error('no answer in time'));
  await connections.ownership.settle(10_000);
  await connections.ownership.catchUp();
  assert.equal(await registry.owner(ID), null);
});
