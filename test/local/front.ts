import { createConnection, createServer, type Socket } from 'node:net';

/** Someone behind the front. */
export type Target = { readonly id: string; readonly host: string; readonly port: number };

/** One port before several processes. */
export type Front = { readonly port: number; close(): Promise<void> };

/** A target that refused is left alone for so long. */
const AVOID_MS = 1_000;
/** Spoken when nobody is there: both of our ports carry HTTP, at first at least. */
const NOBODY = 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/**
 * Listens on the port (0 = any) and hands every TCP connection to the target with the fewest, in turn when equal; one
 * that refuses is skipped. `targets` is asked for each connection. Rejects with the error of listen (EADDRINUSE).
 */
export async function openFront(options: {
  readonly host: string;
  readonly port: number;
  readonly targets: () => readonly Target[];
}): Promise<Front> {
  const counts = new Map<string, number>();
  const avoidUntil = new Map<string, number>();
  const sockets = new Set<Socket>();
  let turn = 0;

  function candidates(): Target[] {
    const targets = options.targets();
    turn += 1;
    const inTurn = targets.map((_, index) => targets[(index + turn) % targets.length]).filter((target) => !!target);
    const avoided = (target: Target) => ((avoidUntil.get(target.id) ?? 0) > Date.now() ? 1 : 0);
    return inTurn.sort((a, b) => avoided(a) - avoided(b) || (counts.get(a.id) ?? 0) - (counts.get(b.id) ?? 0));
  }

  function hand(client: Socket, [target, ...others]: readonly Target[]): void {
    if (client.destroyed) return;
    if (!target) return void client.end(NOBODY);
    count(target.id, 1);
    const server = createConnection({ host: target.host, port: target.port, noDelay: true });
    let connected = false;
    server.once('connect', () => {
      connected = true;
      sockets.add(server);
      // The end of one side is the end of both: a half-closed WebSocket is of no use to anyone.
      client.once('close', () => server.destroy());
      client.pipe(server).pipe(client);
    });
    server.on('error', () => avoidUntil.set(target.id, connected ? 0 : Date.now() + AVOID_MS));
    server.once('close', () => {
      count(target.id, -1);
      sockets.delete(server);
      if (connected) client.destroySoon();
      else hand(client, others);
    });
  }

  function count(id: string, change: number): void {
    counts.set(id, (counts.get(id) ?? 0) + change);
  }

  const listener = createServer({ noDelay: true }, (client) => {
    sockets.add(client);
    // What follows an error is 'close', which is enough.
    client.on('error', () => client.destroy());
    client.once('close', () => sockets.delete(client));
    hand(client, candidates());
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ host: options.host, port: options.port }, () => {
      listener.off('error', reject);
      resolve();
    });
  });
  const address = listener.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    close: async () => {
      const closed = new Promise((resolve) => listener.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
