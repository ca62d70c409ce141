/** The only file that knows uWebSockets.js: upgrades, bytes to text and back, closing. */
import {
  App,
  type HttpRequest,
  type HttpResponse,
  type us_listen_socket,
  us_listen_socket_close,
  type us_socket_context_t,
  us_socket_local_port,
  type WebSocket,
} from 'uWebSockets.js';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import type { Log } from '@voltgate/shared/log.ts';

/** What a charger's upgrade request says, copied before anything else happens: uWS forgets it at once. */
export type UpgradeRequest = {
  /** Path without the query string, still percent-encoded. */
  readonly path: string;
  readonly authorization: string;
  /** Offered subprotocols, '' when none. */
  readonly subprotocols: string;
  /** Every X-Forwarded-For, in the order of the lines: proxies that add a line of their own come last. */
  readonly forwardedFor: string;
  /** Every X-Forwarded-Proto, likewise. */
  readonly forwardedProto: string;
  /** What CLIENT_CERTIFICATE_HEADER says; '' when it is absent, or there twice. */
  readonly clientCertificate: string;
  readonly remoteAddress: string;
};

/** A live WebSocket. Every method may be called on a closed one: it then does nothing. */
export type Socket = {
  /** False when the charger reads so slowly that the frame was dropped. */
  send(text: string): boolean;
  ping(): void;
  /** Sends a close frame and closes; the close handler runs before this returns. */
  close(code: number, reason: string): void;
  /** Ends it at once, without a close frame: for a peer that does not listen. The close handler runs before this returns. */
  drop(): void;
};

/** The one who listens to a socket. */
export type Receiver = {
  received(text: string): void;
  /** A frame that is not text. */
  receivedBinary(): void;
  ponged(): void;
  closed(code: number, reason: string): void;
};

/** What becomes of an upgrade request. */
export type Verdict =
  | { readonly accept: (socket: Socket) => Receiver; readonly subprotocol: string }
  | { readonly refuse: number; readonly headers?: Readonly<Record<string, string>>; readonly reason: string };

export type ServerOptions = {
  readonly host: string;
  readonly port: number;
  readonly maxMessageBytes: number;
  readonly maxBackpressureBytes: number;
  /** 0 = no limit, or 8 to 960. */
  readonly idleTimeoutSeconds: number;
  /** Name of a header, '' = none. */
  readonly clientCertificateHeader: string;
  readonly log: Log;
  /** Decides about a request; must not reject. */
  readonly upgrade: (request: UpgradeRequest) => Promise<Verdict>;
};

export type Server = {
  readonly port: number;
  /** No new connections; those that are stay. */
  stopListening(): void;
};

type UserData = {
  /** Gone when it was called: it holds what only the upgrade needed. */
  accept: ((socket: Socket) => Receiver) | undefined;
  receiver: Receiver | undefined;
  socket: LiveSocket | undefined;
};

const STATUS: Readonly<Record<number, string>> = {
  400: '400 Bad Request',
  401: '401 Unauthorized',
  404: '404 Not Found',
  426: '426 Upgrade Required',
  429: '429 Too Many Requests',
  503: '503 Service Unavailable',
};
const DROPPED = 2;
/** LIBUS_LISTEN_EXCLUSIVE_PORT: without it two processes would share a port silently. */
const EXCLUSIVE_PORT = 1;
/** The native function takes host and options together; its types do not say so. */
type Listen = (
  host: string,
  port: number,
  options: number,
  listening: (token: us_listen_socket | false) => void,
) => unknown;

/** Runs a write the way uWS wants it, inside a cork. */
type Corked = (write: () => void) => void;

/** Starts listening. Rejects when the address is taken. */
export function createServer(options: ServerOptions): Promise<Server> {
  const { log } = options;

  /** No exception may cross into native code. */
  function guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      log.error({ err: error }, 'socket handler failed');
    }
  }

  let held: HttpResponse | undefined;
  const heldPath = `/${randomUUID()}`;
  const corked: Corked = (write) => (held ? held.cork(write) : write());

  const app = App({}).ws<UserData>('/*', {
    maxPayloadLength: options.maxMessageBytes,
    maxBackpressure: options.maxBackpressureBytes,
    // Whoever sent the frame that was dropped closes, and says why.
    closeOnBackpressureLimit: false,
    idleTimeout: options.idleTimeoutSeconds,
    sendPingsAutomatically: false,
    // [OCPP-J 1.6, 5.4] chargers of 1.6 know no compression.
    compression: 0,
    upgrade: (response, request, context) => guarded(() => upgrade(options, corked, response, request, context)),
    open: (ws) =>
      guarded(() => {
        const data = ws.getUserData();
        data.socket = new LiveSocket(ws);
        data.receiver = data.accept?.(data.socket);
        data.accept = undefined;
      }),
    message: (ws, bytes, isBinary) =>
      guarded(() => {
        const { receiver } = ws.getUserData();
        if (isBinary) receiver?.receivedBinary();
        else receiver?.received(Buffer.from(bytes).toString('utf8'));
      }),
    pong: (ws) => guarded(() => ws.getUserData().receiver?.ponged()),
    close: (ws, code, reason) =>
      guarded(() => {
        const data = ws.getUserData();
        data.socket?.forget();
        data.receiver?.closed(code, Buffer.from(reason).toString('utf8'));
      }),
  });
  app.get(heldPath, (response) => {
    held = response;
    response.onAborted(() => {
      held = undefined;
    });
  });
  app.any('/*', (response) => {
    response
      .writeStatus('426 Upgrade Required')
      .writeHeader('Upgrade', 'websocket')
      .end('Chargers connect here with a WebSocket.\n');
  });

  return new Promise((resolve, reject) => {
    const listening = (token: us_listen_socket | false) => {
      if (!token)
        return reject(new Error(`OCPP_PORT: port ${options.port} on ${options.host} is taken or may not be used`));
      const port = us_socket_local_port(token);
      holdResponse(options.host, port, heldPath, log);
      resolve({ port, stopListening: () => us_listen_socket_close(token) });
    };
    const listen = app.listen.bind(app) as unknown as Listen;
    listen(options.host, options.port, EXCLUSIVE_PORT, listening);
  });
}

/**
 * Makes this server hold one response for ever, to lend its cork to upgrades. An upgrade that waited for its verdict must
 * not be corked by its own response: that cork goes on to read the response's state when it has become a WebSocket, and
 * now and then closes it. [uWebSockets pull request 1929] Without any cork uWS complains on standard error each time.
 */
function holdResponse(host: string, port: number, path: string, log: Log): void {
  const own = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const socket = connect(port, own, () => socket.write(`GET ${path} HTTP/1.1\r\nHost: ${own}\r\n\r\n`));
  socket.on('error', (error) => log.warn({ err: error }, 'no response to cork upgrades with'));
  socket.unref();
}

function upgrade(
  options: ServerOptions,
  corked: Corked,
  response: HttpResponse,
  request: HttpRequest,
  context: us_socket_context_t,
): void {
  const key = request.getHeader('sec-websocket-key');
  const extensions = request.getHeader('sec-websocket-extensions');
  const copied: UpgradeRequest = {
    path: request.getUrl(),
    authorization: request.getHeader('authorization'),
    subprotocols: request.getHeader('sec-websocket-protocol'),
    forwardedFor: linesOf(request, 'x-forwarded-for').join(','),
    forwardedProto: linesOf(request, 'x-forwarded-proto').join(','),
    clientCertificate: onlyLineOf(request, options.clientCertificateHeader.toLowerCase()),
    remoteAddress: Buffer.from(response.getRemoteAddressAsText()).toString('latin1'),
  };
  let aborted = false;
  response.onAborted(() => {
    aborted = true;
  });
  void options.upgrade(copied).then((verdict) => {
    if (aborted) return;
    if ('accept' in verdict) {
      const data: UserData = { accept: verdict.accept, receiver: undefined, socket: undefined };
      corked(() => response.upgrade(data, key, verdict.subprotocol, extensions, context));
    } else refuse(response, verdict);
  });
}

/** Every value of a header; `getHeader` gives the first alone, which is the client's own when a proxy adds another. */
function linesOf(request: HttpRequest, name: string): string[] {
  const lines: string[] = [];
  request.forEach((key, value) => {
    if (key === name) lines.push(value);
  });
  return lines;
}

function onlyLineOf(request: HttpRequest, name: string): string {
  const lines = name === '' ? [] : linesOf(request, name);
  return lines.length === 1 ? (lines[0] ?? '') : '';
}

function refuse(response: HttpResponse, verdict: Extract<Verdict, { refuse: number }>): void {
  response.cork(() => {
    response.writeStatus(STATUS[verdict.refuse] ?? '400 Bad Request');
    for (const [name, value] of Object.entries(verdict.headers ?? {})) response.writeHeader(name, value);
    response.writeHeader('Content-Type', 'text/plain; charset=utf-8').end(`${verdict.reason}\n`, true);
  });
}

/** uWS throws on a closed socket; this one knows when to keep still. */
class LiveSocket implements Socket {
  #ws: WebSocket<UserData> | undefined;

  constructor(ws: WebSocket<UserData>) {
    this.#ws = ws;
  }

  send(text: string): boolean {
    return this.#ws !== undefined && this.#ws.send(text) !== DROPPED;
  }

  ping(): void {
    this.#ws?.ping();
  }

  close(code: number, reason: string): void {
    this.#ws?.end(code, reason);
  }

  drop(): void {
    this.#ws?.close();
  }

  forget(): void {
    this.#ws = undefined;
  }
}
