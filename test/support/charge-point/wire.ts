/** The fields of a payload. */
export type Payload = Record<string, unknown>;

/** What a frame says. `other` is everything that is no OCPP-J message. */
export type Message =
  | { readonly type: 'call'; readonly id: string; readonly action: string; readonly payload: Payload }
  | { readonly type: 'result'; readonly id: string; readonly payload: Payload }
  | {
      readonly type: 'error';
      readonly id: string;
      readonly code: string;
      readonly description: string;
      readonly details: unknown;
    }
  | { readonly type: 'other' };

const OTHER: Message = { type: 'other' };

/** Reads one text frame. Never throws. [OCPP-J 1.6, 4.2] */
export function readFrame(text: string): Message {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return OTHER;
  }
  if (!Array.isArray(parts)) return OTHER;
  const [type, id, third, fourth, fifth] = parts as unknown[];
  if (typeof id !== 'string') return OTHER;
  if (type === 2 && typeof third === 'string') return { type: 'call', id, action: third, payload: asPayload(fourth) };
  if (type === 3) return { type: 'result', id, payload: asPayload(third) };
  if (type === 4) {
    return { type: 'error', id, code: String(third), description: String(fourth ?? ''), details: fifth ?? {} };
  }
  return OTHER;
}

/** Text of a Call. */
export function callText(id: string, action: string, payload: unknown): string {
  return JSON.stringify([2, id, action, payload]);
}

/** Text of a CallResult. */
export function resultText(id: string, payload: unknown): string {
  return JSON.stringify([3, id, payload]);
}

/** Text of a CallError. */
export function errorText(id: string, code: string, description: string): string {
  return JSON.stringify([4, id, code, description, {}]);
}

/** The value as fields; everything that has none is `{}`. */
export function asPayload(value: unknown): Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : {};
}
