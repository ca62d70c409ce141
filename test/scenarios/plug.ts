import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { until } from '../support/until.ts';

/** What came back for a Call. */
export type Outcome =
  | { readonly type: 'result'; readonly payload: Record<string, unknown> }
  | { readonly type: 'error'; readonly code: string; readonly description: string };

/** A bare WebSocket that speaks OCPP-J frames as the story tells it, right or wrong. */
export type Plug = {
  readonly socket: WebSocket;
  /** Sends a Call and resolves with what came back for its id. */
  call(action: string, payload: unknown, messageId?: string): Promise<Outcome>;
  /** `call` that must succeed. */
  ask(action: string, payload: unknown): Promise<Record<string, unknown>>;
  send(text: string): void;
  readonly frames: readonly unknown[][];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(): void;
};

export type PlugOptions = { readonly subprotocols?: readonly string[]; readonly headers?: Record<string, string> };

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
  { subprotocols = ['ocpp1.6'], headers = {} }: PlugOptions = {},
): Promise<Plug> {
  const socket = new WebSocket(url, [...subprotocols], { headers, perMessageDeflate: false });
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

  return { socket, call, ask, send: (text) => socket.send(text), frames, closed, close: () => socket.close() };
}
