import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { createCommandRecords } from '@voltgate/gateway/command-records.ts';
import { createCommands } from '@voltgate/gateway/commands.ts';
import { chargePointChannel } from '@voltgate/shared/channels.ts';
import { createInbox } from '@voltgate/shared/inbox.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { createMemoryJobs } from '@voltgate/shared/memory/jobs.ts';
import { createMemoryRegistry } from '@voltgate/shared/memory/registry.ts';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import type { Bus, Registry } from '@voltgate/shared/ports.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';
import { busAdapters } from '../support/adapters.ts';
import { openConnections } from '../support/connections.ts';
import { until } from '../support/until.ts';

const ID = 'CP-1';

for (const { name, skip, open } of busAdapters) {
  test(`${name}: a command that overtakes the news of a takeover is executed once`, { skip }, async (t) => {
    const [busA, busB] = await open(t, 2);
    const registry = createMemoryRegistry();
    const held = holdingTakeovers(busB);
    const a = await openConnections(t, { gatewayId: 'A', bus: busA, registry });
    const b = await openConnections(t, { gatewayId: 'B', bus: held.bus, registry });
    const commands = await commandsOver(t, busA, registry);

    const old = a.plug(ID);
    await until(() => old.connection.epoch !== undefined);
    const found = await commands.find(ID);
    const young = b.plug(ID);
    await until(() => young.connection.epoch !== undefined);
    const outcome = commands.send(
      {
        commandId: randomUUID(),
        chargePointId: ID,
        action: 'ClearCache',
        payload: {},
        timeoutMs: 5_000,
        requestedBy: 'test',
        createdAtMs: Date.now(),
        traceId: newTraceId(),
      },
      found,
    );
    await until(() => old.frames.length === 1);
    held.letGo();
    const { outcome: word } = await outcome;
    assert.deepEqual([old.frames.length, young.frames.length], [1, 0]);
    assert.equal(word, 'aborted');
    assert.deepEqual(old.closedWith, [4001]);
  });
}

/** A bus whose messages of takeovers stay out until `letGo` is called. */
function holdingTakeovers(bus: Bus): { readonly bus: Bus; readonly letGo: () => void } {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const publish: Bus['publish'] = async (channel, text) => {
    if (text.includes('"taken-over"')) await held;
    return await bus.publish(channel, text);
  };
  return { bus: { ...bus, publish }, letGo };
}

async function commandsOver(t: TestContext, bus: Bus, registry: Registry) {
  const inbox = await createInbox(bus);
  t.after(() => inbox.close());
  const log = createLog('silent', {});
  const metrics = createMetrics();
  const jobs = createMemoryJobs({ maxWaiting: 10 });
  const records = createCommandRecords({ jobs, gatewayId: 'asker', log, metrics, maxWaitMs: 0 });
  return createCommands({ registry, bus, inbox, records, log, metrics, channelOf: chargePointChannel, maxPending: 10 });
}
