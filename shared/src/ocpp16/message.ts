import type { ErrorCode } from './errors.ts';
import { parseJson, writeJson } from './json.ts';

/** A request in either direction. [OCPP-J 1.6, 4.2.1] */
export type Call = {
  readonly type: 'call';
  readonly messageId: string;
  readonly action: string;
  readonly payload: unknown;
};

/** The answer to a Call. [OCPP-J 1.6, 4.2.2] */
export type CallResult = { readonly type: 'result'; readonly messageId: string; readonly payload: unknown };

/** The refusal of a Call. [OCPP-J 1.6, 4.2.3] */
export type CallError = {
  readonly type: 'error';
  readonly messageId: string;
  readonly code: string;
  readonly description: string;
  readonly details: unknown;
};

/** A frame that is no OCPP message. `messageId` is there when one could be read: then it can be refused. */
export type Unreadable = {
  readonly type: 'unreadable';
  readonly messageId: string | undefined;
  readonly code: ErrorCode;
  readonly reason: string;
};

export type Message = Call | CallResult | CallError | Unreadable;

/** Longest message id that is read. [OCPP-J 1.6, 4.1.4] says 36; a little room costs nothing. */
const MAX_MESSAGE_ID = 128;

/**
 * Reads one text frame. Never throws: what is no message comes back as `unreadable`. A `null` or absent
 * payload is read as `{}`, since real chargers send both.
 */
export function readMessage(text: string): Message {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return unreadable(undefined, 'FormationViolation', 'the frame is not JSON');
  }
  if (!Array.isArray(value)) return unreadable(undefined, 'FormationViolation', 'the message is not a JSON array');
  const [type, messageId, third, fourth, fifth] = value as unknown[];
  if (typeof messageId !== 'string' || messageId.length > MAX_MESSAGE_ID) {
    return unreadable(undefined, 'FormationViolation', 'the message id is not a short string');
  }
  switch (type) {
    case 2:
      if (typeof third !== 'string') return unreadable(messageId, 'FormationViolation', 'the action is not a string');
      if (value.length > 4) return unreadable(messageId, 'FormationViolation', 'a Call has four elements');
      return { type: 'call', messageId, action: third, payload: fourth ?? {} };
    case 3:
      return { type: 'result', messageId, payload: third ?? {} };
    case 4:
      return {
        type: 'error',
        messageId,
        code: typeof third === 'string' ? third : 'GenericError',
        description: typeof fourth === 'string' ? fourth : '',
        details: fifth ?? {},
      };
    default:
      return unreadable(messageId, 'ProtocolError', 'the message type is none of 2, 3 and 4');
  }
}

/** Text of a Call. */
export function writeCall(messageId: string, action: string, payload: unknown): string {
  return writeJson([2, messageId, action, payload]);
}

/** Text of a CallResult. */
export function writeCallResult(messageId: string, payload: unknown): string {
  return writeJson([3, messageId, payload]);
}

/** Text of a CallError. The description is cut at 255 characters. [OCPP-J 1.6, 4.2.3] */
export function writeCallError(messageId: string, code: ErrorCode, description: string, details: unknown = {}): string {
  return writeJson([4, messageId, code, description.slice(0, 255), details]);
}

function unreadable(messageId: string | undefined, code: ErrorCode, reason: string): Unreadable {
  return { type: 'unreadable', messageId, code, reason };
}
