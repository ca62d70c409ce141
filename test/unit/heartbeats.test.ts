import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, Progress } from '../../gateway/src/command-records.ts';
import { createHeartbeats } from '../../gateway/src/heartbeats.ts';

function watched() {
  const said: [commandId: string, status: string, progress?: Progress][] = [];
  const records = {
    note: (command: Command, status: string, progress?: Progress) =>
      void said.push(progress ? [command.commandId, status, progress] : [command.commandId, status]),
    drain: async () => undefined,
    pending: () => 0,
  };
  return { said, heartbeats: createHeartbeats({ records }) };
}

const trigger = (commandId: string, requestedMessage = 'Heartbeat', action = 'TriggerMessage'): Command => ({
  commandId,
  chargePointId: 'CP',
  action,
  payload: { requestedMessage },
  timeoutMs: 1_000,
  requestedBy: 'operator',
  createdAtMs: 0,
  traceId: '',
});

const accepted = { status: 'Accepted' };

test('the next Heartbeat of a connection is told once, with every command that asked for it', () => {
  const { said, heartbeats } = watched();
  heartbeats.answered('c1', trigger('one'), 'answered', accepted);
  heartbeats.answered('c1', trigger('two', 'Heartbeat', 'ExtendedTriggerMessage'), 'late', accepted);
  heartbeats.heard('c2');
  assert.equal(said.length, 0);
  heartbeats.heard('c1');
  heartbeats.heard('c1');
  assert.deepEqual(
    said.map(([commandId, status]) => [commandId, status]),
    [
      ['one', 'answered'],
      ['two', 'late'],
    ],
  );
  for (const [, , progress] of said) assert.ok(Math.abs((progress?.heartbeatAtMs ?? 0) - Date.now()) < 5_000);
});

test('what was refused, or asked for something else, waits for no Heartbeat', () => {
  const { said, heartbeats } = watched();
  heartbeats.answered('c', trigger('refused'), 'answered', { status: 'Rejected' });
  heartbeats.answered('c', trigger('nonsense'), 'answered', null);
  heartbeats.answered('c', trigger('other', 'MeterValues'), 'answered', accepted);
  heartbeats.answered('c', trigger('reset', 'Heartbeat', 'Reset'), 'answered', accepted);
  heartbeats.heard('c');
  assert.equal(said.length, 0);
});

test('a Heartbeat a minute later belongs to no command', (t) => {
  t.mock.timers.enable({ apis: ['Date'] });
  const { said, heartbeats } = watched();
  heartbeats.answered('c', trigger('one'), 'answered', accepted);
  t.mock.timers.tick(60_001);
  heartbeats.heard('c');
  assert.equal(said.length, 0);
});
