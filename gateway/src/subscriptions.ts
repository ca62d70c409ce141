import { chargePointChannel } from '@voltgate/shared/channels.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Bus } from '@voltgate/shared/ports.ts';

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

/** One subscription per charge point, however many connections follow each other on it. */
export function createSubscriptions({ bus, log, onText }: SubscriptionsOptions): Subscriptions {
  const channels = new Map<string, Promise<Unsubscribe>>();

  return {
    async open(chargePointId) {
      let opening = channels.get(chargePointId);
      if (!opening) {
        const begun = bus.subscribe(chargePointChannel(chargePointId), (text) => onText(chargePointId, text));
        channels.set(chargePointId, begun);
        begun.catch(() => {
          if (channels.get(chargePointId) === begun) channels.delete(chargePointId);
        });
        opening = begun;
      }
      await opening;
    },
    close(chargePointId) {
      const opened = channels.get(chargePointId);
      channels.delete(chargePointId);
      opened
        ?.then((unsubscribe) => unsubscribe())
        .catch((error: unknown) => log.warn({ err: error, chargePointId }, 'channel not left'));
    },
  };
}
