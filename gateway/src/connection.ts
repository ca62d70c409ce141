import { randomUUID } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import { type Call, readMessage, writeCallError } from '@voltgate/shared/ocpp16/message.ts';
import { RegistrationStatus } from '@voltgate/shared/ocpp16/types.ts';
import type { DisconnectCategory, KnownChargePoint } from '@voltgate/shared/ports.ts';
import type { Trace } from '@voltgate/shared/tracing.ts';
import type { FrameLog } from './frame-log.ts';
import type { Caller, IncomingCalls } from './incoming-calls.ts';
import type { SignsOfLife } from './liveness.ts';
import { type Occupied, occupiedAfter } from './occupied.ts';
import { createOutgoingCalls, type OutgoingCalls } from './outgoing-calls.ts';
import type { Receiver, Socket } from './server.ts';
import { endTraceOfCall, traceCall } from './trace-frames.ts';

/** Close codes of our own: 4000-4999 are for applications. [RFC 6455, 7.4.2] */
export const CLOSE = {
  replaced: 4001,
  noAnswers: 4004,
  flood: 4008,
  goingAway: 1001,
  policy: 1008,
  protocol: 1002,
} as const;

export type ConnectionParts = {
  readonly incomingCalls: IncomingCalls;
  readonly frameLog: FrameLog;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly maxIntake: number;
  readonly messagesPerSecond: number;
  /** Calls of ours that may wait behind the one in flight. */
  readonly outgoingQueue: number;
  /** Calls of ours in a row that may stay unanswered. */
  readonly unansweredCallsLimit: number;
  /** Called for every frame, whatever it holds. */
  readonly onFrame: () => void;
  /** Called once, with this connection, when the socket is gone. */
  readonly onClosed: (connection: Connection, end: ConnectionEnd) => void;
};

/** How a connection ended. */
export type ConnectionEnd = {
  readonly code: number;
  readonly reason: string;
  readonly category: DisconnectCategory;
};

/** A charger may save up messages for so many seconds and send them in one burst. */
const BURST_SECONDS = 10;
/** A peer that vanished sends no close frame. [RFC 6455, 7.1.5] */
const ABNORMAL = 1006;

/** Of an answer: it belongs to the trace of its Call. */
const NO_TRACE: Trace = { traceId: '' };

const BootStatus = Type.Object({ status: RegistrationStatus });

type Waiting = { readonly call: Call; readonly text: string; readonly trace: Trace };

/**
 * One live charge point. Its Calls are taken in order, one at a time: the next is looked at when the one before it was
 * answered, so that what a charger says of one transaction keeps its order. [OCPP-J 1.6, 4.1.1]
 *
 *   held -- claimed, or the registry is away --> open -- last answer sent, draining --> closed
 *     \--------------------------------------------\---- replaced, flood, too slow, peer closes --> closed
 *
 * While it is held its Calls wait in the intake: nothing is said in a charger's name before it has its owner.
 */
export class Connection implements Receiver, Caller, SignsOfLife {
  /** Its registration status is that of the last boot answered here. */
  chargePoint: KnownChargePoint;
  readonly connectionId: string;
  /** The charger's own address. */
  readonly address: string;
  lastSeenAtMs: number = performance.now();
  everPonged = false;
  /** Of its claim; undefined while nobody knows that it is the owner. */
  epoch: number | undefined;
  /** Older connections elsewhere that listen have heard of its claim: from then on they execute nothing. */
  announced = false;
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  #waiting: Waiting[] | undefined;
  #outgoing: OutgoingCalls | undefined;
  #held = true;
  #busy = false;
  #closed = false;
  #onIdle: (() => void) | undefined;
  #ending: ConnectionEnd | undefined;
  #tokens: number;
  #tokensAtMs = this.lastSeenAtMs;
  #unanswered = 0;
  #occupied: Occupied;

  constructor(chargePoint: KnownChargePoint, address: string, socket: Socket, parts: ConnectionParts) {
    this.chargePoint = chargePoint;
    this.connectionId = randomUUID();
    this.address = address;
    this.#tokens = parts.messagesPerSecond * BURST_SECONDS;
    this.#socket = socket;
    this.#parts = parts;
  }

  received(text: string): void {
    if (!this.#frameAllowed()) return;
    const message = readMessage(text);
    const trace = message.type === 'call' ? traceCall(this, message) : NO_TRACE;
    this.#parts.frameLog.received(this, message, text, trace.traceId);
    switch (message.type) {
      case 'call':
        this.#occupied = occupiedAfter(this.#occupied, message);
        return this.#take(message, text, trace);
      case 'result':
      case 'error':
        if (this.#outgoing?.answered(message)) return;
        // An answer to nothing disturbs nothing.
        this.#parts.log.info({ ...this.#fields(), messageId: message.messageId }, 'answer to no call');
        return this.#ignore('answer-to-nothing');
      case 'unreadable':
        if (text.trim() === '') return this.#ignore('empty');
        this.#parts.log.info({ ...this.#fields(), reason: message.reason, length: text.length }, 'frame unreadable');
        if (message.messageId === undefined) return this.#ignore('unreadable');
        return this.#send(writeCallError(message.messageId, message.code, message.reason));
    }
  }

  receivedBinary(): void {
    if (this.#frameAllowed()) this.#ignore('binary');
  }

  ponged(): void {
    this.lastSeenAtMs = performance.now();
    this.everPonged = true;
  }

  closed(code: number, reason: string): void {
    this.#closed = true;
    this.#waiting = undefined;
    this.#parts.frameLog.closed(this, this.#ending?.code ?? code, this.#ending?.reason ?? reason);
    const category = code === ABNORMAL ? 'connection-lost' : 'charge-point-closed';
    this.#outgoing?.closed(this.#ending?.reason ?? 'the charge point disconnected');
    this.#parts.onClosed(this, this.#ending ?? { code, reason, category });
    if (!this.#busy) this.#onIdle?.();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** True when no Call is under way in either direction, and no car is charging as far as was said here. */
  get isIdle(): boolean {
    return !this.#busy && !this.#waiting?.length && this.callsUnderWay === 0 && !this.#occupied;
  }

  /** Our Calls to it that are not settled. */
  get callsUnderWay(): number {
    return this.#outgoing?.pending() ?? 0;
  }

  /** Our Calls to it. Made when first used: most chargers are idle. */
  get outgoing(): OutgoingCalls {
    this.#outgoing ??= this.#createOutgoing();
    return this.#outgoing;
  }

  /** Takes the Calls that waited for the claim, and from now on every one as it comes. */
  serve(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#processWaiting();
  }

  ping(): void {
    this.#socket.ping();
  }

  /** Says why and closes; the close handler has run when this returns. */
  close(code: number, reason: string, category: DisconnectCategory): void {
    this.#ending ??= { code, reason, category };
    this.#socket.close(code, reason);
  }

  /** Closes without a word to a peer that does not listen. */
  drop(reason: string, category: DisconnectCategory): void {
    this.#ending ??= { code: ABNORMAL, reason, category };
    this.#socket.drop();
  }

  /** A Call of ours was answered, whatever the answer says. */
  callAnswered(): void {
    this.#unanswered = 0;
  }

  /** A Call of ours stayed unanswered: some chargers send heartbeats for ever and ignore every Call. */
  callUnanswered(): void {
    this.#unanswered += 1;
    if (this.#unanswered < this.#parts.unansweredCallsLimit) return;
    this.#parts.log.warn({ ...this.#fields(), unanswered: this.#unanswered }, 'charge point answers no call');
    this.close(CLOSE.noAnswers, 'no answer to the calls of the central system', 'no-answers');
  }

  /** Resolves when the Call under way is answered; later ones stay unanswered, and the charger sends them again elsewhere. */
  finish(): Promise<void> {
    this.#waiting = undefined;
    if (!this.#busy || this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Counts a frame; false when there are too many, and then the connection is closed. */
  #frameAllowed(): boolean {
    const nowMs = performance.now();
    const { messagesPerSecond } = this.#parts;
    const refill = ((nowMs - this.#tokensAtMs) / 1_000) * messagesPerSecond;
    this.#tokens = Math.min(messagesPerSecond * BURST_SECONDS, this.#tokens + refill) - 1;
    this.#tokensAtMs = nowMs;
    this.lastSeenAtMs = nowMs;
    this.#parts.onFrame();
    if (this.#tokens >= 0) return true;
    this.#flood('too many messages per second');
    return false;
  }

  #flood(reason: string): void {
    this.#parts.log.warn({ ...this.#fields(), waiting: this.#waiting?.length ?? 0, reason }, 'flood of messages');
    this.close(CLOSE.flood, reason, 'flood');
  }

  #take(call: Call, text: string, trace: Trace): void {
    if (!this.#busy && !this.#held) return this.#process(call, text, trace);
    this.#waiting ??= [];
    if (this.#waiting.length >= this.#parts.maxIntake) return this.#flood('too many unanswered messages');
    this.#waiting.push({ call, text, trace });
  }

  #process(call: Call, text: string, trace: Trace): void {
    const answer = this.#parts.incomingCalls.answer(this, call, text, trace);
    if (typeof answer === 'string') return this.#answer(answer, trace);
    this.#busy = true;
    void answer.then((frame) => {
      this.#busy = false;
      if (call.action === 'BootNotification') this.#booted(frame);
      this.#answer(frame, trace);
      this.#processWaiting();
    });
  }

  #answer(frame: string, trace: Trace): void {
    this.#send(frame);
    endTraceOfCall(trace, frame);
  }

  #processWaiting(): void {
    // Many are answered at once: the loop ends at the first that is not, or when one is being finished for good.
    while (!this.#busy) {
      const next = this.#onIdle ? undefined : this.#waiting?.shift();
      if (!next) return this.#onIdle?.();
      this.#process(next.call, next.text, next.trace);
    }
  }

  /** Keeps the registration status the charger was just told: it decides which commands may be sent. */
  #booted(frame: string): void {
    const conf = readMessage(frame);
    const payload = conf.type === 'result' ? conf.payload : undefined;
    if (!Value.Check(BootStatus, payload) || payload.status === this.chargePoint.registrationStatus) return;
    this.chargePoint = { ...this.chargePoint, registrationStatus: payload.status };
  }

  #createOutgoing(): OutgoingCalls {
    const outgoing = createOutgoingCalls({
      send: (frame, traceId) => this.#send(frame, traceId),
      onAnswered: () => this.callAnswered(),
      onUnanswered: () => this.callUnanswered(),
      maxQueue: this.#parts.outgoingQueue,
    });
    if (this.#closed) outgoing.closed('the charge point disconnected');
    return outgoing;
  }

  #send(frame: string, traceId?: string): void {
    if (this.#closed) return;
    this.#parts.frameLog.sent(this, frame, traceId);
    if (this.#socket.send(frame)) return;
    this.#parts.log.warn(this.#fields(), 'charge point does not read');
    this.drop('the charge point does not read', 'too-slow');
  }

  #ignore(kind: string): void {
    this.#parts.metrics.ignoredFrames.inc({ kind });
  }

  #fields() {
    return { chargePointId: this.chargePoint.chargePointId, connectionId: this.connectionId };
  }
}
