import { presence } from '@voltgate/shared/letters/presence.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { Jobs, PresenceChange } from '@voltgate/shared/ports.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';

/** Tells workers who came and went. */
export type Presence = {
  /** Accepts a change; it is told soon, and again while the queue is away. */
  tell(change: PresenceChange): void;
  /** Tells what waits, once, and tries no more. */
  close(): Promise<void>;
  /** Changes not told yet. */
  readonly pending: () => number;
};

export type PresenceOptions = {
  readonly jobs: Jobs;
  readonly gatewayId: string;
  readonly log: Log;
  readonly metrics: Metrics;
};

const BATCH_MS = 50;
const RETRY_MS = 1_000;
const BATCH_SIZE = 500;
/** Beyond it the oldest changes are forgotten: newer ones say more. */
const MOST_WAITING = 100_000;

/** Gathers changes into letters of up to 500. Any order will do, so a failed batch simply waits with the others. */
export function createPresence({ jobs, gatewayId, log, metrics }: PresenceOptions): Presence {
  let waiting: PresenceChange[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> = Promise.resolve();
  let closed = false;
  let flying = 0;

  function schedule(delayMs: number): void {
    if (closed) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      sending = sending.then(sendAll);
    }, delayMs);
  }

  async function sendAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_SIZE);
      waiting = waiting.slice(BATCH_SIZE);
      flying = batch.length;
      try {
        await jobs.tell([letterOf(gatewayId, batch)]);
      } catch (error) {
        log.warn({ err: error, changes: batch.length + waiting.length }, 'presence not told, later again');
        waiting = batch.concat(waiting);
        return schedule(RETRY_MS);
      } finally {
        flying = 0;
      }
    }
  }

  return {
    tell(change) {
      waiting.push(change);
      if (waiting.length > MOST_WAITING) {
        waiting = waiting.slice(BATCH_SIZE);
        metrics.presenceDropped.inc(BATCH_SIZE);
      }
      schedule(BATCH_MS);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await sending;
      await sendAll();
    },
    pending: () => waiting.length + flying,
  };
}

function letterOf(gatewayId: string, changes: readonly PresenceChange[]) {
  return {
    action: presence.name,
    chargePointId: '',
    connectionId: gatewayId,
    receivedAtMs: Date.now(),
    traceId: newTraceId(),
    text: presence.write(changes),
  };
}
