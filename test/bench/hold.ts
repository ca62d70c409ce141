/**
 * Chargers that hold their sockets: connects COUNT of them, answers every Call with `{}`-like payloads, and does what its
 * parent asks over IPC: `storm` (a Heartbeat on every socket at once), `reconnect` (every socket is dropped and opened
 * again at once). Usage: hold.ts FROM COUNT LOCAL_ADDRESS URL...
 */
import { WebSocket } from 'ws';

const [from = '0', count = '1000', localAddress = '127.0.0.1', ...urls] = process.argv.slice(2);
const refused: Record<string, number> = {};
const sockets: (WebSocket | undefined)[] = [];

process.on('message', (order) => {
  if (order === 'storm') void storm().then(send);
  if (order === 'reconnect') void reconnect().then(send);
});
await connectAll(200);
send({ connected: sockets.length });

function send(result: object): void {
  process.send?.({ ...result, refused });
}

async function connectAll(atOnce: number): Promise<void> {
  let next = 0;
  const run = async () => {
    while (next < Number(count)) {
      const index = next;
      next += 1;
      sockets[index] = await connect(index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
}

/** Tries until it is in; a 503 is tried again after a while, as its Retry-After asks, everything else is counted too. */
async function connect(index: number): Promise<WebSocket> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await open(`${urls[(index + attempt) % urls.length]}/IDLE-${Number(from) + index}`);
    if (typeof outcome !== 'string') return outcome;
    refused[outcome] = (refused[outcome] ?? 0) + 1;
    await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 900));
  }
}

function open(url: string): Promise<WebSocket | string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, 'ocpp1.6', { perMessageDeflate: false, localAddress });
    socket.on('open', () => resolve(socket));
    socket.on('unexpected-response', (_request, response) => {
      resolve(String(response.statusCode));
      response.destroy();
    });
    socket.on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? error.message));
    socket.on('message', (bytes: Buffer) => {
      if (bytes[1] !== 0x32) return;
      const [, id] = JSON.parse(bytes.toString()) as [number, string];
      socket.send(JSON.stringify([3, id, { status: 'Accepted' }]));
    });
  });
}

async function storm(): Promise<object> {
  const begin = performance.now();
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket?.once('message', () => resolve());
          socket?.send('[2,"storm","Heartbeat",{}]');
        }),
    ),
  );
  return { stormMs: Math.round(performance.now() - begin) };
}

async function reconnect(): Promise<object> {
  for (const socket of sockets) socket?.terminate();
  const begin = performance.now();
  await connectAll(Number(count));
  return { reconnectMs: Math.round(performance.now() - begin) };
}
