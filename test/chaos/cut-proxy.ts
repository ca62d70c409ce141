import { connect, createServer, type Socket } from 'node:net';

/** A network between a gateway and Redis that can be cut. */
export type CutProxy = {
  readonly url: string;
  /**
   * Bytes stop in both directions; sockets stay open and silent, as behind a firewall that drops. With `said` only of
   * connections that said it first, new ones too.
   */
  cut(said?: string): void;
  /** The connections that are go silent for good; new ones pass, as when a firewall forgot its states. */
  forget(): void;
  /** Every connection is closed, new ones at once, as when nobody listens. */
  refuse(): void;
  /** The network is back: what was silent is closed, new connections pass. */
  heal(): void;
  close(): void;
};

/** Enough for a client to say its name. */
const OPENING_CHARACTERS = 1_024;

/** Listens on a free port of the loopback and passes everything on to the server of `url`. */
export async function createCutProxy(url: string): Promise<CutProxy> {
  const target = new URL(url);
  const pairs = new Set<Socket[]>();
  let cutOff: string | undefined;
  let refusing = false;
  const forgotten = new WeakSet<Socket[]>();
  const server = createServer({ pauseOnConnect: true }, (near) => {
    if (refusing) return void near.destroy();
    let opening = '';
    const isCut = () => forgotten.has(pair) || (cutOff !== undefined && opening.includes(cutOff));
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
    near.on('data', (bytes) => {
      if (opening.length < OPENING_CHARACTERS) opening += bytes.toString('latin1');
      if (!isCut()) far.write(bytes);
    });
    far.on('data', (bytes) => isCut() || near.write(bytes));
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
    cut(said = '') {
      cutOff = said;
    },
    forget() {
      for (const pair of pairs) forgotten.add(pair);
    },
    refuse() {
      refusing = true;
      destroyAll();
    },
    heal() {
      cutOff = undefined;
      refusing = false;
      destroyAll();
    },
    close() {
      destroyAll();
      server.close();
    },
  };
}
