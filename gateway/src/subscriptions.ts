import { chargePointChannel, chargePointOf } from '@voltgate/shared/channels.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Bus, Listener } from '@voltgate/shared/ports.ts';

/** The channels of the charge points connected here: who publishes learns from the listeners whether one is. */
export type Subscriptions = {
  /** Resolves when the channel is listened to; with Redis away that may take as long as it takes. */
  open(chargePointId: string): Promise<void>;
  close(chargePointId: string): void;
};

export type SubscriptionsOptions = {
  readonly bus: Bus;
  readonly log: Log;
  readonly onText: (chargePointId: string, text: string) => void;
};

type Unsubscribe = () => Promise<void>;

/**
 * One subscription per charge point, however many connections follow each other on it. All share one listener, and nothing
 * of the opening outlives it: there are as many of these as chargers.
 */
export function createSubscriptions({ bus, log, onText }: SubscriptionsOptions): Subscriptions {
  const channels = new Map<string, Promise<Unsubscribe> | Unsubscribe>();
  const listener: Listener = (text, channel) => onText(chargePointOf(channel), text);

  async function subscribe(chargePointId: string): Promise<Unsubscribe> {
    const opening = bus.subscribe(chargePointChannel(chargePointId), listener);
    channels.set(chargePointId, opening);
    try {
      const unsubscribe = await opening;
      if (channels.get(chargePointId) === opening) channels.set(chargePointId, unsubscribe);
      return unsubscribe;
    } catch (error) {
      if (channels.get(chargePointId) === opening) channels.delete(chargePointId);
      throw error;
    }
  }

  return {
    async open(chargePointId) {
      await (channels.get(chargePointId) ?? subscribe(chargePointId));
    },
    close(chargePointId) {
      const opened = channels.get(chargePointId);
      channels.delete(chargePointId);
      Promise.resolve(opened)
        .then((unsubscribe) => unsubscribe?.())
        .catch((error: unknown) => log.warn({ err: error, chargePointId }, 'channel not left'));
    },
  };
}
