import type { FrameRecord } from '@voltgate/shared/ports.ts';
import type { RawFrame } from './frame-log.ts';
import type { Caller } from './incoming-calls.ts';

type Correlated = Pick<FrameRecord, 'kind' | 'messageId' | 'action' | 'latencyMs' | 'errorCode' | 'traceId'>;
type OpenCall = Correlated & { readonly direction: 'in' | 'out'; readonly atMs: number };

/** A charger that never answers must not grow its list for ever. */
const MOST_OPEN = 100;
/** [OCPP-J 1.6, 4.2] type and message id, then the action of a Call or the code of a CALLERROR; written by us. */
const HEAD = /^\[[234],("(?:[^"\\]|\\.)*")(?:,("(?:[^"\\]|\\.)*"))?/;

/** Gives answers the action, trace id and age of their Calls. Frames of a connection must come in their order. */
export function createCorrelation(): { of(frame: RawFrame): Correlated } {
  const open = new WeakMap<Caller, OpenCall[]>();

  function remember(of: Caller, call: OpenCall): void {
    const calls = open.get(of);
    if (!calls) return void open.set(of, [call]);
    if (calls.length >= MOST_OPEN) calls.shift();
    calls.push(call);
  }

  function take(of: Caller, direction: 'in' | 'out', messageId: string): OpenCall | undefined {
    const calls = open.get(of) ?? [];
    const index = calls.findIndex((call) => call.messageId === messageId && call.direction === direction);
    return index < 0 ? undefined : calls.splice(index, 1)[0];
  }

  return {
    of(frame) {
      const { of, direction, atMs } = frame;
      const read = direction === 'out' ? readHead(frame) : frame;
      const { kind, messageId, action, errorCode, traceId } = read;
      if (kind === 'close') {
        open.delete(of);
        return { kind, messageId, action, latencyMs: null, errorCode, traceId };
      }
      if (kind === 'call') {
        const call = { kind, messageId, action, latencyMs: null, errorCode, traceId };
        remember(of, { ...call, direction, atMs });
        return call;
      }
      // An answer goes the other way than its Call.
      const call = kind === 'unreadable' ? undefined : take(of, direction === 'in' ? 'out' : 'in', messageId);
      return {
        kind,
        messageId,
        action: call?.action ?? action,
        latencyMs: call ? atMs - call.atMs : null,
        errorCode,
        traceId: call?.traceId || traceId,
      };
    },
  };
}

function readHead(frame: RawFrame): RawFrame {
  if (frame.kind === 'close') return frame;
  const [, id = '""', third = '""'] = HEAD.exec(frame.text) ?? [];
  const word = JSON.parse(third) as string;
  return {
    ...frame,
    messageId: JSON.parse(id) as string,
    action: frame.kind === 'call' ? word : '',
    errorCode: frame.kind === 'error' ? word : null,
  };
}
