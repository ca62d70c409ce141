import { NotConnected } from './calls.ts';
import type { Inside } from './inside.ts';
import { pause } from './pause.ts';
import type { Payload } from './wire.ts';

/** Wait between two BootNotifications when the central system names no interval or does not answer. */
const OWN_INTERVAL_SECONDS = 10;

/**
 * Sends BootNotification until it is Accepted, at the pace the central system names. Resolves to true when it was;
 * to false when the connection went away before. `nudge()` gives the signal that ends the present wait early.
 * [OCPP 1.6, 4.2]
 */
export async function boot(inside: Inside, connected: AbortSignal, nudge: () => AbortSignal): Promise<boolean> {
  while (!connected.aborted) {
    const seconds = await attempt(inside);
    if (seconds === 'accepted') return true;
    if (seconds === 'not-connected') return false;
    await pause(seconds * inside.settings.secondMs, AbortSignal.any([connected, nudge()]));
  }
  return false;
}

async function attempt(inside: Inside): Promise<'accepted' | 'not-connected' | number> {
  try {
    const conf = await inside.calls.call('BootNotification', bootPayload(inside));
    inside.clock.set(conf.currentTime);
    const interval = typeof conf.interval === 'number' && conf.interval > 0 ? conf.interval : undefined;
    if (conf.status !== 'Accepted') return interval ?? OWN_INTERVAL_SECONDS;
    if (interval !== undefined) inside.configuration.set('HeartbeatInterval', String(interval));
    return 'accepted';
  } catch (error) {
    // A refusal or silence is no answer to the question: ask again.
    return error instanceof NotConnected ? 'not-connected' : OWN_INTERVAL_SECONDS;
  }
}

function bootPayload({ settings, memory }: Inside): Payload {
  return {
    chargePointVendor: settings.vendor,
    chargePointModel: settings.model,
    chargePointSerialNumber: settings.serialNumber,
    firmwareVersion: memory.firmwareVersion,
    meterType: 'Voltgate Meter',
  };
}
