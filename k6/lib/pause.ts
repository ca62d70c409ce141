import { setTimeout } from 'k6/timers';

/** Resolves after so many ms, without holding up the other chargers of the VU. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(() => resolve(), Math.max(0, ms)));
}
