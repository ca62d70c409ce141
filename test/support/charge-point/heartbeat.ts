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
    // One that could not be sent, on a socket about to close, must not be tried again at once.
    if (dueInMs > 0 || !(await sendHeartbeat(inside))) await pause(dueInMs > 0 ? dueInMs : intervalMs, signal);
  }
}

/** Sends one Heartbeat and sets the clock by its answer. Resolves to whether it was answered; never rejects. */
export async function sendHeartbeat({ calls, clock }: Inside): Promise<boolean> {
  return calls.call('Heartbeat', {}).then(
    (conf) => {
      clock.set(conf.currentTime);
      return true;
    },
    () => false,
  );
}
