/** What administration tells every gateway, so that it acts on a change at once. Lost news are caught up by caches ending. */
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Bus } from './ports.ts';

const CHANNEL = 'voltgate:{voltgate}:changes';

const ChargePointChange = Type.Object({ type: Type.Literal('charge-point'), chargePointId: Type.String() });

/** Something an operator set up, changed or removed. */
export type Change = { readonly type: 'charge-point'; readonly chargePointId: string };

/** Tells all gateways of a change. Rejects when the bus is away. */
export async function announceChange(bus: Bus, change: Change): Promise<void> {
  await bus.publish(CHANNEL, JSON.stringify(change));
}

/** Hears of every change from now on; the function returned ends it. What is no change of this release is passed over. */
export function hearChanges(bus: Bus, heard: (change: Change) => void): Promise<() => Promise<void>> {
  return bus.subscribe(CHANNEL, (text) => {
    const change: unknown = JSON.parse(text);
    if (Value.Check(ChargePointChange, change)) heard(change);
  });
}
