import { setMaxListeners } from 'node:events';
import { boot } from './boot.ts';
import { idleStatus } from './connector.ts';
import { beat } from './heartbeat.ts';
import type { Inside } from './inside.ts';
import type { Link } from './link.ts';
import { sampleByItself } from './metering.ts';

/** What a crash leaves behind. */
export type Crash = {
  /** The outbox survives. */
  readonly keepsQueue?: boolean;
  /** Running transactions survive: their stop can still be told. */
  readonly keepsTransactions?: boolean;
  /** TCP stays up, deaf and mute, as when the power of a modem fails: nobody sees a FIN. */
  readonly halfOpen?: boolean;
};

/**
 * The charger between power on and power off.
 *
 *   off --powerOn--> connecting --open--> booting --Accepted--> ready --close--> connecting --open--> ready
 *                        ^                                        |
 *                        +------------- reboot, crash ------------+   (then it boots again)
 */
export type Life = {
  powerOn(): void;
  powerOff(): Promise<void>;
  crash(crash: Crash): void;
  bootNow(): void;
  reboot(): void;
  isAccepted(): boolean;
  signal(): AbortSignal;
  /** To be called by the link. */
  opened(): void;
  closed(): void;
};

/** Creates the life of a charger whose power is off. `inside` and `link` are asked for late: they need the life, too. */
export function createLife(inside: () => Inside, link: () => Link): Life {
  let power = endedSignal();
  let connected = endedSignal();
  /** Ends the heartbeats. */
  let working = endedSignal();
  let nudge = new AbortController();
  let accepted = false;
  let booting = false;

  function powerOn(): void {
    if (!power.signal.aborted) return;
    power = new AbortController();
    // Every transaction and transfer under way listens to it.
    setMaxListeners(0, power.signal);
    for (const connector of inside().connectors) {
      if (connector.transaction) void sampleByItself(inside(), connector, connector.transaction);
    }
    link().open();
  }

  async function powerOff(): Promise<void> {
    power.abort();
    await link().close();
  }

  function crash({ keepsQueue, keepsTransactions, halfOpen }: Crash): void {
    const { connectors, outbox, statuses, tally } = inside();
    power.abort();
    accepted = false;
    link().cut(halfOpen ?? false);
    statuses.clear();
    if (!keepsQueue) tally.lost += outbox.clear();
    for (const connector of connectors) {
      const { transaction } = connector;
      if (!transaction) continue;
      const tellable = transaction.startConfirmed || keepsQueue;
      if (keepsTransactions && tellable) continue;
      transaction.forgotten = true;
      connector.transaction = undefined;
      connector.status = idleStatus(connector);
    }
  }

  function opened(): void {
    const { settings, tally } = inside();
    tally.connects += 1;
    if (tally.connects > 1) tally.reconnects += 1;
    connected = new AbortController();
    if (accepted && !settings.bootOnReconnect) enter();
    else void bootUntilAccepted(connected.signal);
  }

  function closed(): void {
    connected.abort();
    working.abort();
    inside().calls.abandon();
    inside().conditions.changed();
  }

  async function bootUntilAccepted(signal: AbortSignal): Promise<void> {
    working.abort();
    accepted = false;
    booting = true;
    const done = await boot(inside(), signal, () => nudge.signal);
    // Another connection may have begun its own boot meanwhile.
    if (signal.aborted) return;
    booting = false;
    if (!done) return;
    accepted = true;
    inside().statuses.tellAll(inside().connectors);
    enter();
  }

  function enter(): void {
    working.abort();
    working = new AbortController();
    booting = false;
    void beat(inside(), working.signal);
    inside().statuses.wake();
    inside().outbox.wake();
    inside().conditions.changed();
  }

  function bootNow(): void {
    if (!booting) {
      void bootUntilAccepted(connected.signal);
      return;
    }
    nudge.abort();
    nudge = new AbortController();
  }

  function reboot(): void {
    accepted = false;
    link().lose(false);
  }

  return {
    powerOn,
    powerOff,
    crash,
    bootNow,
    reboot,
    isAccepted: () => accepted,
    signal: () => power.signal,
    opened,
    closed,
  };
}

function endedSignal(): AbortController {
  const controller = new AbortController();
  controller.abort();
  return controller;
}
