import { type CallError, type CallResult, writeCall } from '@voltgate/shared/ocpp16/message.ts';
import { createOutgoingQueue } from './outgoing-queue.ts';

/** What a charge point says to a Call. */
export type CallAnswer =
  | { readonly outcome: 'answered'; readonly payload: unknown; readonly latencyMs: number }
  | { readonly outcome: 'rejected'; readonly code: string; readonly description: string; readonly latencyMs: number };

/** A Call for a charge point. */
export type OutgoingCall = {
  /** Also the message id: whoever reads a frame finds its command. */
  readonly commandId: string;
  readonly action: string;
  readonly payload: unknown;
  /** From now until the answer, the time in the queue included. */
  readonly timeoutMs: number;
  readonly traceId: string;
  /** The frame was given to the socket. */
  readonly onSent?: () => void;
  /** The answer came after the deadline, while this connection lived. */
  readonly onLate?: (answer: CallAnswer) => void;
};

/** What became of a Call. `aborted` before `sent` = the charger never saw it. */
export type CallOutcome =
  | CallAnswer
  | { readonly outcome: 'timed-out' }
  /** Its time passed while it waited behind others: it was not sent and never will be. */
  | { readonly outcome: 'expired' }
  | { readonly outcome: 'aborted'; readonly sent: boolean; readonly reason: string }
  | { readonly outcome: 'queue-full' }
  /** This connection was given the command before: nothing was done. */
  | { readonly outcome: 'duplicate' };

/** The Calls of the central system to one charge point: one at a time. [OCPP-J 1.6, 4.1.1] */
export type OutgoingCalls = {
  /** Resolves with what became of it, at the latest after its timeout; never rejects. */
  call(request: OutgoingCall): Promise<CallOutcome>;
  /** An answer came in. False when it belongs to no Call of this connection. */
  answered(message: CallResult | CallError): boolean;
  /** The connection is gone: everything is aborted, now and from now on. */
  closed(reason: string): void;
  /** In flight and waiting. */
  readonly pending: () => number;
};

export type OutgoingCallsOptions = {
  /** Gives a frame to the socket. May call `closed` before it returns. */
  readonly send: (frame: string, traceId: string) => void;
  /** Any answer to a Call of this connection came in, also a late one. */
  readonly onAnswered?: () => void;
  /** A Call was sent and not answered in time. May call `closed` before it returns. */
  readonly onUnanswered?: () => void;
  /** Calls that may wait behind the one in flight. */
  readonly maxQueue: number;
};

type Entry = {
  readonly request: OutgoingCall;
  readonly settle: (outcome: CallOutcome) => void;
  readonly timer: NodeJS.Timeout;
  sentAtMs: number;
};

/** Late answers are awaited for this many Calls, and for so long. */
const MOST_LATE = 16;
const LATE_MS = 600_000;
const FEWEST_REMEMBERED = 256;

/**
 * The Calls to one connection. The deadline counts from `call`, so that what waited too long is never sent.
 *
 *   queued --> in flight --> answered | rejected
 *      |           |-------> timed-out --> (late)
 *      |-----------|-------> aborted
 *      \-------------------> expired
 */
export function createOutgoingCalls(options: OutgoingCallsOptions): OutgoingCalls {
  const { send, maxQueue } = options;
  const queue = createOutgoingQueue<Entry>(maxQueue);
  const late = new Map<string, Entry>();
  const remembered = new Set<string>();
  let inFlight: Entry | undefined;
  let closedReason: string | undefined;

  function call(request: OutgoingCall): Promise<CallOutcome> {
    if (closedReason !== undefined)
      return Promise.resolve({ outcome: 'aborted', sent: false, reason: closedReason } as const);
    if (remembered.has(request.commandId)) return Promise.resolve({ outcome: 'duplicate' } as const);
    return new Promise((settle) => {
      const timer = setTimeout(() => expired(entry), request.timeoutMs);
      const entry: Entry = { request, settle, timer, sentAtMs: 0 };
      if (!inFlight) {
        remember(request.commandId);
        return dispatch(entry);
      }
      if (queue.add(request.action, entry)) return remember(request.commandId);
      end(entry, { outcome: 'queue-full' });
    });
  }

  // The bus may deliver twice; what is refused for lack of room may be tried again.
  function remember(commandId: string): void {
    remembered.add(commandId);
    if (remembered.size > Math.max(FEWEST_REMEMBERED, 2 * maxQueue)) deleteOldest(remembered);
  }

  function dispatch(entry: Entry): void {
    inFlight = entry;
    entry.sentAtMs = Date.now();
    const { commandId, action, payload, traceId } = entry.request;
    send(writeCall(commandId, action, payload), traceId);
    // A socket that was closed by the write has ended this Call already.
    if (inFlight === entry) entry.request.onSent?.();
  }

  function dispatchNext(): void {
    const next = queue.next();
    if (next) dispatch(next);
  }

  function expired(entry: Entry): void {
    if (inFlight !== entry) {
      queue.remove(entry);
      return end(entry, { outcome: 'expired' });
    }
    inFlight = undefined;
    late.set(entry.request.commandId, entry);
    if (late.size > MOST_LATE) deleteOldest(late);
    end(entry, { outcome: 'timed-out' });
    options.onUnanswered?.();
    dispatchNext();
  }

  function answered(message: CallResult | CallError): boolean {
    if (inFlight?.request.commandId === message.messageId) {
      const entry = inFlight;
      inFlight = undefined;
      options.onAnswered?.();
      end(entry, answerOf(message, entry));
      dispatchNext();
      return true;
    }
    const entry = late.get(message.messageId);
    if (!entry) return false;
    late.delete(message.messageId);
    options.onAnswered?.();
    if (Date.now() - entry.sentAtMs <= LATE_MS + entry.request.timeoutMs)
      entry.request.onLate?.(answerOf(message, entry));
    return true;
  }

  function closed(reason: string): void {
    if (closedReason !== undefined) return;
    closedReason = reason;
    const sent = inFlight;
    inFlight = undefined;
    if (sent) end(sent, { outcome: 'aborted', sent: true, reason });
    for (let next = queue.next(); next; next = queue.next()) end(next, { outcome: 'aborted', sent: false, reason });
    late.clear();
    remembered.clear();
  }

  return {
    call,
    answered,
    closed,
    pending: () => queue.size() + (inFlight ? 1 : 0),
  };
}

function end(entry: Entry, outcome: CallOutcome): void {
  clearTimeout(entry.timer);
  entry.settle(outcome);
}

function answerOf(message: CallResult | CallError, { sentAtMs }: Entry): CallAnswer {
  const latencyMs = Date.now() - sentAtMs;
  if (message.type === 'result') return { outcome: 'answered', payload: message.payload, latencyMs };
  return { outcome: 'rejected', code: message.code, description: message.description, latencyMs };
}

function deleteOldest(entries: Map<string, unknown> | Set<string>): void {
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    return;
  }
}
