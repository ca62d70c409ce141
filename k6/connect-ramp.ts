/** Chargers arrive at CONNECT_RATE per second and stay, with nothing but heartbeats, for DURATION_SECONDS after the last. */
import { liveFleet, type Run, setUpFleet } from './lib/fleet.ts';
import { fleetOptions } from './lib/options.ts';
import { pause } from './lib/pause.ts';
import { settings } from './lib/settings.ts';
import { summarize } from './lib/summary.ts';

const SECONDS = settings.durationSeconds(60);
const CONNECT_P95_MS = settings.positive('CONNECT_P95_MS', 2_000);

export const options = fleetOptions(SECONDS, {
  ocpp_connect_duration: [`p(95)<${CONNECT_P95_MS}`],
  ocpp_refused_connects: ['count==0'],
});

/** Registers the chargers. */
export function setup(): Run {
  return setUpFleet();
}

/** One VU. */
export default async function connectRamp(run: Run): Promise<void> {
  const endMs = run.startedAtMs + (settings.chargers / settings.connectRate + SECONDS) * 1_000;
  await liveFleet(run, () => pause(endMs - Date.now()));
}

export const handleSummary = summarize;
