import type { KnownChargePoint } from '../ports.ts';
import { asked } from './define.ts';

/** Who is this charge point? With `adopt`, an unknown one is registered on the spot. */
export const identify = asked<
  { readonly chargePointId: string; readonly adopt: boolean },
  { readonly known: KnownChargePoint | null }
>('gateway.identify', async (store, { chargePointId, adopt }) => ({
  known: await store.identify(chargePointId, adopt),
}));
