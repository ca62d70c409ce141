/**
 * Chargers in bulk: `connections` sockets, each with one Call under way at a time, until `seconds` are over or every one has
 * sent `each`. Begins at SIGUSR2, after it printed `connected`; prints one JSON line at the end: messages answered, seconds, CALLERRORs, latency percentiles in ms.
 * Usage: load.ts URL ACTION CONNECTIONS SECONDS EACH FROM
 */
import { WebSocket } from 'ws';
import { type Action, frames } from './message-texts.ts';

const [url = '', action = 'Heartbeat', connections = '100', seconds = '5', each = '0', from = '0'] =
  process.argv.slice(2);
const most = Number(each) || Number.POSITIVE_INFINITY;
const frame = frames[action as Action];
const sockets = await openAll(Number(connections));
const latencies: number[] = [];
const begin = new Promise<void>((resolve) => process.once('SIGUSR2', () => resolve()));
console.log(JSON.stringify({ msg: 'connected' }));
await begin;
let errors = 0;
const beginMs = performance.now();
const endMs = beginMs + Number(seconds) * 1_000;
await Promise.all(sockets.map(run));
const tookSeconds = (performance.now() - beginMs) / 1_000;
for (const socket of sockets) socket.terminate();
latencies.sort((a, b) => a - b);
const at = (share: number) =>
  Number((latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0).toFixed(2));
console.log(
  JSON.stringify({
    msg: 'done',
    messages: latencies.length,
    seconds: tookSeconds,
    errors,
    p50: at(0.5),
    p99: at(0.99),
  }),
);

async function openAll(count: number): Promise<WebSocket[]> {
  const opened: WebSocket[] = [];
  for (let index = 0; index < count; index += 50) {
    const some = Array.from({ length: Math.min(50, count - index) }, (_, offset) =>
      open(`${url}/BENCH-${from}-${index + offset}`),
    );
    opened.push(...(await Promise.all(some)));
  }
  return opened;
}

function open(target: string): Promise<WebSocket> {
  const socket = new WebSocket(target, 'ocpp1.6', { perMessageDeflate: false, skipUTF8Validation: true });
  return new Promise((resolve, reject) => socket.on('open', () => resolve(socket)).on('error', reject));
}

function run(socket: WebSocket, connection: number): Promise<void> {
  let count = 0;
  let sentMs = 0;
  return new Promise((resolve) => {
    const next = () => {
      sentMs = performance.now();
      if (count >= most || sentMs >= endMs) return resolve();
      count += 1;
      socket.send(frame(`${count}`, connection, Number(from) + count));
    };
    socket.on('message', (bytes: Buffer) => {
      latencies.push(performance.now() - sentMs);
      if (bytes[1] === 0x34) errors += 1;
      next();
    });
    socket.on('close', () => resolve());
    next();
  });
}
