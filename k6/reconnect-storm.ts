/** Every STORM_EVERY_SECONDS the whole fleet loses its connections at one moment and comes back at once, STORMS times. */
import { type Charger, liveFleet, type Run, setUpFleet } from './lib/fleet.ts';
import { fleetOptions } from './lib/options.ts';
import { pause } from './lib/pause.ts';
import { settings } from './lib/settings.ts';
import { summarize } from './lib/summary.ts';

const STORMS = settings.whole('STORMS', 3);
const EVERY_SECONDS = settings.positive('STORM_EVERY_SECONDS', 60);
/** p99 of the time from the loss to the accepted boot. */
const BACK_P99_MS = settings.positive('BACK_P99_MS', 30_000);
const SECONDS = (STORMS + 1) * EVERY_SECONDS;

export const options = fleetOptions(SECONDS, { ocpp_offline_duration: [`p(99)<${BACK_P99_MS}`] });

/** Registers the chargers. */
export function setup(): Run {
  return setUpFleet();
}

/** One VU. */
export default async function reconnectStorm(run: Run): Promise<void> {
  // By the clock all VUs share, once the last charger has connected.
  const beginMs = run.startedAtMs + (settings.chargers / settings.connectRate) * 1_000;
  const endMs = beginMs + SECONDS * 1_000;
  const isOver = () => Date.now() >= endMs;
  await liveFleet(run, async ({ chargePoint, charge }: Charger) => {
    const charging = (async () => {
      while (!isOver()) await charge({ isOver });
    })();
    for (let storm = 1; storm <= STORMS; storm++) {
      await pause(beginMs + storm * EVERY_SECONDS * 1_000 - Date.now());
      chargePoint.cut(true);
    }
    await charging;
  });
}

export const handleSummary = summarize;
