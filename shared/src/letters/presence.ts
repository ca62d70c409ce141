import type { PresenceChange } from '../ports.ts';
import { told } from './define.ts';

/** Who came and went, guarded by epoch. */
export const presence = told<readonly PresenceChange[]>('gateway.presence', (store, sets) =>
  store.presence(sets.flat()),
);
