import type { Inside } from './inside.ts';
import { pause } from './pause.ts';

/** A heartbeat is at least this far from the one before, whatever interval is asked for. */
const SHORTEST_MS = 10;

/**
 * Sends a Heartbeat whenever nothing was sent for the heartbeat interval, until the signal aborts. One timer, looked at
 * only when it fires, so that messages cost nothing. [OCPP 1.6, 4.6]
 */
export async function beat(inside: Inside, signal: AbortSignal): Promise<void> {
  const { calls, configuration, settings } = inside;
  while (!signal.aborted) {
    const intervalMs = Math.max(configuration.number('HeartbeatInterval') * settings.secondMs, SHORTEST_MS);
    const dueInMs = calls.lastSentMs() + intervalMs - Date.now();
    if (dueInMs > 0) await pause(dueInMs, signal);
    else await sendHeartbeat(inside);
  }
}

/** Sends one Heartbeat and sets the clock by its answer. Never rejects: a lost heartbeat is followed by the next. */
export async function sendHeartbeat({ calls, clock }: Inside): Promise<void> {
  await calls.call('Heartbeat', {}).then(
    (conf) => clock.set(conf.currentTime),
    () => undefined,
  );
}
