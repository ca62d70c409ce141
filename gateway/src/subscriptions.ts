import { chargePointChannel, chargePointOf } from '@voltgate/shared/channels.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Bus, Listener } from '@voltgate/shared/ports.ts';

/** The channels of the charge points connected here: who publishes learns from the listeners whether one is. */
export type Subscriptions = {
  /**
   * Resolves to true when the channel is listened to; with Redis away that may take as long as it takes. Resolves to false
   * as soon as it is closed, or opened once more for a successor: nobody waits who has gone.
   */
  open(chargePointId: string): Promise<boolean>;
  close(chargePointId: string): void;
};

export type SubscriptionsOptions = {
  readonly bus: Bus;
  readonly log: Log;
  readonly onText: (chargePointId: string, text: string) => void;
};

type Unsubscribe = () => Promise<void>;
/** Not listened to yet. */
type Opening = { waiting: PromiseWithResolvers<boolean> | undefined };

/**
 * One subscription per charge point, however many connections follow each other on it, also while the bus is away. All share
 * one listener, and nothing of the opening outlives it: there are as many of these as chargers.
 *
 *   opening -- listened to, still wanted --> open -- closed --> left
 *      \------ listened to, wanted no more --------------------/
 */
export function createSubscriptions({ bus, log, onText }: SubscriptionsOptions): Subscriptions {
  const channels = new Map<string, Opening | Unsubscribe>();
  const listener: Listener = (text, channel) => onText(chargePointOf(channel), text);

  async function begin(chargePointId: string, opening: Opening): Promise<void> {
    channels.set(chargePointId, opening);
    try {
      const unsubscribe = await bus.subscribe(chargePointChannel(chargePointId), listener);
      if (!opening.waiting) return await leave(chargePointId, unsubscribe);
      channels.set(chargePointId, unsubscribe);
      opening.waiting.resolve(true);
    } catch (error) {
      channels.delete(chargePointId);
      opening.waiting?.reject(error);
    }
  }

  async function leave(chargePointId: string, unsubscribe: Unsubscribe): Promise<void> {
    channels.delete(chargePointId);
    await unsubscribe().catch((error: unknown) => log.warn({ err: error, chargePointId }, 'channel not left'));
  }

  return {
    open(chargePointId) {
      const known = channels.get(chargePointId);
      if (typeof known === 'function') return Promise.resolve(true);
      known?.waiting?.resolve(false);
      const waiting = Promise.withResolvers<boolean>();
      if (known) known.waiting = waiting;
      else void begin(chargePointId, { waiting });
      return waiting.promise;
    },
    close(chargePointId) {
      const known = channels.get(chargePointId);
      if (typeof known === 'function') return void leave(chargePointId, known);
      known?.waiting?.resolve(false);
      if (known) known.waiting = undefined;
    },
  };
}
