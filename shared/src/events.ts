import { randomBytes } from 'node:crypto';
import { writeJson } from './ocpp16/json.ts';
import type { Bus } from './ports.ts';

/** Where live events are published; the braces keep it in one slot of a Redis Cluster. */
export const EVENTS_CHANNEL = 'voltgate:{voltgate}:events';

export const eventKinds = [
  'presence',
  'connector-status',
  'transaction',
  'energy',
  'command',
  'flapping',
  'orphan',
] as const;

export type EventKind = (typeof eventKinds)[number];

/** Something that just happened. Live only: at most once, and what happens while nobody listens is in the lists. */
export type LiveEvent = {
  /** Unique; sorts by time. */
  readonly id: string;
  readonly kind: EventKind;
  /** ISO time. */
  readonly at: string;
  readonly chargePointId: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/** An event before it has its id. */
export type Happening = Pick<LiveEvent, 'kind' | 'chargePointId' | 'data'> & { readonly atMs?: number };

/** Publishes events without ever waiting for them. */
export type Announcer = {
  announce(happenings: readonly Happening[]): void;
  /** Publishes what waits. */
  close(): Promise<void>;
};

const GATHER_MS = 20;
const MOST_AT_ONCE = 200;
/** While the bus hangs; what is more is lost, as everything is while it is away. */
const MOST_WAITING = 10_000;

/** Gathers events for 20 ms and publishes them together, in their order, 200 at a time. Never rejects. */
export function createAnnouncer(bus: Bus): Announcer {
  const newEventId = createEventIds();
  let waiting: LiveEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let publishing: Promise<void> | undefined;

  function announce(happenings: readonly Happening[]): void {
    for (const { kind, chargePointId, data, atMs = Date.now() } of happenings) {
      if (waiting.length >= MOST_WAITING) return;
      waiting.push({ id: newEventId(), kind, at: new Date(atMs).toISOString(), chargePointId, data });
    }
    if (waiting.length > 0) timer ??= setTimeout(publishWaiting, GATHER_MS);
  }

  function publishWaiting(): void {
    timer = undefined;
    publishing ??= publishAll().finally(() => {
      publishing = undefined;
      // Announced between the last look and now.
      if (waiting.length > 0) timer ??= setTimeout(publishWaiting, GATHER_MS);
    });
  }

  async function publishAll(): Promise<void> {
    while (waiting.length > 0) {
      const events = waiting.slice(0, MOST_AT_ONCE);
      waiting = waiting.slice(events.length);
      // At most once is the promise: who was not reached finds the same in the lists.
      await bus.publish(EVENTS_CHANNEL, writeJson(events)).catch(() => 0);
    }
  }

  async function close(): Promise<void> {
    clearTimeout(timer);
    publishWaiting();
    await publishing;
  }

  return { announce, close };
}

/** Ids of one process: ms since 1970, a count, and the process, so that they sort by time and none comes twice. */
function createEventIds(): () => string {
  const process = randomBytes(5).toString('hex');
  let count = 0;
  let lastMs = 0;
  return () => {
    // A clock set back must not give an id twice.
    const nowMs = Math.max(Date.now(), lastMs);
    count = nowMs === lastMs ? count + 1 : 0;
    lastMs = nowMs;
    return `${nowMs.toString(36).padStart(9, '0')}${count.toString(36).padStart(4, '0')}${process}`;
  };
}
