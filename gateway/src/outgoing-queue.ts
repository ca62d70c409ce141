/**
 * Who goes first when a charge point is busy. What ends or frees something is urgent; what only reads can wait.
 * Within one class the order of arrival is kept.
 */
const URGENCY: Readonly<Record<string, number>> = {
  RemoteStopTransaction: 0,
  UnlockConnector: 0,
  Reset: 0,
  RemoteStartTransaction: 1,
  ReserveNow: 1,
  CancelReservation: 1,
  ChangeAvailability: 1,
  SetChargingProfile: 1,
  ClearChargingProfile: 1,
  GetConfiguration: 3,
  GetDiagnostics: 3,
  GetLog: 3,
};
const ORDINARY = 2;

/** A bounded queue by urgency of the action. */
export type OutgoingQueue<Entry> = {
  /** False when it is full; the entry was not taken. */
  add(action: string, entry: Entry): boolean;
  /** The most urgent one, of those the one that has waited longest. */
  next(): Entry | undefined;
  remove(entry: Entry): void;
  readonly size: () => number;
};

/** A queue of at most `maxSize` entries. Adding costs one look at each of those that wait. */
export function createOutgoingQueue<Entry>(maxSize: number): OutgoingQueue<Entry> {
  const waiting: { readonly urgency: number; readonly entry: Entry }[] = [];

  return {
    add(action, entry) {
      if (waiting.length >= maxSize) return false;
      const urgency = URGENCY[action] ?? ORDINARY;
      const behind = waiting.findIndex((other) => other.urgency > urgency);
      waiting.splice(behind < 0 ? waiting.length : behind, 0, { urgency, entry });
      return true;
    },
    next: () => waiting.shift()?.entry,
    remove(entry) {
      const index = waiting.findIndex((other) => other.entry === entry);
      if (index >= 0) waiting.splice(index, 1);
    },
    size: () => waiting.length,
  };
}
