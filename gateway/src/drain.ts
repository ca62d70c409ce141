import { setTimeout as sleep } from 'node:timers/promises';
import { withinMs } from '@voltgate/shared/within.ts';
import type { Connection } from './connection.ts';

export type DrainOptions = {
  /** What is still connected. */
  readonly live: () => readonly Connection[];
  readonly closeCode: number;
  /** Sockets per second. */
  readonly rate: number;
  /** Longest wait of one socket for the Calls under way on it. */
  readonly waitMs: number;
};

const STEP_MS = 50;
const REASON = 'the gateway is stopping';

/** How long `drain` takes at most. */
export function drainMs({ rate, waitMs }: Pick<DrainOptions, 'rate' | 'waitMs'>, connections: number): number {
  return Math.ceil((connections / rate) * 1_000) + waitMs;
}

/** Closes all sockets in random order at the rate, each when the Calls under way on it are answered. */
export async function drain({ live, closeCode, rate, waitMs }: DrainOptions): Promise<void> {
  const startedAtMs = performance.now();
  const begun = new Set<Connection>();
  const finishing: Promise<void>[] = [];
  while (true) {
    const due = Math.max(1, Math.floor(((performance.now() - startedAtMs + STEP_MS) / 1_000) * rate));
    // Looked at anew each time: a handshake that had begun before may still end in a connection.
    const left = shuffled(live().filter((connection) => !begun.has(connection)));
    if (left.length === 0) break;
    for (const connection of left.slice(0, Math.max(0, due - begun.size))) {
      begun.add(connection);
      finishing.push(finish(connection, closeCode, waitMs));
    }
    await sleep(STEP_MS);
  }
  await Promise.all(finishing);
}

async function finish(connection: Connection, closeCode: number, waitMs: number): Promise<void> {
  await withinMs(waitMs, answered(connection, Date.now() + waitMs));
  connection.close(closeCode, REASON, 'gateway-stopping');
}

/** First our Calls, while the charger may still say what it likes; then its last one. */
async function answered(connection: Connection, untilMs: number): Promise<void> {
  while (connection.callsUnderWay > 0 && !connection.isClosed && Date.now() < untilMs) await sleep(STEP_MS);
  await connection.finish();
}

function shuffled<T>(items: T[]): T[] {
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = Math.floor(Math.random() * (index + 1));
    const moved = items[index] as T;
    items[index] = items[other] as T;
    items[other] = moved;
  }
  return items;
}
