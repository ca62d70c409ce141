import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createCommandRecords } from '@voltgate/gateway/command-records.ts';
import { createCommands } from '@voltgate/gateway/commands.ts';
import { Connection, type ConnectionParts } from '@voltgate/gateway/connection.ts';
import { createOwnership } from '@voltgate/gateway/ownership.ts';
import { createPresence } from '@voltgate/gateway/presence.ts';
import { createServeCommands, isCommandMessage } from '@voltgate/gateway/serve-commands.ts';
import type { Socket } from '@voltgate/gateway/server.ts';
import { chargePointChannel } from '@voltgate/shared/channels.ts';
import { createInbox } from '@voltgate/shared/inbox.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { createMemoryJobs } from '@voltgate/shared/memory/jobs.ts';
import { createMemoryRegistry } from '@voltgate/shared/memory/registry.ts';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import type { Bus } from '@voltgate/shared/ports.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';
import { busAdapters } from '../support/adapters.ts';
import { gatewayState } from '../support/gateway-state.ts';
import { knownChargePoint } from '../support/known-charge-point.ts';
import { until } from '../support/until.ts';

const ID = 'CP-1';
const socket: Socket = { send: () => true, ping: () => undefined, close: () => undefined, drop: () => undefined };

/** A gateway that owns one charge point, and the commands of another on the same bus. */
async function own(t: TestContext, ownBus: Bus, otherBus: Bus) {
  const registry = createMemoryRegistry();
  const log = createLog('silent', {});
  const metrics = createMetrics();
  const jobs = createMemoryJobs({ maxWaiting: 10 });
  const ignore = async () => undefined;
  await jobs.work({ tell: ignore, ask: ignore }, { tellConcurrency: 1, askConcurrency: 1 });
  const records = createCommandRecords({ jobs, gatewayId: 'A', log, metrics, maxWaitMs: 0 });
  const presence = createPresence({ jobs, gatewayId: 'A', log, metrics });
  t.after(() => presence.close());
  const live = new Map<string, Connection>();
  const { serve } = createServeCommands({ bus: ownBus, gatewayId: 'A', records, log, metrics });
  const ownership = createOwnership({
    registry,
    bus: ownBus,
    gatewayId: 'A',
    presence,
    log,
    metrics,
    live,
    onTakeover: () => undefined,
    flapWindowMs: 60_000,
    onMessage: (connection, message) => {
      if (isCommandMessage(message)) serve(connection, message);
    },
  });
  const chargePoint = knownChargePoint(ID);
  const connection = new Connection(chargePoint, '127.0.0.1', socket, {} as ConnectionParts);
  live.set(ID, connection);
  await registry.renew(gatewayState('A'), 60_000);
  ownership.opened(connection, undefined);
  await until(() => connection.epoch !== undefined);
  const inbox = await createInbox(otherBus);
  t.after(() => inbox.close());
  const commands = createCommands({
    registry,
    bus: otherBus,
    inbox,
    records,
    log,
    metrics,
    channelOf: chargePointChannel,
    maxPending: 10,
  });
  return { live, ownership, connection, commands };
}

for (const { name, skip, open } of busAdapters) {
  test(`${name}: a command for a connection that just closed is answered at once: offline`, { skip }, async (t) => {
    const [ownBus, otherBus] = await open(t, 2);
    const { live, ownership, connection, commands } = await own(t, ownBus, otherBus);
    // Closed, and the channel is not left yet.
    live.delete(ID);
    const startedAtMs = performance.now();
    const command = {
      commandId: crypto.randomUUID(),
      chargePointId: ID,
      action: 'ClearCache',
      payload: {},
      timeoutMs: 60_000,
      requestedBy: 'test',
      createdAtMs: Date.now(),
      traceId: newTraceId(),
    };
    const outcome = await commands.send(command, await commands.find(ID));
    ownership.closed(connection, { code: 1000, reason: '', category: 'charge-point-closed' });
    assert.deepEqual(outcome, { outcome: 'charge-point-offline' });
    assert.ok(performance.now() - startedAtMs < 30_000);
  });
}
