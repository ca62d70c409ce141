import type { RefusedIdentity } from '../ports.ts';
import { told } from './define.ts';

/** Identities nobody registered that were refused; any order. */
export const unknownChargePoints = told<readonly RefusedIdentity[]>('gateway.unknown-charge-points', (store, sets) =>
  store.unknownChargePoints(sets.flat()),
);
