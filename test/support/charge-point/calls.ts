import { randomUUID } from 'node:crypto';
import type { Message, Payload } from './wire.ts';

/** The central system refused a Call. */
export class CallErrorReceived extends Error {
  override readonly name = 'CallErrorReceived';
  readonly action: string;
  readonly code: string;
  readonly description: string;
  readonly details: unknown;
  constructor(action: string, code: string, description: string, details: unknown) {
    super(`${action} was refused: ${code} ${description}`);
    this.action = action;
    this.code = code;
    this.description = description;
    this.details = details;
  }
}

/** The central system did not answer a Call in time. */
export class CallTimedOut extends Error {
  override readonly name = 'CallTimedOut';
}

/** There was no connection, or it went away before the answer: whether the Call arrived is unknown. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
}

/** The charger's own Calls. [OCPP-J 1.6, 4.1.1] one in flight; the others wait in order. */
export type Calls = {
  /** Resolves to the payload of the CallResult; rejects with CallErrorReceived, CallTimedOut or NotConnected. */
  call(action: string, payload: unknown): Promise<Payload>;
  /** Takes an answer. False when it fits no Call in flight. */
  settle(message: Extract<Message, { type: 'result' | 'error' }>): boolean;
  /** Rejects everything in flight and waiting with NotConnected. */
  abandon(): void;
  /** When the newest Call was sent, real ms. */
  lastSentMs(): number;
};

export type CallsOptions = {
  readonly isOpen: () => boolean;
  readonly send: (id: string, action: string, payload: unknown) => void;
  readonly timeoutMs: number;
  readonly onOutcome: (action: string, durationMs: number, outcome: 'result' | 'error' | 'timeout') => void;
};

type Waiting = {
  readonly action: string;
  readonly payload: unknown;
  readonly resolve: (payload: Payload) => void;
  readonly reject: (error: Error) => void;
};
type InFlight = Waiting & { readonly id: string; readonly sentMs: number; readonly timer: NodeJS.Timeout };

/** Creates the queue of Calls of one charger. */
export function createCalls({ isOpen, send, timeoutMs, onOutcome }: CallsOptions): Calls {
  const waiting: Waiting[] = [];
  let inFlight: InFlight | undefined;
  let lastSentMs = 0;

  function call(action: string, payload: unknown): Promise<Payload> {
    return new Promise((resolve, reject) => {
      if (!isOpen()) {
        reject(new NotConnected(`${action} was not sent: no connection`));
        return;
      }
      waiting.push({ action, payload, resolve, reject });
      sendNext();
    });
  }

  function sendNext(): void {
    if (inFlight) return;
    const next = waiting.shift();
    if (!next) return;
    const id = randomUUID();
    lastSentMs = Date.now();
    inFlight = { ...next, id, sentMs: lastSentMs, timer: setTimeout(expire, timeoutMs) };
    send(id, next.action, next.payload);
  }

  function finish(outcome: 'result' | 'error' | 'timeout', call: InFlight): void {
    clearTimeout(call.timer);
    inFlight = undefined;
    onOutcome(call.action, Date.now() - call.sentMs, outcome);
  }

  function expire(): void {
    const call = inFlight;
    if (!call) return;
    call.reject(new CallTimedOut(`${call.action} was not answered within ${timeoutMs} ms`));
    finish('timeout', call);
    sendNext();
  }

  function settle(message: Extract<Message, { type: 'result' | 'error' }>): boolean {
    const call = inFlight;
    if (call?.id !== message.id) return false;
    finish(message.type, call);
    if (message.type === 'result') call.resolve(message.payload);
    else call.reject(new CallErrorReceived(call.action, message.code, message.description, message.details));
    sendNext();
    return true;
  }

  function abandon(): void {
    const gone: Waiting[] = inFlight ? [inFlight, ...waiting] : [...waiting];
    if (inFlight) clearTimeout(inFlight.timer);
    inFlight = undefined;
    waiting.length = 0;
    for (const call of gone)
      call.reject(new NotConnected(`the connection went away before ${call.action} was answered`));
  }

  return { call, settle, abandon, lastSentMs: () => lastSentMs };
}
