import { CallErrorReceived, type Calls } from './calls.ts';
import type { Clock } from './clock.ts';
import type { Connector } from './connector.ts';
import type { Quirk } from './quirks.ts';

/** What a StatusNotification may say besides the status. */
export type StatusDetails = {
  readonly errorCode?: string;
  readonly info?: string;
  readonly vendorId?: string;
  readonly vendorErrorCode?: string;
};

/** The StatusNotifications that are not answered yet. */
export type Statuses = {
  /** Tells the connector's present status. */
  tell(connector: Connector, details?: StatusDetails): void;
  /** Tells the status of all connectors, as after a boot. */
  tellAll(connectors: readonly Connector[]): void;
  /** Begins to send, or goes on, if the charger is ready. */
  wake(): void;
  length(): number;
  clear(): void;
};

export type StatusesOptions = {
  readonly calls: Calls;
  readonly clock: Clock;
  readonly isReady: () => boolean;
  readonly quirks: ReadonlySet<Quirk>;
  readonly onProgress: () => void;
};

type Notification = {
  readonly payload: { readonly connectorId: number } & Readonly<Record<string, unknown>>;
  refusals: number;
};

/** How often a refused StatusNotification is sent; the specification asks for no retry at all. */
const ATTEMPTS = 3;

/**
 * Creates the sender of statuses. Online every change is told in order; while offline only the newest of a connector is
 * kept, with the time it happened. [OCPP 1.6, 4.9]
 */
export function createStatuses({ calls, clock, isReady, quirks, onProgress }: StatusesOptions): Statuses {
  let waiting: Notification[] = [];
  /** Per connector the status held back by the quirk until a newer one has been sent. */
  const held = new Map<number, Notification>();
  let sending = false;

  function tell(connector: Connector, details: StatusDetails = {}): void {
    const notification: Notification = {
      payload: {
        connectorId: connector.id,
        errorCode: connector.errorCode,
        status: connector.status,
        timestamp: clock.text(clock.stampMs()),
        ...details,
      },
      refusals: 0,
    };
    if (!isReady()) waiting = waiting.filter(({ payload }) => payload.connectorId !== connector.id);
    waiting.push(...(quirks.has('statuses-out-of-order') ? swapped(connector.id, notification) : [notification]));
    wake();
  }

  function swapped(connectorId: number, newer: Notification): Notification[] {
    const older = held.get(connectorId);
    if (older) {
      held.delete(connectorId);
      return [newer, older];
    }
    held.set(connectorId, newer);
    return [];
  }

  function tellAll(connectors: readonly Connector[]): void {
    clear();
    for (const connector of connectors) tell(connector);
    // Nothing newer is to come: after a boot every status is told at once.
    for (const notification of held.values()) waiting.push(notification);
    held.clear();
    wake();
  }

  function wake(): void {
    if (!sending) void sendAll();
  }

  async function sendAll(): Promise<void> {
    sending = true;
    try {
      for (let next = waiting[0]; next && isReady(); next = waiting[0]) {
        if (await send(next)) waiting = waiting.filter((notification) => notification !== next);
        onProgress();
      }
    } finally {
      // In the same step as the last look at the queue, so that no wake is missed.
      sending = false;
    }
  }

  /** True when this one needs no further sending. */
  async function send(notification: Notification): Promise<boolean> {
    try {
      await calls.call('StatusNotification', notification.payload);
      return true;
    } catch (error) {
      if (!(error instanceof CallErrorReceived)) return false;
      notification.refusals += 1;
      return notification.refusals >= ATTEMPTS;
    }
  }

  function clear(): void {
    waiting = [];
    held.clear();
  }

  return { tell, tellAll, wake, length: () => waiting.length, clear };
}
