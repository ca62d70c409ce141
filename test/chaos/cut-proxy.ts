import { connect, createServer, type Socket } from 'node:net';

/** A network between a gateway and Redis that can be cut. */
export type CutProxy = {
  readonly url: string;
  /** Bytes stop in both directions; sockets stay open and silent, as behind a firewall that drops. */
  cut(): void;
  /** The network is back: what was silent is closed, new connections pass. */
  heal(): void;
  close(): void;
};

/** Listens on a free port of the loopback and passes everything on to the server of `url`. */
export async function createCutProxy(url: string): Promise<CutProxy> {
  const target = new URL(url);
  const pairs = new Set<Socket[]>();
  let isCut = false;
  const server = createServer({ pauseOnConnect: true }, (near) => {
    const far = connect(Number(target.port), target.hostname);
    const pair = [near, far];
    pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        pairs.delete(pair);
        for (const each of pair) each.destroy();
      });
    }
    near.on('data', (bytes) => isCut || far.write(bytes));
    far.on('data', (bytes) => isCut || near.write(bytes));
    near.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const proxied = new URL(url);
  proxied.hostname = '127.0.0.1';
  proxied.port = String(port);
  const destroyAll = () => {
    for (const pair of [...pairs]) for (const socket of pair) socket.destroy();
  };
  return {
    url: proxied.href,
    cut() {
      isCut = true;
    },
    heal() {
      isCut = false;
      destroyAll();
    },
    close() {
      destroyAll();
      server.close();
    },
  };
}
