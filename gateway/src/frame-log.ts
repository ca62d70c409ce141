import { frames } from '@voltgate/shared/letters/frames.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { Message } from '@voltgate/shared/ocpp16/message.ts';
import type { FrameRecord, Letter } from '@voltgate/shared/ports.ts';
import { redact } from '@voltgate/shared/redaction.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';
import { createCorrelation } from './frame-correlation.ts';
import type { Caller } from './incoming-calls.ts';

/** A frame as the socket path hands it over: everything that costs is left for later. */
export type RawFrame = {
  readonly of: Caller;
  readonly atMs: number;
  readonly direction: 'in' | 'out';
  readonly kind: FrameRecord['kind'];
  /** '' = to be read from the text, which is our own. */
  readonly messageId: string;
  readonly action: string;
  readonly errorCode: string | null;
  readonly text: string;
  /** '' = that of its Call. */
  readonly traceId: string;
};

/**
 * The message log, as the socket path sees it. Best effort: nothing here waits, throws or holds more than its bound; what
 * does not fit, comes too fast or finds the queue away is dropped and counted.
 */
export type FrameLog = {
  /** A frame of the charger; the trace id is its letter's. */
  received(from: Caller, message: Message, text: string, traceId?: string): void;
  /** A frame of ours, as written to the socket; an answer takes the trace id of its Call. */
  sent(to: Caller, text: string, traceId?: string): void;
  closed(of: Caller, code: number, reason: string): void;
  /** Hands over what is left, and ends. */
  close(): Promise<void>;
};

export type FrameLogOptions = {
  readonly gatewayId: string;
  /** `Jobs.log` */
  readonly tell: (letters: readonly Letter[]) => Promise<void>;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'framesDropped'>;
  readonly frameLog: 'on' | 'off';
  readonly frameLogRedactIdTags: boolean;
  readonly frameLogMaxText: number;
  readonly frameLogBuffer: number;
  readonly frameLogRate: number;
};

const FLUSH_MS = 250;
const FLUSH_FRAMES = 500;
const MAX_UNREADABLE_TEXT = 2_048;
const WINDOW_MS = 1_000;

/** Keeps frames for up to 250 ms or 500 of them, then correlates, redacts and tells them. One flush at a time. */
export function createFrameLog(options: FrameLogOptions): FrameLog {
  const { log, metrics, frameLogMaxText: maxText } = options;
  if (options.frameLog === 'off')
    return { received: nothing, sent: nothing, closed: nothing, close: async () => undefined };
  const policy = { idTags: options.frameLogRedactIdTags };
  const correlation = createCorrelation();
  const mostInWindow = (options.frameLogRate * WINDOW_MS) / 1_000;
  let waiting: RawFrame[] = [];
  let flying: Promise<void> | undefined;
  let away = false;
  let inWindow = 0;
  let dropped = 0;
  const window = setInterval(openWindow, WINDOW_MS);
  const timer = setInterval(flush, FLUSH_MS);

  function openWindow(): void {
    inWindow = 0;
    if (dropped > 0) metrics.framesDropped.inc(dropped);
    dropped = 0;
  }

  function keep(frame: RawFrame): void {
    waiting.push(frame);
    // Not from within a socket's handler: five hundred frames take a millisecond or two.
    if (waiting.length === FLUSH_FRAMES) setImmediate(flush);
  }

  function isFull(): boolean {
    inWindow += 1;
    if (inWindow <= mostInWindow && waiting.length < options.frameLogBuffer) return false;
    dropped += 1;
    return true;
  }

  function flush(): void {
    if (flying || waiting.length === 0) return;
    const batch = waiting.length <= FLUSH_FRAMES ? waiting : waiting.slice(0, FLUSH_FRAMES);
    waiting = waiting.slice(batch.length);
    flying = hand(batch).finally(() => {
      flying = undefined;
      if (waiting.length >= FLUSH_FRAMES) setImmediate(flush);
    });
  }

  async function hand(batch: readonly RawFrame[]): Promise<void> {
    try {
      await options.tell([letterOf(batch)]);
      if (away) log.info({}, 'message log goes on');
      away = false;
    } catch (error) {
      dropped += batch.length;
      // One line for one outage.
      if (!away) log.warn({ err: error }, 'queue away, frames are not logged');
      away = true;
    }
  }

  function letterOf(batch: readonly RawFrame[]): Letter {
    return {
      action: frames.name,
      chargePointId: '',
      connectionId: options.gatewayId,
      receivedAtMs: Date.now(),
      traceId: newTraceId(),
      text: frames.write(batch.map(recordOf)),
    };
  }

  function recordOf(frame: RawFrame): FrameRecord {
    const { of, atMs, direction, kind } = frame;
    const text = redact(frame.text, policy);
    const most = kind === 'unreadable' ? Math.min(maxText, MAX_UNREADABLE_TEXT) : maxText;
    return {
      chargePointId: of.chargePoint.chargePointId,
      connectionId: of.connectionId,
      gatewayId: options.gatewayId,
      atMs,
      direction,
      ...correlation.of(frame),
      text: text.length > most ? `${text.slice(0, most - 1)}…` : text,
    };
  }

  function received(of: Caller, message: Message, text: string, traceId = ''): void {
    if (isFull()) return;
    const action = message.type === 'call' ? message.action : '';
    const errorCode = message.type === 'error' || message.type === 'unreadable' ? message.code : null;
    const { type: kind, messageId = '' } = message;
    keep({ of, atMs: Date.now(), direction: 'in', kind, messageId, action, errorCode, text, traceId });
  }

  function sent(of: Caller, text: string, traceId = ''): void {
    if (isFull()) return;
    // Our own frames have no blanks, so the type is always the second character.
    const kind = text[1] === '2' ? 'call' : text[1] === '3' ? 'result' : 'error';
    const rest = { messageId: '', action: '', errorCode: null };
    keep({ of, atMs: Date.now(), direction: 'out', kind, ...rest, text, traceId });
  }

  function closed(of: Caller, code: number, reason: string): void {
    if (isFull()) return;
    const text = reason === '' ? String(code) : `${code} ${reason}`;
    const rest = { messageId: '', action: '', errorCode: null, traceId: '' };
    keep({ of, atMs: Date.now(), direction: 'in', kind: 'close', ...rest, text });
  }

  async function close(): Promise<void> {
    clearInterval(window);
    clearInterval(timer);
    // An outage must not hold the shutdown up: the first failure gives the rest up.
    do {
      flush();
      await flying;
    } while (waiting.length > 0 && !away);
    dropped += waiting.length;
    openWindow();
  }

  return { received, sent, closed, close };
}

const nothing = () => undefined;
