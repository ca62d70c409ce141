import { told } from './define.ts';

/** When each charge point was last heard, ms since 1970; the newest wins. */
export const lastSeen = told<readonly { readonly chargePointId: string; readonly seenAtMs: number }[]>(
  'gateway.last-seen',
  (store, sets) => store.seen(sets.flat()),
);
