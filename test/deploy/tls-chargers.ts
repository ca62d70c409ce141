import { WebSocket } from 'ws';
import { until } from '../support/until.ts';

/** A charger that does nothing but hold a WebSocket over TLS. */
export type TlsCharger = {
  readonly id: string;
  readonly socket: WebSocket;
  /** Undefined while it is connected. */
  closeCode(): number | undefined;
  /** By performance.now(); undefined while it is connected. */
  closedAtMs(): number | undefined;
};

export type ConnectOptions = {
  readonly url: string;
  readonly certificate: string;
  /** More for the TLS socket and the request: ciphers, localAddress, headers. */
  readonly request?: Readonly<Record<string, unknown>>;
};

const HEARTBEAT = JSON.stringify([2, 'owned', 'Heartbeat', {}]);

/** Connects all at the same time. Resolves when each has had an answer: it is then owned by its gateway. */
export async function connectAll(ids: readonly string[], options: ConnectOptions): Promise<TlsCharger[]> {
  return await Promise.all(ids.map((id) => connectCharger(id, options)));
}

/** Connects and waits for an answer. Rejects when the handshake is refused or the socket closes before. */
export async function connectCharger(id: string, options: ConnectOptions): Promise<TlsCharger> {
  const { url, certificate, request = {} } = options;
  const socket = new WebSocket(`${url}/${id}`, ['ocpp1.6'], { ca: certificate, perMessageDeflate: false, ...request });
  let closeCode: number | undefined;
  let closedAtMs: number | undefined;
  await new Promise<void>((resolve, reject) => {
    socket.on('open', () => socket.send(HEARTBEAT));
    socket.once('message', () => resolve());
    socket.on('error', reject);
    socket.on('close', (code) => {
      closeCode = code;
      closedAtMs = performance.now();
      reject(new Error(`${id} was closed with ${code}`));
    });
  });
  return { id, socket, closeCode: () => closeCode, closedAtMs: () => closedAtMs };
}

/** Ends every socket at once, as if a cell of the mobile network had gone, and waits until they are gone. */
export async function cutAll(chargers: readonly TlsCharger[]): Promise<void> {
  for (const { socket } of chargers) socket.terminate();
  await until(() => chargers.every(({ closeCode }) => closeCode() !== undefined));
}
