import { randomUUID } from 'node:crypto';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { KnownChargePoint } from '@voltgate/shared/ports.ts';
import { CLOSE, Connection } from './connection.ts';
import type { IncomingCalls } from './incoming-calls.ts';
import type { Socket } from './server.ts';

/** All live connections of this gateway. */
export type Connections = {
  /** Takes over a charge point: the newest authenticated socket wins, the one before it is closed. */
  open(chargePoint: KnownChargePoint, socket: Socket): Connection;
  readonly count: () => number;
  /** Charge points heard since the last call of this. */
  heard(): { readonly chargePointId: string; readonly seenAtMs: number }[];
  /** Answers what is under way, for at most `timeoutMs`, then closes every socket with 1001. */
  close(timeoutMs: number): Promise<void>;
};

export type ConnectionsOptions = {
  readonly incomingCalls: IncomingCalls;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly maxIntake: number;
  readonly pingIntervalMs: number;
};

/** Pings are spread over this many slices of the interval. */
const PING_SLICES = 20;

/** Keeps the connections; the ping timer runs until `close`. */
export function createConnections(options: ConnectionsOptions): Connections {
  const { log, metrics } = options;
  const live = new Map<string, Connection>();
  let heardUntilMs = 0;
  let slice = 0;
  const timer = setInterval(pingSlice, options.pingIntervalMs / PING_SLICES);

  const parts = { ...options, onClosed };

  function open(chargePoint: KnownChargePoint, socket: Socket): Connection {
    const connection = new Connection(chargePoint, randomUUID(), socket, parts);
    const { chargePointId } = chargePoint;
    const replaced = live.get(chargePointId);
    live.set(chargePointId, connection);
    metrics.connections.set(live.size);
    log.info(
      { chargePointId, connectionId: connection.connectionId, replaces: replaced?.connectionId },
      'charge point connected',
    );
    replaced?.close(CLOSE.replaced, 'a newer connection took over');
    return connection;
  }

  function onClosed(connection: Connection, code: number, reason: string): void {
    const { chargePointId } = connection.chargePoint;
    // The successor is found under the same id: only the very same connection may be removed.
    if (live.get(chargePointId) === connection) live.delete(chargePointId);
    metrics.connections.set(live.size);
    metrics.disconnects.inc({ reason: String(code) });
    log.info({ chargePointId, connectionId: connection.connectionId, code, reason }, 'charge point disconnected');
  }

  function pingSlice(): void {
    slice = (slice + 1) % PING_SLICES;
    let index = 0;
    for (const connection of live.values()) {
      if (index % PING_SLICES === slice) connection.ping();
      index += 1;
    }
  }

  function heard() {
    const since = heardUntilMs;
    heardUntilMs = Date.now();
    const entries: { chargePointId: string; seenAtMs: number }[] = [];
    for (const [chargePointId, { lastSeenAtMs }] of live) {
      if (lastSeenAtMs >= since) entries.push({ chargePointId, seenAtMs: lastSeenAtMs });
    }
    return entries;
  }

  async function close(timeoutMs: number): Promise<void> {
    clearInterval(timer);
    const connections = [...live.values()];
    await withinMs(timeoutMs, Promise.all(connections.map((connection) => connection.finish())));
    for (const connection of connections) connection.close(CLOSE.goingAway, 'the gateway is stopping');
  }

  return { open, count: () => live.size, heard, close };
}

async function withinMs(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
