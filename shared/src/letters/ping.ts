import { asked } from './define.ts';

/** A round trip through queue, worker and store: what readiness means. */
export const ping = asked<Record<string, never>, Record<string, never>>('gateway.ping', async (store) => {
  await store.ping();
  return {};
});
