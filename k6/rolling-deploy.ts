/**
 * Steady load while somebody replaces the gateways: closes with 1001 or 1012 are expected, and everything else as ever.
 * Replace them while this runs for DURATION_SECONDS.
 */
import { type Charger, liveFleet, type Run, setUpFleet } from './lib/fleet.ts';
import { fleetOptions } from './lib/options.ts';
import { settings } from './lib/settings.ts';
import { summarize } from './lib/summary.ts';

const SECONDS = settings.durationSeconds(600);
/** p99 of the time from the close to the next accepted boot. */
const BACK_P99_MS = settings.positive('BACK_P99_MS', 30_000);

export const options = fleetOptions(SECONDS, { ocpp_offline_duration: [`p(99)<${BACK_P99_MS}`] });

/** Registers the chargers. */
export function setup(): Run {
  return setUpFleet();
}

/** One VU. */
export default async function rollingDeploy(run: Run): Promise<void> {
  const endMs = run.startedAtMs + SECONDS * 1_000;
  const isOver = () => Date.now() >= endMs;
  await liveFleet(
    run,
    async ({ charge }: Charger) => {
      while (!isOver()) await charge({ isOver });
    },
    { expectedCodes: [1001, 1012] },
  );
}

export const handleSummary = summarize;
