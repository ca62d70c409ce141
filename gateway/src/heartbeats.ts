import type { CommandStatus } from '@voltgate/shared/ports.ts';
import type { Command, CommandRecords } from './command-records.ts';

/** Heartbeats that commands asked for: gateways answer them, so only they can tell that one came. */
export type Heartbeats = {
  /** A command came to `status` with this conf; if it asked for a Heartbeat, the next one of the connection is told. */
  answered(connectionId: string, command: Command, status: CommandStatus, response: unknown): void;
  /** A Heartbeat came in. Costs a look at an empty map while none was asked for. */
  heard(connectionId: string): void;
};

type Expected = {
  readonly command: Command;
  readonly status: CommandStatus;
  readonly response: unknown;
  readonly untilMs: number;
};

/** As long as the store follows a TriggerMessage. */
const PATIENCE_MS = 60_000;
const MOST_CONNECTIONS = 10_000;
const MOST_OF_ONE = 20;

/** Remembers accepted triggers until their Heartbeat or for a minute, and tells it with the records of the command. */
export function createHeartbeats({ records }: { readonly records: CommandRecords }): Heartbeats {
  const expected = new Map<string, Expected[]>();

  function forgetOld(nowMs: number): void {
    for (const [connectionId, [first]] of expected) {
      if (first && first.untilMs >= nowMs && expected.size < MOST_CONNECTIONS) return;
      expected.delete(connectionId);
    }
  }

  return {
    answered(connectionId, command, status, response) {
      if (!asksForHeartbeat(command) || fieldOf(response, 'status') !== 'Accepted') return;
      const nowMs = Date.now();
      forgetOld(nowMs);
      const kept = expected.get(connectionId) ?? [];
      if (kept.length >= MOST_OF_ONE) return;
      expected.set(connectionId, [...kept, { command, status, response, untilMs: nowMs + PATIENCE_MS }]);
    },
    heard(connectionId) {
      if (expected.size === 0) return;
      const own = expected.get(connectionId);
      if (!own) return;
      expected.delete(connectionId);
      const heartbeatAtMs = Date.now();
      for (const { command, status, response, untilMs } of own)
        if (heartbeatAtMs <= untilMs) records.note(command, status, { response, heartbeatAtMs });
    },
  };
}

function asksForHeartbeat({ action, payload }: Command): boolean {
  return /^(?:Extended)?TriggerMessage$/.test(action) && fieldOf(payload, 'requestedMessage') === 'Heartbeat';
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[field] : undefined;
}
