import type { ConnectionOptions } from 'node:tls';
import WebSocket from 'ws';
import { backoffMs } from './backoff.ts';

/** The charger's socket: kept open, opened again after a loss, until it is closed on purpose. */
export type Link = {
  /** Begins to connect, and keeps on until `close` or `cut`. */
  open(): void;
  /** Closes with a closing handshake and stays closed. Resolves when the socket is gone. */
  close(): Promise<void>;
  /** Drops the socket without a closing handshake and stays closed; `halfOpen` keeps TCP up but deaf. */
  cut(halfOpen: boolean): void;
  /** Loses the socket, with or without a closing handshake, and connects again after the backoff. */
  lose(abruptly: boolean): void;
  isOpen(): boolean;
  send(text: string): void;
  /** Why the newest attempt failed or the newest socket closed. */
  lastProblem(): string;
};

export type LinkOptions = {
  readonly url: () => string;
  readonly subprotocols: readonly string[];
  readonly headers: () => Record<string, string>;
  readonly tls: ConnectionOptions;
  readonly autoPong: boolean;
  readonly backoff: { readonly minMs: number; readonly maxMs: number };
  readonly random: () => number;
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  readonly onClose: () => void;
  readonly onRefused: () => void;
};

const CLOSE_HANDSHAKE_MS = 1_000;
const HANDSHAKE_MS = 30_000;

/** Creates the link; nothing happens before `open`. */
export function createLink(options: LinkOptions): Link {
  let wanted = false;
  let socket: WebSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let retryAfterMs = 0;
  let problem = '';
  const deaf: WebSocket[] = [];

  function open(): void {
    wanted = true;
    if (!socket && !timer) connect();
  }

  function connect(): void {
    timer = undefined;
    const mine = new WebSocket(options.url(), [...options.subprotocols], {
      ...options.tls,
      headers: options.headers(),
      autoPong: options.autoPong,
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_MS,
    });
    let opened = false;
    socket = mine;
    mine.on('open', () => {
      if (socket !== mine) return;
      opened = true;
      options.onOpen();
    });
    mine.on('message', (data, isBinary) => {
      if (socket !== mine || isBinary) return;
      failures = 0;
      options.onText(data.toString());
    });
    mine.on('unexpected-response', (request, response) => {
      problem = `HTTP ${response.statusCode}`;
      retryAfterMs = Number(response.headers['retry-after'] ?? 0) * 1_000 || 0;
      request.destroy();
      if (socket === mine) lost(false);
    });
    mine.on('error', (error: Error) => {
      if (socket === mine) problem = error.message || error.name;
    });
    mine.on('close', (code, reason) => {
      if (opened) problem = `closed with ${code} ${reason.toString()}`.trim();
      if (socket === mine) lost(opened);
    });
  }

  function lost(opened: boolean): void {
    socket = undefined;
    if (opened) options.onClose();
    else options.onRefused();
    if (!wanted || timer) return;
    const waitMs = Math.max(backoffMs(failures, options.backoff, options.random), retryAfterMs);
    failures += 1;
    retryAfterMs = 0;
    timer = setTimeout(connect, waitMs);
  }

  function rest(): void {
    wanted = false;
    clearTimeout(timer);
    timer = undefined;
  }

  function close(): Promise<void> {
    rest();
    for (const ear of deaf.splice(0)) ear.terminate();
    const mine = socket;
    if (!mine) return Promise.resolve();
    return new Promise((resolve) => {
      const force = setTimeout(() => mine.terminate(), CLOSE_HANDSHAKE_MS);
      mine.once('close', () => {
        clearTimeout(force);
        resolve();
      });
      mine.close(1000);
    });
  }

  function cut(halfOpen: boolean): void {
    rest();
    const mine = socket;
    if (!mine) return;
    const opened = mine.readyState === WebSocket.OPEN;
    socket = undefined;
    if (halfOpen && opened) {
      mine.pause();
      deaf.push(mine);
    } else mine.terminate();
    if (opened) options.onClose();
  }

  function lose(abruptly: boolean): void {
    if (abruptly) socket?.terminate();
    else socket?.close(1000);
  }

  return {
    open,
    close,
    cut,
    lose,
    isOpen: () => socket?.readyState === WebSocket.OPEN,
    send: (text) => socket?.send(text),
    lastProblem: () => problem,
  };
}
