import { withinMs } from '@voltgate/shared/within.ts';
import type { FastifyInstance } from 'fastify';

export type CloseApiOptions = {
  /** How long requests under way may still take. */
  readonly graceMs: number;
  /** Called after it: answers those who wait for a charge point. */
  readonly stopWaiting: () => Promise<void>;
};

/** For what is answered then to be written; a slow reader, or a request that never ends, is cut. */
const LAST_MS = 1_000;

/** Closes the API. No request holds a stopping process up until it is killed with everything else undone. */
export async function closeApi(api: FastifyInstance, { graceMs, stopWaiting }: CloseApiOptions): Promise<void> {
  const closed = api.close();
  if (await withinMs(graceMs, closed)) return;
  await stopWaiting();
  if (await withinMs(LAST_MS, closed)) return;
  api.server.closeAllConnections();
  await closed;
}
