import { authorize } from './authorize.ts';
import { moveTo, type Start, type Stop, start, stop, unplug } from './charging.ts';
import type { Connector, Status } from './connector.ts';
import type { Frame } from './frames.ts';
import { findConnector } from './inside.ts';
import type { OwnAnswer } from './intake.ts';
import type { Crash } from './life.ts';
import { meter } from './metering.ts';
import { type ChargePointOptions, type Settings, settle } from './options.ts';
import type { Entry } from './outbox.ts';
import { createParts } from './parts.ts';
import { pause } from './pause.ts';
import { createReport, type Report } from './report.ts';
import type { StatusDetails } from './statuses.ts';
import type { Transaction } from './transaction.ts';
import { type Payload, readFrame } from './wire.ts';

export { CallErrorReceived, CallTimedOut, NotConnected } from './calls.ts';
export { CommandRefused } from './commands/command.ts';
export { WaitedTooLong } from './conditions.ts';
export type { ChargePointOptions, Crash, Frame, OwnAnswer, Report, Transaction };

type AtConnector<T> = T & { readonly connectorId: number };

/**
 * One OCPP 1.6-J charger on a real WebSocket. What it does by itself: connect and reconnect, boot, heartbeat, tell its
 * statuses, send its outbox, obey commands. What a story does: everything a driver or an accident would.
 * Promises about transactions never reject: they resolve when the message was answered, or when it has to wait offline.
 */
export type ChargePoint = {
  readonly id: string;
  readonly settings: Settings;
  /** Switches the power on: connects and boots. Does nothing when it is on. */
  start(): void;
  /** Switches the power off with a closing handshake. Resolves when the socket is gone. */
  stop(): Promise<void>;
  isReady(): boolean;
  /** Resolves when connected, accepted and all statuses are answered; rejects with WaitedTooLong (default 30 s) or aborted. */
  ready(timeoutMs?: number, signal?: AbortSignal): Promise<void>;
  /** Resolves when every transaction-related message is answered; rejects with WaitedTooLong (default 30 s) or aborted. */
  flushed(timeoutMs?: number, signal?: AbortSignal): Promise<void>;
  plugIn(connectorId: number): void;
  /** Takes the cable out; a running transaction stops with EVDisconnected. */
  unplug(connectorId: number): void;
  /** Moves a connector (0 = the charge point) to any status. */
  setStatus(connectorId: number, status: Status, details?: StatusDetails): void;
  /** The idTagInfo, by the central system or while offline by the charger itself. */
  authorize(idTag: string): Promise<Payload>;
  /** Resolves to the transactionId once confirmed, or to null when it has to wait offline or was given up. */
  startTransaction(given: AtConnector<Start>): Promise<number | null>;
  /**
   * Takes a reading after `wh` more Wh (default: what flowed by the clock). Resolves to whether it was answered; false
   * also when no transaction runs.
   */
  meter(connectorId: number, wh?: number): Promise<boolean>;
  /** Resolves to the transaction (`stopConfirmed` says whether it was answered), or to null when none runs. */
  stopTransaction(given: AtConnector<Stop>): Promise<Readonly<Transaction> | null>;
  /** The running transaction of a connector. */
  transaction(connectorId: number): Readonly<Transaction> | undefined;
  /** Sends any Call; resolves to the payload of its CallResult; rejects with CallErrorReceived, CallTimedOut, NotConnected. */
  call(action: string, payload: unknown): Promise<Payload>;
  /** Sends a text frame as it is. */
  sendRaw(text: string): void;
  /** Answers an action in the story's own way from now on; undefined = by itself again. */
  answer(action: string, own: OwnAnswer | undefined): void;
  /** The first frame from now on, sent or received, that fits; rejects with WaitedTooLong (default 30 s). */
  nextMessage(fits: (frame: Frame) => boolean, timeoutMs?: number): Promise<Frame>;
  onFrame(listener: (frame: Frame) => void): () => void;
  /** The newest frames, oldest first, as many as are kept. */
  frames(): Frame[];
  /** The value of a configuration key, or '' when unknown. */
  configuration(key: string): string;
  /** Loses the connection (abruptly = without a closing handshake); the charger comes back by itself. */
  disconnect(abruptly?: boolean): void;
  /** Closes the connection and stays away until `goOnline`; everything else goes on. */
  goOffline(): Promise<void>;
  goOnline(): void;
  /** Loses the power: `start` brings it back. */
  crash(crash?: Crash): void;
  /** Waits charger time; false when the power went before. */
  wait(seconds: number): Promise<boolean>;
  report(): Report;
};

/** Creates a charger with its power off. Throws RangeError on options that cannot work. */
export function createChargePoint(options: ChargePointOptions): ChargePoint {
  const settings = settle(options);
  const ownAnswers = new Map<string, OwnAnswer>();
  const { inside, link, life, frames, send } = createParts(settings, ownAnswers);
  const { clock, conditions, outbox, statuses } = inside;

  function at(connectorId: number, orZero = false): Connector {
    const connector = findConnector(inside, connectorId, orZero);
    if (!connector) throw new RangeError(`there is no connector ${connectorId}`);
    return connector;
  }

  /** A connection lost on the way ends the waiting: the message waits on in the outbox. */
  async function answered(entry: Entry): Promise<void> {
    const lostOrSettled = () => entry.settled || !inside.isReady();
    await conditions.until(lostOrSettled, () => entry.action, Number.POSITIVE_INFINITY);
  }

  function state(): string {
    const why = link.lastProblem() ? `, last problem: ${link.lastProblem()}` : '';
    return `${settings.id} (${link.isOpen() ? 'connected' : 'not connected'}${why})`;
  }

  return {
    id: settings.id,
    settings,
    start: life.powerOn,
    stop: life.powerOff,
    isReady: inside.isReady,
    ready: (timeoutMs = 30_000, signal) =>
      conditions.until(
        () => inside.isReady() && statuses.length() === 0,
        () => `${state()} to be ready`,
        timeoutMs,
        signal,
      ),
    flushed: (timeoutMs = 30_000, signal) =>
      conditions.until(
        () => outbox.length() === 0,
        () => `${state()} to send its last ${outbox.length()} messages`,
        timeoutMs,
        signal,
      ),
    plugIn(connectorId) {
      const connector = at(connectorId);
      connector.pluggedIn = true;
      if (connector.operative && !connector.transaction) moveTo(inside, connector, 'Preparing');
    },
    unplug: (connectorId) => unplug(inside, at(connectorId)),
    setStatus: (connectorId, status, details) => moveTo(inside, at(connectorId, true), status, details),
    authorize: (idTag) => authorize(inside, idTag),
    async startTransaction({ connectorId, ...given }) {
      const connector = at(connectorId);
      if (connector.transaction) throw new RangeError(`connector ${connectorId} has a transaction`);
      const { transaction, entry } = start(inside, connector, given);
      if (!entry) return null;
      await answered(entry);
      return transaction.startConfirmed ? (transaction.transactionId ?? null) : null;
    },
    async meter(connectorId, wh) {
      const entry = meter(inside, at(connectorId), wh);
      if (!entry) return false;
      await answered(entry);
      return entry.confirmed;
    },
    async stopTransaction({ connectorId, ...given }) {
      const stopped = stop(inside, at(connectorId), given);
      if (!stopped) return null;
      await answered(stopped.entry);
      return stopped.transaction;
    },
    transaction: (connectorId) => at(connectorId).transaction,
    call: (action, payload) => inside.calls.call(action, payload),
    sendRaw: (text) => send(text, readFrame(text)),
    answer(action, own) {
      if (own) ownAnswers.set(action, own);
      else ownAnswers.delete(action);
    },
    nextMessage: (fits, timeoutMs = 30_000) => frames.next(fits, timeoutMs),
    onFrame: frames.listen,
    frames: frames.kept,
    configuration: inside.configuration.text,
    disconnect: (abruptly = false) => link.lose(abruptly),
    goOffline: link.close,
    goOnline: link.open,
    crash: (crash = {}) => life.crash(crash),
    wait: (seconds) => pause(clock.realMs(seconds), inside.signal()),
    report: () => createReport(inside),
  };
}
