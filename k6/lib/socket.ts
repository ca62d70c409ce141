import { b64encode } from 'k6/encoding';
import { WebSocket } from 'k6/websockets';
import { settings } from './settings.ts';

/** What becomes of a socket. `closed` comes last and exactly once, also when it was never open. */
export type Handlers = {
  readonly opened: () => void;
  readonly received: (text: string) => void;
  /** `code` is undefined when the handshake came to nothing. */
  readonly closed: (code: number | undefined) => void;
};

export type Socket = { send(text: string): void; close(code: number): void };

/** The types of k6 know neither the subprotocols nor what a close says. */
type Open = new (
  url: string,
  subprotocols: readonly string[],
  params: { readonly headers: Readonly<Record<string, string>>; readonly tags: Readonly<Record<string, string>> },
) => {
  send(text: string): void;
  close(code: number): void;
  readonly readyState: number;
  onopen: () => void;
  onmessage: (event: { readonly data: string }) => void;
  onerror: (event: unknown) => void;
  onclose: (event: { readonly code?: number }) => void;
};

const OPEN = 1;

/** Opens a charger's WebSocket: subprotocol ocpp1.6, HTTP Basic authentication. [OCPP-J 1.6, 3.1, 6.2] */
export function openSocket(id: string, handlers: Handlers, password = settings.password): Socket {
  const authorization = `Basic ${b64encode(`${id}:${password}`)}`;
  // One name for all: a URL per charger would be a time series per charger.
  const tags = { url: settings.ocppUrl, name: 'charger' };
  const socket = new (WebSocket as unknown as Open)(`${settings.ocppUrl}/${id}`, ['ocpp1.6'], {
    headers: { Authorization: authorization },
    tags,
  });
  socket.onopen = handlers.opened;
  socket.onmessage = ({ data }) => handlers.received(data);
  // Every error is followed by a close, which is counted.
  socket.onerror = () => undefined;
  socket.onclose = ({ code }) => handlers.closed(code);
  return {
    // On its way out it throws: what is not sent stays unanswered, and the close says so.
    send(text) {
      if (socket.readyState === OPEN) socket.send(text);
    },
    close: (code) => socket.close(code),
  };
}
