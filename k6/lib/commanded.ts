import type { Payload, Respond } from './calls.ts';
import { pause } from './pause.ts';

/** How often each command, known by the `data` of its DataTransfer, was executed by a charger of this VU. */
const executed = new Map<string, number>();
let count = 0;

/** A DataTransfer nobody else sends. */
export function newCommand(id: string): { readonly data: string; readonly payload: Payload } {
  const data = `${id}/${++count}`;
  return { data, payload: { vendorId: 'k6', data } };
}

/** How often it was executed; forgets it. */
export function timesExecuted(data: string): number {
  const times = executed.get(data) ?? 0;
  executed.delete(data);
  return times;
}

/** A charger that notes what it executes and answers after so long. */
export function executing(delayMs = 0): Respond {
  return async (action, { data }) => {
    if (action !== 'DataTransfer') return undefined;
    executed.set(String(data), (executed.get(String(data)) ?? 0) + 1);
    if (delayMs > 0) await pause(delayMs);
    return { status: 'Accepted' };
  };
}
