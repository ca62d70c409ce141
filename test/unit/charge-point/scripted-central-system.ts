import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';

export type Fields = Record<string, unknown>;
/** One Call of the charger, as it came. */
export type Received = {
  readonly id: string;
  readonly action: string;
  readonly payload: Fields;
  readonly socket: WebSocket;
};
/** A payload to answer with, a CALLERROR code, or null for silence. */
export type Script = (payload: Fields, nth: number) => Fields | string | null | Promise<Fields | string | null>;

const START: Record<string, Script> = {
  BootNotification: () => ({ status: 'Accepted', currentTime: new Date().toISOString(), interval: 300 }),
  Heartbeat: () => ({ currentTime: new Date().toISOString() }),
  Authorize: () => ({ idTagInfo: { status: 'Accepted' } }),
  StartTransaction: (_payload, nth) => ({ transactionId: 100 + nth, idTagInfo: { status: 'Accepted' } }),
};

/** A central system that says what the test tells it to, on a real port. Closed with the test. */
export async function scriptedCentralSystem(t: TestContext, scripts: Record<string, Script> = {}) {
  const script = { ...START, ...scripts };
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const received: Received[] = [];
  const upgrades: IncomingMessage[] = [];
  const texts: string[] = [];
  const answers = new Map<string, (message: unknown[]) => void>();
  /** Calls of the charger not answered yet, now and at most. */
  const open = { now: 0, most: 0 };

  server.on('connection', (socket, request) => {
    upgrades.push(request);
    open.now = 0;
    socket.on('message', (data) => void take(socket, data.toString()));
  });

  async function take(socket: WebSocket, text: string): Promise<void> {
    texts.push(text);
    if (text === '') return;
    const message = JSON.parse(text) as unknown[];
    const id = String(message[1]);
    if (message[0] !== 2) {
      answers.get(id)?.(message);
      return;
    }
    open.now += 1;
    open.most = Math.max(open.most, open.now);
    const action = String(message[2]);
    const payload = (message[3] ?? {}) as Fields;
    received.push({ id, action, payload, socket });
    const answer = await (script[action] ?? (() => ({})))(payload, calls(action).length);
    if (answer === null) return;
    open.now -= 1;
    socket.send(JSON.stringify(typeof answer === 'string' ? [4, id, answer, 'scripted', {}] : [3, id, answer]));
  }

  const calls = (action: string) => received.filter((call) => call.action === action);

  /** Sends a command; resolves to the whole answer. */
  function command(action: string, payload: Fields = {}): Promise<unknown[]> {
    const id = randomUUID();
    const socket = [...server.clients].at(-1);
    const answer = new Promise<unknown[]>((resolve) => answers.set(id, resolve));
    socket?.send(JSON.stringify([2, id, action, payload]));
    return answer;
  }

  /** The payload of the answer to a command. */
  async function ask(action: string, payload: Fields = {}): Promise<Fields> {
    return (await command(action, payload))[2] as Fields;
  }

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ocpp`,
    server,
    script,
    received,
    upgrades,
    texts,
    open,
    calls,
    command,
    ask,
    dropAll: () => {
      for (const socket of server.clients) socket.terminate();
    },
  };
}

/** Waits until a condition holds; throws after half a minute. */
export async function eventually(holds: () => boolean, what: string): Promise<void> {
  const endMs = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await sleep(5);
  }
}
