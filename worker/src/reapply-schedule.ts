import type { ReapplyAvailability } from '@voltgate/shared/availability.ts';
import { chargePointChannel } from '@voltgate/shared/channels.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Bus, Registry } from '@voltgate/shared/ports.ts';
import type { Reapplication } from '@voltgate/shared/store/reapply-availability.ts';

export type ReapplyScheduleOptions = {
  readonly store: { takeReapplications(bootedBefore: Date): Promise<readonly Reapplication[]> };
  readonly registry: Pick<Registry, 'owner'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly log: Log;
  /** ms a charge point has after its boot to show by its statuses that it did not forget. */
  readonly reapplyDelayMs: number;
};

/**
 * A schedule that asks the owners of charge points to tell them again what their boot made them forget. Best effort, once
 * per boot: what reaches nobody is a line in the log. Safe to run by several workers at one time.
 */
export function createReapplySchedule(options: ReapplyScheduleOptions): (now: Date) => Promise<void> {
  const { store, registry, bus, log } = options;

  async function ask({ chargePointId, intents }: Reapplication): Promise<void> {
    const owner = await registry.owner(chargePointId);
    const { connectionId = '' } = owner ?? {};
    const message: ReapplyAvailability = { type: 'reapply-availability', connectionId, intents: [...intents] };
    const heard = owner ? await bus.publish(chargePointChannel(chargePointId), JSON.stringify(message)) : 0;
    if (heard === 0) log.warn({ chargePointId, intents }, 'availability after a boot reached nobody');
  }

  return async function reapplyAvailability(now) {
    const taken = await store.takeReapplications(new Date(now.getTime() - options.reapplyDelayMs));
    for (const each of taken) {
      await ask(each).catch((error: unknown) =>
        log.warn({ err: error, ...each }, 'availability after a boot could not be asked for'),
      );
    }
  };
}
