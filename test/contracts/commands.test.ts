import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { type Command, createCommandRecords } from '@voltgate/gateway/command-records.ts';
import { createCommands } from '@voltgate/gateway/commands.ts';
import { createOutgoingCalls } from '@voltgate/gateway/outgoing-calls.ts';
import { type CommandMessage, type CommandTarget, createServeCommands } from '@voltgate/gateway/serve-commands.ts';
import { chargePointChannel } from '@voltgate/shared/channels.ts';
import { createInbox } from '@voltgate/shared/inbox.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { createMemoryBus } from '@voltgate/shared/memory/bus.ts';
import { createMemoryJobs } from '@voltgate/shared/memory/jobs.ts';
import { createMemoryRegistry } from '@voltgate/shared/memory/registry.ts';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import { gatewayState } from '../support/gateway-state.ts';
import { knownChargePoint } from '../support/known-charge-point.ts';
import { until } from '../support/until.ts';

const ID = 'CP-1';
const CHANNEL = chargePointChannel(ID);

/** The bus and registry of a cluster of gateways that hold connections by name. */
async function cluster(t: TestContext) {
  const bus = createMemoryBus();
  const registry = createMemoryRegistry();
  const log = createLog('silent', {});
  const metrics = createMetrics();
  const jobs = createMemoryJobs({ maxWaiting: 10 });
  const recordsOf = (gatewayId: string) => createCommandRecords({ jobs, gatewayId, log, metrics, maxWaitMs: 0 });
  const inbox = await createInbox(bus);
  t.after(() => inbox.close());
  const commands = createCommands({
    registry,
    bus,
    inbox,
    records: recordsOf('asker'),
    log,
    metrics,
    channelOf: chargePointChannel,
    maxPending: 10,
  });

  /** A gateway that hears the channel and holds this connection; frames that went to its charger. */
  async function gateway(gatewayId: string, connectionId: string, epoch: number) {
    const frames: [number, string, string][] = [];
    const outgoing = createOutgoingCalls({ maxQueue: 5, send: (frame) => void frames.push(JSON.parse(frame)) });
    const chargePoint = knownChargePoint(ID);
    const target: CommandTarget = { chargePoint, connectionId, epoch, announced: true, outgoing };
    const { serve } = createServeCommands({ bus, gatewayId, records: recordsOf(gatewayId), log, metrics });
    await bus.subscribe(CHANNEL, (text) => serve(target, JSON.parse(text) as CommandMessage));
    return { frames, outgoing };
  }

  const renew = (gatewayId: string) => registry.renew(gatewayState(gatewayId), 60_000);

  const send = async (given: Command) => await commands.send(given, await commands.find(given.chargePointId));

  return { bus, registry, send, gateway, renew };
}

const command = (timeoutMs = 5_000): Command => ({
  commandId: randomUUID(),
  chargePointId: ID,
  action: 'ClearCache',
  payload: {},
  timeoutMs,
  requestedBy: 'test',
  createdAtMs: Date.now(),
  traceId: '0'.repeat(32),
});

test('nobody owns the charge point, or nobody hears: offline at once', async (t) => {
  const { send, registry, renew } = await cluster(t);
  assert.deepEqual(await send(command()), { outcome: 'charge-point-offline' });
  await renew('A');
  await registry.claim(ID, 'A', 'a');
  assert.deepEqual(await send(command()), { outcome: 'charge-point-offline' });
});

test('of two gateways that hear the channel the owner executes, and the zombie keeps still', async (t) => {
  const { send, registry, gateway, renew } = await cluster(t);
  for (const id of ['A', 'B']) await renew(id);
  const before = await registry.claim(ID, 'A', 'a');
  const zombie = await gateway('A', 'a', before.epoch);
  const { epoch } = await registry.claim(ID, 'B', 'b');
  const owner = await gateway('B', 'b', epoch);
  const given = command();
  const outcome = send(given);
  await until(() => owner.frames.length === 1);
  owner.outgoing.answered({ type: 'result', messageId: given.commandId, payload: { status: 'Accepted' } });
  assert.equal((await outcome).outcome, 'answered');
  assert.equal(zombie.frames.length, 0);
});

test('a charge point that moved while it was asked for is found at its new owner', async (t) => {
  const { send, registry, gateway, renew } = await cluster(t);
  for (const id of ['A', 'B']) await renew(id);
  await registry.claim(ID, 'A', 'a');
  const epoch = (await registry.owner(ID))?.epoch ?? 0;
  const owner = await gateway('B', 'b', epoch + 1_000);
  const given = command();
  const outcome = send(given);
  const { epoch: newer } = await registry.claim(ID, 'B', 'b');
  assert.ok(newer > epoch);
  await until(() => owner.frames.length === 1);
  owner.outgoing.answered({ type: 'result', messageId: given.commandId, payload: { status: 'Accepted' } });
  assert.equal((await outcome).outcome, 'answered');
});

test('a newer owner says of an older connection that it is not connected, and nothing is executed', async (t) => {
  const { bus, gateway } = await cluster(t);
  const { frames } = await gateway('B', 'b', 2);
  const inbox = await createInbox(bus);
  t.after(() => inbox.close());
  const answer = await inbox.request(async (replyTo) => {
    const message: CommandMessage = {
      type: 'command',
      gatewayId: 'A',
      connectionId: 'a',
      epoch: 1,
      replyTo,
      command: command(),
    };
    await bus.publish(CHANNEL, JSON.stringify(message));
  }, 5_000);
  assert.deepEqual(answer, { payload: { outcome: 'not-connected' } });
  assert.equal(frames.length, 0);
});

test('a command that the bus delivers twice is executed once', async (t) => {
  const { bus, send, registry, gateway, renew } = await cluster(t);
  await renew('A');
  const { epoch } = await registry.claim(ID, 'A', 'a');
  const { frames, outgoing } = await gateway('A', 'a', epoch);
  const said: string[] = [];
  await bus.subscribe(CHANNEL, (text) => said.push(text));
  const given = command();
  const outcome = send(given);
  await until(() => frames.length === 1 && said.length === 1);
  await bus.publish(CHANNEL, said[0] ?? '');
  await until(() => said.length === 2);
  outgoing.answered({ type: 'result', messageId: given.commandId, payload: {} });
  assert.equal((await outcome).outcome, 'answered');
  assert.equal(frames.length, 1);
});
