import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import { type Call, readMessage, writeCallError } from '@voltgate/shared/ocpp16/message.ts';
import type { KnownChargePoint } from '@voltgate/shared/ports.ts';
import type { Caller, IncomingCalls } from './incoming-calls.ts';
import type { Receiver, Socket } from './server.ts';

/** Close codes of our own: 4000-4999 are for applications. [RFC 6455, 7.4.2] */
export const CLOSE = {
  replaced: 4001,
  flood: 4008,
  tooSlow: 4009,
  goingAway: 1001,
  policy: 1008,
  protocol: 1002,
} as const;

export type ConnectionParts = {
  readonly incomingCalls: IncomingCalls;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly maxIntake: number;
  /** Called once, with this connection, when the socket is gone. */
  readonly onClosed: (connection: Connection, code: number, reason: string) => void;
};

type Waiting = { readonly call: Call; readonly text: string };

/**
 * One live charge point. Its Calls are taken in order, one at a time: the next is looked at when the one before it was
 * answered, so that what a charger says of one transaction keeps its order. [OCPP-J 1.6, 4.1.1]
 *
 *   open --- last answer sent, draining --> closed
 *     \---- replaced, flood, too slow, peer closes --> closed
 */
export class Connection implements Receiver, Caller {
  readonly chargePoint: KnownChargePoint;
  readonly connectionId: string;
  lastSeenAtMs: number = Date.now();
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  #waiting: Waiting[] | undefined;
  #busy = false;
  #closed = false;
  #onIdle: (() => void) | undefined;

  constructor(chargePoint: KnownChargePoint, connectionId: string, socket: Socket, parts: ConnectionParts) {
    this.chargePoint = chargePoint;
    this.connectionId = connectionId;
    this.#socket = socket;
    this.#parts = parts;
  }

  received(text: string): void {
    this.lastSeenAtMs = Date.now();
    const message = readMessage(text);
    switch (message.type) {
      case 'call':
        return this.#take(message, text);
      case 'result':
      case 'error':
        // No Call of ours is under way: an answer to nothing disturbs nothing.
        return this.#ignore('answer-to-nothing');
      case 'unreadable':
        if (text.trim() === '') return this.#ignore('empty');
        this.#parts.log.info({ ...this.#fields(), reason: message.reason, length: text.length }, 'frame unreadable');
        if (message.messageId === undefined) return this.#ignore('unreadable');
        return this.#send(writeCallError(message.messageId, message.code, message.reason));
    }
  }

  receivedBinary(): void {
    this.lastSeenAtMs = Date.now();
    this.#ignore('binary');
  }

  ponged(): void {
    this.lastSeenAtMs = Date.now();
  }

  closed(code: number, reason: string): void {
    this.#closed = true;
    this.#waiting = undefined;
    this.#parts.onClosed(this, code, reason);
    if (!this.#busy) this.#onIdle?.();
  }

  ping(): void {
    this.#socket.ping();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Resolves when the Call under way is answered; later ones stay unanswered, and the charger sends them again elsewhere. */
  finish(): Promise<void> {
    this.#waiting = undefined;
    if (!this.#busy) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #take(call: Call, text: string): void {
    if (!this.#busy) return this.#process(call, text);
    this.#waiting ??= [];
    if (this.#waiting.length >= this.#parts.maxIntake) {
      this.#parts.log.warn({ ...this.#fields(), waiting: this.#waiting.length }, 'flood of messages');
      return this.close(CLOSE.flood, 'too many unanswered messages');
    }
    this.#waiting.push({ call, text });
  }

  #process(call: Call, text: string): void {
    const answer = this.#parts.incomingCalls.answer(this, call, text);
    if (typeof answer === 'string') return this.#send(answer);
    this.#busy = true;
    void answer.then((frame) => {
      this.#busy = false;
      this.#send(frame);
      this.#processWaiting();
    });
  }

  #processWaiting(): void {
    // Many are answered at once: the loop ends at the first that is not, or when one is being finished for good.
    while (!this.#busy) {
      const next = this.#onIdle ? undefined : this.#waiting?.shift();
      if (!next) return this.#onIdle?.();
      this.#process(next.call, next.text);
    }
  }

  #send(frame: string): void {
    if (this.#closed) return;
    if (!this.#socket.send(frame)) this.close(CLOSE.tooSlow, 'the charge point does not read');
  }

  #ignore(kind: string): void {
    this.#parts.metrics.ignoredFrames.inc({ kind });
  }

  #fields() {
    return { chargePointId: this.chargePoint.chargePointId, connectionId: this.connectionId };
  }
}
