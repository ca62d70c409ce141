import type { Call } from '@voltgate/shared/ocpp16/message.ts';

/** Connectors of a charge point with a car on them, as far as it said so on this connection; undefined = none. */
export type Occupied = ReadonlySet<number> | undefined;

const BUSY: readonly unknown[] = ['Preparing', 'Charging', 'SuspendedEV', 'SuspendedEVSE', 'Finishing'];

/**
 * What is occupied once the charger has said this. A hint for whoever would rather disturb an idle charger, no more: a
 * StopTransaction names no connector, so it ends them all, and what goes on is heard of again with its next meter values.
 */
export function occupiedAfter(before: Occupied, { action, payload }: Call): Occupied {
  switch (action) {
    case 'StartTransaction':
      return withConnector(before, payload);
    case 'MeterValues':
      return Number(fieldOf(payload, 'transactionId')) > 0 ? withConnector(before, payload) : before;
    case 'StatusNotification':
      return BUSY.includes(fieldOf(payload, 'status')) ? withConnector(before, payload) : without(before, payload);
    case 'StopTransaction':
    case 'BootNotification':
      return undefined;
    default:
      return before;
  }
}

function withConnector(before: Occupied, payload: unknown): Occupied {
  const connectorId = fieldOf(payload, 'connectorId');
  if (typeof connectorId !== 'number' || before?.has(connectorId)) return before;
  return new Set(before).add(connectorId);
}

function without(before: Occupied, payload: unknown): Occupied {
  if (!before) return undefined;
  const left = new Set(before);
  left.delete(Number(fieldOf(payload, 'connectorId')));
  return left.size === 0 ? undefined : left;
}

// The payload may not have been looked at yet.
function fieldOf(payload: unknown, name: string): unknown {
  return typeof payload === 'object' && payload !== null ? Reflect.get(payload, name) : undefined;
}
