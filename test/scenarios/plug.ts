import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { until } from '../support/until.ts';

/** What came back for a Call. */
export type Outcome =
  | { readonly type: 'result'; readonly payload: Record<string, unknown> }
  | { readonly type: 'error'; readonly code: string; readonly description: string };

/** A Call of the central system. */
export type Asked = {
  readonly messageId: string;
  readonly action: string;
  readonly payload: Record<string, unknown>;
  /** Answers it with a CALLRESULT. */
  answer(payload: unknown): void;
  /** Answers it with a CALLERROR. */
  refuse(code: string, description: string): void;
};

/** A bare WebSocket that speaks OCPP-J frames as the story tells it, right or wrong. */
export type Plug = {
  readonly socket: WebSocket;
  /** Sends a Call and resolves with what came back for its id. */
  call(action: string, payload: unknown, messageId?: string): Promise<Outcome>;
  /** `call` that must succeed. */
  ask(action: string, payload: unknown): Promise<Record<string, unknown>>;
  send(text: string): void;
  /** Waits for the next Call of the central system that was not taken yet, of this action if given. */
  asked(action?: string): Promise<Asked>;
  /** Answers every Call of the central system from now on. */
  answerAll(payloadFor: (asked: Asked) => unknown): void;
  readonly frames: readonly unknown[][];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(): void;
};

export type PlugOptions = {
  readonly subprotocols?: readonly string[];
  readonly headers?: Record<string, string>;
  /** Default true. */
  readonly autoPong?: boolean;
};

/** A refused handshake. */
export class Refused extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;

  constructor(status: number, headers: Record<string, string | string[] | undefined>) {
    super(`refused with ${status}`);
    this.status = status;
    this.headers = headers;
  }
}

/** Connects. Rejects with Refused when the handshake is answered by an HTTP status. */
export async function plugIn(
  url: string,
  { subprotocols = ['ocpp1.6'], headers = {}, autoPong = true }: PlugOptions = {},
): Promise<Plug> {
  const socket = new WebSocket(url, [...subprotocols], { headers, autoPong, perMessageDeflate: false });
  const frames: unknown[][] = [];
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  socket.on('message', (bytes) => frames.push(JSON.parse(bytes.toString()) as unknown[]));
  await new Promise<void>((resolve, reject) => {
    socket.on('open', () => resolve());
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, response) =>
      reject(new Refused(response.statusCode ?? 0, response.headers)),
    );
  });

  async function call(action: string, payload: unknown, messageId: string = randomUUID()): Promise<Outcome> {
    const from = frames.length;
    socket.send(JSON.stringify([2, messageId, action, payload]));
    return await outcomeOf(messageId, from);
  }

  async function outcomeOf(messageId: string, from: number): Promise<Outcome> {
    const frame = await until(() => frames.slice(from).find((each) => each[1] === messageId), {
      what: `an answer to ${messageId}`,
      everyMs: 2,
    });
    if (frame[0] === 3) return { type: 'result', payload: frame[2] as Record<string, unknown> };
    return { type: 'error', code: String(frame[2]), description: String(frame[3]) };
  }

  async function ask(action: string, payload: unknown): Promise<Record<string, unknown>> {
    const outcome = await call(action, payload);
    if (outcome.type === 'error') throw new Error(`${action} was refused: ${outcome.code} ${outcome.description}`);
    return outcome.payload;
  }

  const taken = new Set<unknown>();

  function askedOf(frame: unknown[]): Asked {
    const [, id, action, payload] = frame;
    taken.add(frame);
    return {
      messageId: String(id),
      action: String(action),
      payload: payload as Record<string, unknown>,
      answer: (conf) => socket.send(JSON.stringify([3, id, conf])),
      refuse: (code, description) => socket.send(JSON.stringify([4, id, code, description, {}])),
    };
  }

  async function asked(action?: string): Promise<Asked> {
    const isWanted = (frame: unknown[]) =>
      frame[0] === 2 && !taken.has(frame) && (action === undefined || frame[2] === action);
    return askedOf(await until(() => frames.find(isWanted), { what: `a Call ${action ?? ''}`, everyMs: 2 }));
  }

  function answerAll(payloadFor: (asked: Asked) => unknown): void {
    socket.on('message', (bytes) => {
      const frame = JSON.parse(bytes.toString()) as unknown[];
      if (frame[0] !== 2) return;
      const call = askedOf(frames.find((each) => each[0] === 2 && each[1] === frame[1]) ?? frame);
      call.answer(payloadFor(call));
    });
  }

  const send = (text: string) => socket.send(text);
  return { socket, call, ask, send, asked, answerAll, frames, closed, close: () => socket.close() };
}
