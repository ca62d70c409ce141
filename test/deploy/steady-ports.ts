import { createServer } from 'node:net';

/** Below what Linux gives to outgoing connections (32768 to 60999). */
const FIRST = 15_000;
const LAST = 32_000;

/**
 * Ports for `portsOf` of a cluster whose gateways are going to be restarted under thousands of connections: one that the
 * kernel chose could meanwhile be the near end of somebody's connection.
 */
export async function steadyPorts(ids: readonly string[]): Promise<Record<string, Record<string, string>>> {
  const taken = new Set<number>();
  const portsOf: Record<string, Record<string, string>> = {};
  for (const id of ids)
    portsOf[id] = {
      OCPP_PORT: await steadyPort(taken),
      API_PORT: await steadyPort(taken),
      OPS_PORT: await steadyPort(taken),
    };
  return portsOf;
}

async function steadyPort(taken: Set<number>): Promise<string> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (taken.has(port) || !(await isFree(port))) continue;
    taken.add(port);
    return String(port);
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}
