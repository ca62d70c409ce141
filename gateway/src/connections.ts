import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { Bus, KnownChargePoint, Registry, Takeovers } from '@voltgate/shared/ports.ts';
import { CLOSE, Connection, type ConnectionEnd, type ConnectionParts } from './connection.ts';
import { drain } from './drain.ts';
import { isDead } from './liveness.ts';
import { createOwnership, type Ownership } from './ownership.ts';
import type { Presence } from './presence.ts';
import type { Socket } from './server.ts';
import type { ChannelMessage } from './takeover.ts';

/** All live connections of this gateway. */
export type Connections = {
  /** Takes over a charge point: the newest authenticated socket wins, the one before it is closed. */
  open(chargePoint: KnownChargePoint, socket: Socket, address: string): Connection;
  /** The live connection of a charge point. */
  find(chargePointId: string): Connection | undefined;
  readonly count: () => number;
  /** All of them, oldest first. */
  readonly all: () => readonly Connection[];
  /** Frames of chargers since the start. */
  readonly frames: () => number;
  readonly ownership: Ownership;
  /** Charge points heard since the last call of this. */
  heard(): { readonly chargePointId: string; readonly seenAtMs: number }[];
  /** Closes every socket at the drain rate, each when what is under way is answered. */
  drain(): Promise<void>;
};

export type ConnectionsOptions = Omit<ConnectionParts, 'onFrame' | 'onClosed'> & {
  readonly registry: Registry;
  readonly bus: Bus;
  readonly gatewayId: string;
  readonly presence: Presence;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly pingIntervalMs: number;
  readonly heartbeatIntervalSeconds: number;
  readonly drainRate: number;
  readonly drainCloseCode: number;
  readonly askTimeoutMs: number;
  /** One charge point was taken over: `addresses` of both, as far as known. */
  readonly onTakeover: (chargePointId: string, addresses: readonly string[], takeovers: Takeovers) => void;
  readonly flapWindowMs: number;
  /** Something was said on a channel that is listened to here; undefined = its connection closed just now. */
  readonly onMessage: (connection: Connection | undefined, message: ChannelMessage) => void;
};

/** Pings are spread over this many slices of the interval. */
const PING_SLICES = 20;

/** Keeps the connections; the ping timer runs until `drain` has ended. */
export function createConnections(options: ConnectionsOptions): Connections {
  const { log, metrics } = options;
  const live = new Map<string, Connection>();
  let heardUntilMs = 0;
  let slice = 0;
  let frames = 0;
  const timer = setInterval(pingSlice, options.pingIntervalMs / PING_SLICES);
  const onFrame = () => {
    frames += 1;
  };
  const parts: ConnectionParts = { ...options, onFrame, onClosed };
  const ownership = createOwnership({
    ...options,
    live,
    onTakeover: ({ chargePoint, address }, replaced, takeovers) =>
      options.onTakeover(chargePoint.chargePointId, replaced ? [address, replaced.address] : [address], takeovers),
  });

  function open(chargePoint: KnownChargePoint, socket: Socket, address: string): Connection {
    const connection = new Connection(chargePoint, address, socket, parts);
    const { chargePointId } = chargePoint;
    const replaced = live.get(chargePointId);
    live.set(chargePointId, connection);
    metrics.connections.set(live.size);
    log.info(
      { chargePointId, connectionId: connection.connectionId, replaces: replaced?.connectionId },
      'charge point connected',
    );
    ownership.opened(connection, replaced);
    replaced?.close(CLOSE.replaced, 'a newer connection took over', 'replaced');
    return connection;
  }

  function onClosed(connection: Connection, end: ConnectionEnd): void {
    const { chargePointId } = connection.chargePoint;
    metrics.disconnects.inc({ reason: end.category });
    log.info({ chargePointId, connectionId: connection.connectionId, ...end }, 'charge point disconnected');
    // The successor is found under the same id: only the very same connection may be removed.
    if (live.get(chargePointId) !== connection) return;
    live.delete(chargePointId);
    metrics.connections.set(live.size);
    ownership.closed(connection, end);
  }

  function pingSlice(): void {
    slice = (slice + 1) % PING_SLICES;
    const nowMs = performance.now();
    let index = 0;
    for (const connection of [...live.values()]) {
      if (index % PING_SLICES === slice) {
        if (isDead(connection, options, nowMs)) connection.drop('no sign of life', 'no-pong');
        else connection.ping();
      }
      index += 1;
    }
  }

  function heard() {
    const since = heardUntilMs;
    heardUntilMs = performance.now();
    const startedAtMs = Date.now() - heardUntilMs;
    const entries: { chargePointId: string; seenAtMs: number }[] = [];
    for (const [chargePointId, { lastSeenAtMs }] of live) {
      if (lastSeenAtMs >= since) entries.push({ chargePointId, seenAtMs: Math.round(startedAtMs + lastSeenAtMs) });
    }
    return entries;
  }

  return {
    open,
    find: (chargePointId) => live.get(chargePointId),
    count: () => live.size,
    all: () => [...live.values()],
    frames: () => frames,
    ownership,
    heard,
    async drain() {
      await drain({
        live: () => [...live.values()],
        closeCode: options.drainCloseCode,
        rate: options.drainRate,
        waitMs: options.askTimeoutMs,
      });
      clearInterval(timer);
    },
  };
}
