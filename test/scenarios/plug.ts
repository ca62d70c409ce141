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
  /** Sends a Call and resolves with what came back for its id. Rejects with Unplugged when the socket closes before that. */
  call(action: string, payload: unknown, messageId?: string): Promise<Outcome>;
  /** `call` that must succeed. */
  ask(action: string, payload: unknown): Promise<Record<string, unknown>>;
  send(text: string): void;
  /** Waits for the next Call of the central system that was not taken yet, of this action if given. Rejects as `call`. */
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
  /** With wss: its client certificate, in PEM; any certificate of the server is accepted. */
  readonly certificate?: { readonly cert: string; readonly key: string };
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

/** The socket closed before what was waited for came. */
export class Unplugged extends Error {}

/** Connects. Rejects with Refused when the handshake is answered by an HTTP status. */
export async function plugIn(
  url: string,
  { subprotocols = ['ocpp1.6'], headers = {}, autoPong = true, certificate }: PlugOptions = {},
): Promise<Plug> {
  const tls = url.startsWith('wss:') ? { rejectUnauthorized: false, ...certificate } : {};
  const socket = new WebSocket(url, [...subprotocols], { headers, autoPong, perMessageDeflate: false, ...tls });
  const frames: unknown[][] = [];
  let end: string | undefined;
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      end = `${code} ${reason}`;
      resolve({ code, reason: reason.toString() });
    });
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
    const frame = await nextFrame(`an answer to ${messageId}`, (each) => each[1] === messageId, from);
    if (frame[0] === 3) return { type: 'result', payload: frame[2] as Record<string, unknown> };
    return { type: 'error', code: String(frame[2]), description: String(frame[3]) };
  }

  /** What came before the close is still found. */
  async function nextFrame(what: string, isWanted: (frame: unknown[]) => boolean, from = 0): Promise<unknown[]> {
    const look = () => {
      const frame = frames.slice(from).find(isWanted);
      return frame ? { frame } : end !== undefined && { frame };
    };
    const { frame } = await until(look, { what, everyMs: 2 });
    if (!frame) throw new Unplugged(`closed (${end}) before ${what} came`);
    return frame;
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
    return askedOf(await nextFrame(`a Call ${action ?? ''}`, isWanted));
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
