import { CallErrorReceived, type Calls, CallTimedOut, NotConnected } from './calls.ts';
import type { Configuration } from './configuration.ts';
import { pause } from './pause.ts';
import type { Tally } from './tally.ts';
import type { Payload } from './wire.ts';

/** One transaction-related message. Its content is fixed when the event happens, but for the transactionId. */
export type Entry = {
  readonly action: 'StartTransaction' | 'MeterValues' | 'StopTransaction';
  /** The payload as of now: the transactionId may have become known since. */
  readonly payload: () => Payload;
  /** Takes the conf. `again` = the charger behaves as if it never saw it. */
  readonly confirm: (conf: Payload) => 'done' | 'again';
  /** The attempts are exhausted. */
  readonly giveUp: () => void;
  sends: number;
  refusals: number;
  /** Answered, or given up. */
  settled: boolean;
  /** Answered. */
  confirmed: boolean;
};

/** The transaction-related messages that are not answered yet, in the order of their events. */
export type Outbox = {
  push(entry: Pick<Entry, 'action' | 'payload' | 'confirm' | 'giveUp'>): Entry;
  /** Begins to send, or goes on, if the charger is ready. */
  wake(): void;
  length(): number;
  /** Forgets everything; returns how many messages that were. */
  clear(): number;
};

export type OutboxOptions = {
  readonly calls: Calls;
  readonly isReady: () => boolean;
  readonly configuration: Configuration;
  readonly attempts: () => number;
  readonly secondMs: number;
  readonly tally: Tally;
  readonly onProgress: () => void;
  /** Ends with the power: no retry outlives it. */
  readonly signal: () => AbortSignal;
};

/**
 * Creates the outbox.
 *
 *   waiting --sent--> CALLRESULT ------------------------------> answered, next one
 *                     CALLERROR, attempts left -> wait n x interval -> sent again (new message id)
 *                     CALLERROR, none left -------------------> dropped, next one
 *                     no answer in time ----------------------> sent again
 *                     connection lost ------------------------> sent again after the reconnect
 *
 * [OCPP 1.6, 3.7.1] the head blocks the others, so the central system sees them in chronological order. Only a CALLERROR
 * uses up an attempt: silence says nothing about the message.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { calls, isReady, configuration, attempts, secondMs, tally, onProgress, signal } = options;
  const entries: Entry[] = [];
  let sending = false;

  function push(given: Pick<Entry, 'action' | 'payload' | 'confirm' | 'giveUp'>): Entry {
    const entry: Entry = { ...given, sends: 0, refusals: 0, settled: false, confirmed: false };
    entries.push(entry);
    wake();
    return entry;
  }

  function wake(): void {
    if (!sending) void sendAll();
  }

  async function sendAll(): Promise<void> {
    sending = true;
    try {
      for (let entry = entries[0]; entry && isReady(); entry = entries[0]) {
        const outcome = await send(entry);
        // A crash may have emptied the outbox meanwhile.
        if (outcome === 'done' && entries[0] === entry) {
          entries.shift();
          entry.settled = true;
        }
        onProgress();
        if (outcome === 'refused' && !(await pauseBeforeRetry(entry))) return;
      }
    } finally {
      // In the same step as the last look at the queue, so that no wake is missed.
      sending = false;
    }
  }

  async function send(entry: Entry): Promise<'done' | 'again' | 'refused'> {
    entry.sends += 1;
    if (entry.sends > 1) tally.retries += 1;
    try {
      const outcome = entry.confirm(await calls.call(entry.action, entry.payload()));
      entry.confirmed = outcome === 'done';
      return outcome;
    } catch (error) {
      if (error instanceof CallTimedOut || error instanceof NotConnected) return 'again';
      if (!(error instanceof CallErrorReceived)) throw error;
      entry.refusals += 1;
      if (entry.refusals < attempts()) return 'refused';
      tally.dropped += 1;
      entry.giveUp();
      return 'done';
    }
  }

  /** [OCPP 1.6, 3.7.1] the interval times the number of preceding attempts. */
  function pauseBeforeRetry(entry: Entry): Promise<boolean> {
    const seconds = configuration.number('TransactionMessageRetryInterval') * entry.refusals;
    return pause(seconds * secondMs, signal());
  }

  function clear(): number {
    return entries.splice(0).length;
  }

  return { push, wake, length: () => entries.length, clear };
}
