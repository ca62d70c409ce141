import type { Announcer, Happening } from '@voltgate/shared/events.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { LiveReads, LiveTransaction } from '@voltgate/shared/store/read-live.ts';

/** A committed message that names a transaction. */
export type Touch = {
  readonly chargePointId: string;
  readonly traceId: string;
  readonly transactionId: number | bigint;
  readonly change: 'started' | 'stopped' | 'metered';
};

/** Looks up what messages did to transactions, and announces it. */
export type Aftermath = {
  /** Notes them; never waits. */
  touched(touches: readonly Touch[]): void;
  /** Looks up what waits. */
  close(): Promise<void>;
};

const GATHER_MS = 50;
/** Live events may be lost; memory may not grow. */
const MOST_WAITING = 5_000;
const LARGEST_INT32 = 2_147_483_647;

/**
 * Gathers touches for 50 ms, then reads all their transactions in one statement and announces how they stand now: the cost
 * is of time, not of messages, and a transaction metered many times meanwhile is one event.
 */
export function createAftermath(options: {
  readonly reads: LiveReads;
  readonly announcer: Announcer;
  readonly log: Log;
}): Aftermath {
  const { reads, announcer, log } = options;
  let waiting: Touch[] = [];
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();

  function touched(touches: readonly Touch[]): void {
    if (touches.length === 0 || waiting.length >= MOST_WAITING) return;
    waiting.push(...touches);
    timer ??= setTimeout(look, GATHER_MS);
  }

  function look(): void {
    timer = undefined;
    const touches = waiting;
    waiting = [];
    looking = looking
      .then(() => announceOf(touches))
      .catch((error: unknown) => log.warn({ err: error, lost: touches.length }, 'live events lost'));
  }

  async function announceOf(touches: readonly Touch[]): Promise<void> {
    const own = touches.filter(isOurs);
    const rows = await reads.liveTransactions([...new Map(own.map((touch) => [keyOf(touch), nameOf(touch)])).values()]);
    const found = new Map(rows.map((row) => [keyOf({ chargePointId: row.chargePointId, transactionId: row.id }), row]));
    const lost = touches.filter((touch) => !found.has(keyOf(touch)));
    const orphans = await reads.liveOrphans(lost);
    announcer.announce([
      ...eventsOf(touches, found),
      ...orphans.map(({ chargePointId, id, action, sentTransactionId, traceId }): Happening => {
        return { kind: 'orphan', chargePointId, data: { orphanId: id, action, sentTransactionId, traceId } };
      }),
    ]);
  }

  async function close(): Promise<void> {
    clearTimeout(timer);
    if (waiting.length > 0) look();
    await looking;
  }

  return { touched, close };
}

function eventsOf(touches: readonly Touch[], found: ReadonlyMap<string, LiveTransaction>): Happening[] {
  const events = new Map<string, Happening>();
  for (const touch of touches) {
    const row = found.get(keyOf(touch));
    if (!row) continue;
    const change = row.status === 'stopped' ? stopped(row) : touch.change === 'started' ? undefined : energy(row);
    if (change) events.set(`${keyOf(touch)} ${change.kind}`, change);
  }
  return [...events.values()];
}

function stopped(row: LiveTransaction): Happening {
  const { chargePointId, id: transactionId, connectorId, energyWh, stopReason, stoppedBy, stoppedAt } = row;
  const stop = { stopReason, stoppedBy, stoppedAt: stoppedAt?.toISOString() ?? null };
  return {
    kind: 'transaction',
    chargePointId,
    data: { change: 'stopped', transactionId, connectorId, energyWh, ...stop },
  };
}

function energy(row: LiveTransaction): Happening | undefined {
  if (row.liveEnergyWh === null) return undefined;
  const { chargePointId, id: transactionId, connectorId, liveEnergyWh, lastRegisterAt } = row;
  const data = { transactionId, connectorId, liveEnergyWh, sampledAt: lastRegisterAt?.toISOString() ?? null };
  return { kind: 'energy', chargePointId, data };
}

type Named = Pick<Touch, 'chargePointId' | 'transactionId'>;

const keyOf = ({ chargePointId, transactionId }: Named) => `${transactionId} ${chargePointId}`;
const nameOf = (touch: Touch) => ({ id: Number(touch.transactionId), chargePointId: touch.chargePointId });
const isOurs = ({ transactionId }: Touch) =>
  typeof transactionId === 'number' &&
  Number.isInteger(transactionId) &&
  transactionId > 0 &&
  transactionId <= LARGEST_INT32;
